#include "runtime/birth.hpp"

#include <fcntl.h>
#include <fmt/core.h>

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/plan/make_plan.hpp"

namespace ocelot {

void set_oom_score(const ProcessPlan& plan) {
  if (!plan.oom_score_adj) return;
  Context at{text("process.oomScoreAdj")};
  write_value(AT_FDCWD, "/proc/self/oom_score_adj", fmt::format("{}", *plan.oom_score_adj));
}

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

void become_root(const NamespacePlan& plan, const ProcessPlan& process) {
  if (process.which_groups == Groups::given) sys::set_groups({});
  sys::set_gid(is_mapped(plan.gid_mappings, 0) ? 0 : plan.gid_mappings.front().container_id);
  sys::set_uid(is_mapped(plan.uid_mappings, 0) ? 0 : plan.uid_mappings.front().container_id);
}

}  // namespace ocelot
