#include "shim/peer_cgroup.hpp"

#include <fcntl.h>
#include <fmt/core.h>

#include <algorithm>

#include "cgroups/hierarchy.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/process.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::shim {
namespace {

// PF_EXITING in the ninth field of stat. A thread that has begun to end is shown in the root of
// every v1 hierarchy, and a first thread stays that way for as long as others go on.
bool is_leaving(std::string_view stat) {
  constexpr unsigned exiting = 0x4;
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string_view::npos) return true;
  constexpr std::size_t flags = 6;  // behind the name: state ppid pgrp session tty tpgid flags
  const auto fields = words(stat.substr(name_end + 1));
  const auto value = fields.size() > flags ? parse_integer<unsigned>(fields[flags]) : std::nullopt;
  return !value || (*value & exiting) != 0;
}

}  // namespace

bool is_at_or_below(const cgroups::Location& container,
                    const std::map<std::string, std::string>& memberships) {
  return std::ranges::any_of(container.paths, [&](const auto& path) {
    const auto found = memberships.find(path.first);
    return found != memberships.end() && ocelot::is_at_or_below(found->second, path.second);
  });
}

std::optional<std::string> belongs_to_container(const cgroups::Location& container, pid_t pid,
                                                int pidfd) {
  if (container.paths.empty()) return std::nullopt;
  const std::string gone = fmt::format("pid {} has ended, or its first thread has", pid);
  std::optional<UniqueFd> opened;
  if (pidfd < 0) {
    opened = sys::pidfd_open_if_exists(pid);
    if (!opened) return gone;
    pidfd = opened->get();
  }
  // What is read between two looks at a process that lives is of that process.
  if (wait_readable(pidfd, 0)) return gone;
  const std::string directory = fmt::format("/proc/{}/", pid);
  const auto memberships = read_file_if_exists(AT_FDCWD, directory + "cgroup");
  const auto stat = read_file_if_exists(AT_FDCWD, directory + "stat");
  if (!memberships || !stat || is_leaving(*stat) || wait_readable(pidfd, 0)) return gone;
  if (!is_at_or_below(container, cgroups::memberships(*memberships))) return std::nullopt;
  return fmt::format("pid {} is a process of the container", pid);
}

}  // namespace ocelot::shim
