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
#include "runtime/base/process.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/init.hpp"
#include "runtime/plan/make_plan.hpp"

namespace ocelot {
namespace {

void set_oom_score(const ProcessPlan& plan) {
  if (!plan.oom_score_adj) return;
  Context at{text("process.oomScoreAdj")};
  write_value(AT_FDCWD, "/proc/self/oom_score_adj", fmt::format("{}", *plan.oom_score_adj));
}

// Those that belong to a user namespace which is itself to be joined can only be entered from
// inside it: they get a second try.
void join_namespaces(const std::vector<OpenNamespace>& namespaces) {
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

// Root of the user namespace just entered: what it makes from here on belongs to that namespace.
void become_root(const NamespacePlan& plan, const ProcessPlan& process) {
  if (process.set_groups) sys::set_groups({});
  sys::set_gid(is_mapped(plan.gid_mappings, 0) ? 0 : plan.gid_mappings.front().container_id);
  sys::set_uid(is_mapped(plan.uid_mappings, 0) ? 0 : plan.uid_mappings.front().container_id);
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

void enter_time_namespace(const NamespacePlan& plan, const Channel& channel) {
  if (!plan.new_time) return;
  sys::unshare(CLONE_NEWTIME);
  if (!plan.time_offsets.empty()) channel.ask(Step::set_time_offsets);
}

// With the runtime's credentials still, and while it has one thread and no child: what it starts is
// born where it is.
void join_cgroup(const std::vector<UniqueFd>& membership) {
  Context at{text("join cgroup")};
  for (const UniqueFd& file : membership) {
    const int error_number = sys::try_write_value(file.get(), "0");
    if (error_number == 0) continue;
    throw Error{ErrorKind::Failed, "write 0 to tasks", error_number}.with_hint(
        error_number == EINVAL
            ? "a real-time process needs linux.resources.cpu.realtimeRuntime in a new v1 cpu cgroup"
            : "");
  }
}

}  // namespace

int run_stage(const Plan& plan, Handles& handles, Channel& stage, Channel& init) {
  set_oom_score(plan.process);
  join_cgroup(handles.membership);
  // Those who are in a namespace already must not trace what joins it (CVE-2016-9962).
  if (!handles.namespaces.empty()) sys::set_dumpable(false);
  join_namespaces(handles.namespaces);
  enter_user_namespace(plan, stage);
  if (plan.namespaces.create != 0) sys::unshare(plan.namespaces.create);
  enter_time_namespace(plan.namespaces, stage);
  const SpawnOptions options{.flags = CLONE_PARENT |
                                      (plan.namespaces.new_pid ? std::uint64_t{CLONE_NEWPID} : 0)};
  ChildProcess child = spawn(
      "ocelot:[2:INIT]", options,
      [&] {
        stage = Channel{UniqueFd{}};  // else the runtime would not learn that the stage was killed
        return run_init(plan, handles, init);
      },
      [&](const Error& error) { init.tell_failure(error); });
  const pid_t pid = child.pid();
  const UniqueFd pidfd = child.release();
  const int fds[] = {pidfd.get()};
  stage.ask(Step::init_started, pid, fds);
  return 0;
}

}  // namespace ocelot
