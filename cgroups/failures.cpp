#include "cgroups/failures.hpp"

#include <fcntl.h>
#include <fmt/core.h>

#include <cerrno>

#include "cgroups/signals.hpp"
#include "cgroups/subtree.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_processes.hpp"

namespace ocelot::cgroups {
namespace {

// The inode of the user namespace that the machine booted with (PROC_USER_INIT_INO).
constexpr const char* initial_user_namespace = "user:[4026531837]";
constexpr const char* uninterruptible =
    "a process that waits for a device or a network file system answers neither a signal nor the "
    "freezer until that does";

}  // namespace

bool refused_as_foreign(int error_number) {
  return error_number == EPERM &&
         (sys::effective_uid() != 0 ||
          sys::read_link(AT_FDCWD, "/proc/self/ns/user") != initial_user_namespace);
}

void fail_frozen(const Cgroup& cgroup) {
  throw Error{ErrorKind::Failed,
              fmt::format("container's cgroup unexpectedly frozen: {}", cgroup.directory())}
      .with_hint("thaw it, or the cgroup above it, or use another cgroupsPath");
}

void fail_not_empty(const Cgroup& cgroup, std::span<const pid_t> pids) {
  throw Error{ErrorKind::Failed, fmt::format("container's cgroup is not empty: {} found in {}",
                                             describe(pids), cgroup.directory())}
      .with_hint("a container needs a cgroup of its own: use another cgroupsPath");
}

void fail_to_freeze(const Cgroup& cgroup, std::span<const pid_t> pids) {
  throw Error{ErrorKind::Failed,
              fmt::format("unable to freeze {} with {}", cgroup.directory(), describe(pids))}
      .with_hint(uninterruptible);
}

void fail_to_kill(std::span<const pid_t> pids) {
  throw Error{ErrorKind::Failed, fmt::format("still alive {} s after SIGKILL: {}",
                                             time_to_die.count(), describe(pids))}
      .with_hint(uninterruptible);
}

void fail_to_remove(const Cgroup& cgroup, int error_number) {
  std::string left;
  if (cgroup.find() != -1) left = fmt::format(" ({} left)", describe(processes_below(cgroup.fd())));
  throw Error{ErrorKind::Failed, fmt::format("rmdir {}{}", cgroup.directory(), left), error_number}
      .with_hint("end the processes that are listed in its cgroup.procs, and delete again");
}

void refuse_limit_below_usage(std::int64_t limit_bytes, std::int64_t usage_bytes) {
  if (limit_bytes >= usage_bytes) return;
  throw Error{ErrorKind::Failed, fmt::format("unable to set memory limit to {} (current usage: {})",
                                             limit_bytes, usage_bytes)}
      .with_hint("choose a limit above what is used, or leave checkBeforeUpdate out");
}

}  // namespace ocelot::cgroups
