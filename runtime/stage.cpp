#include "runtime/stage.hpp"

#include <fcntl.h>
#include <fmt/core.h>

#include <array>
#include <cstdint>
#include <set>
#include <sstream>
#include <string_view>

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/birth.hpp"
#include "runtime/init.hpp"
#include "runtime/plan/make_plan.hpp"

namespace ocelot {
namespace {

// Those that belong to a user namespace which is itself to be joined can only be entered from
// inside it: they get a second try.
void join_namespaces(const std::vector<OpenNamespace>& namespaces) {
  const trace::Span span{text("join namespaces")};
  std::vector<const OpenNamespace*> refused;
  for (const OpenNamespace& entry : namespaces) {
    const int error_number = sys::try_set_namespace(entry.fd.get(), entry.flag);
    if (error_number == EPERM && entry.flag != CLONE_NEWUSER) {
      refused.push_back(&entry);
    } else if (error_number != 0) {
      sys::fail(error_number, fmt::format("setns (type {:#x})", entry.flag));
    }
  }
  for (const OpenNamespace* entry : refused) sys::set_namespace(entry->fd.get(), entry->flag);
}

// Mappings that are given beside a namespace to join must be its own.
void check_map(const char* file, const std::vector<oci::IdMapping>& wanted) {
  if (wanted.empty()) return;
  std::istringstream lines{read_file(AT_FDCWD, fmt::format("/proc/self/{}", file))};
  std::set<std::array<std::uint64_t, 3>> own, given;
  for (std::array<std::uint64_t, 3> line; lines >> line[0] >> line[1] >> line[2];) own.insert(line);
  for (const oci::IdMapping& map : wanted) given.insert({map.container_id, map.host_id, map.size});
  if (own == given) return;
  throw Error{ErrorKind::InvalidSpec,
              fmt::format("the user namespace to join has another {} than linux.{}Mappings", file,
                          std::string_view{file, 3})}
      .with_hint("leave the mappings out: those of the namespace hold");
}

void enter_user_namespace(const Plan& plan, const Channel& channel) {
  const trace::Span span{text("user namespace")};
  if (plan.namespaces.new_user) {
    sys::unshare(CLONE_NEWUSER);
    channel.ask(Step::map_ids);
  }
  if (plan.namespaces.joins(CLONE_NEWUSER)) {
    check_map("uid_map", plan.namespaces.uid_mappings);
    check_map("gid_map", plan.namespaces.gid_mappings);
  }
  if (plan.namespaces.new_user || plan.namespaces.joins(CLONE_NEWUSER))
    become_root(plan.namespaces, plan.process);
}

void make_namespaces(const NamespacePlan& plan) {
  if (plan.create == 0) return;
  const trace::Span span{text("new namespaces")};
  sys::unshare(plan.create);
}

void enter_time_namespace(const NamespacePlan& plan, const Channel& channel) {
  if (!plan.new_time) return;
  const trace::Span span{text("time namespace")};
  sys::unshare(CLONE_NEWTIME);
  if (!plan.time_offsets.empty()) channel.ask(Step::set_time_offsets);
}

}  // namespace

int run_stage(const Plan& plan, Handles& handles, Channel& stage, Channel& init) {
  set_oom_score(plan.process);
  join_cgroup(handles.membership);
  // Those who are in a namespace already must not trace what joins it (CVE-2016-9962).
  if (!handles.namespaces.empty()) sys::set_dumpable(false);
  join_namespaces(handles.namespaces);
  enter_user_namespace(plan, stage);
  make_namespaces(plan.namespaces);
  enter_time_namespace(plan.namespaces, stage);
  bear(plan.namespaces.new_pid ? std::uint64_t{CLONE_NEWPID} : 0, "ocelot:[2:INIT]", stage, init,
       [&] { return run_init(plan, handles, init); });
  return 0;
}

}  // namespace ocelot
