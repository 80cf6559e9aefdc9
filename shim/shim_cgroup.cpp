#include "shim/shim_cgroup.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>

#include "cgroups/cpuset.hpp"
#include "cgroups/hierarchy.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::shim {
namespace {

constexpr const char* file_name = "shim-cgroup";

cgroups::Location locate(const cgroups::Hierarchies& hierarchies, const std::string& path) {
  return cgroups::locate(hierarchies, cgroups::Manager::cgroupfs, path, {});
}

// A process that executed itself anew, or was started by one, is in it already.
std::string home(const cgroups::Hierarchy& hierarchy, const std::string& path) {
  if (hierarchy.own_path == "/" || is_at_or_below(hierarchy.own_path, path)) return {};
  return hierarchy.own_path;
}

std::vector<std::string> remembered(int directory) {
  std::vector<std::string> made;
  const std::string text = read_regular_file_if_exists(directory, file_name).value_or("");
  for (const std::string_view line : split(text, '\n'))
    if (line.starts_with('/')) made.emplace_back(line);
  return made;
}

}  // namespace

void ShimCgroup::check(const std::string& path) {
  try {
    static_cast<void>(locate({}, path));
  } catch (const Error& error) {
    throw Error{ErrorKind::InvalidArgument, fmt::format("--shim-cgroup: {}", error.what())};
  }
}

void ShimCgroup::join(const Member& member) const {
  member.cgroup.write(member.file, "0");
}

void ShimCgroup::enter(const std::string& path, const cgroups::Location& container, int directory) {
  const Context at{text("--shim-cgroup")};
  if (container.paths.empty()) {
    throw Error{ErrorKind::Unsupported, "the container has no cgroup of its own"}.with_hint(
        "what is added to it would be in the shim's");
  }
  const cgroups::Hierarchies hierarchies = cgroups::detect();
  const cgroups::Location location = locate(hierarchies, path);
  made_ = remembered(directory);
  try {
    for (const cgroups::Hierarchy& hierarchy : hierarchies.all) {
      const std::string& own = location.paths.at(hierarchy.name);
      const auto theirs = container.paths.find(hierarchy.name);
      if (theirs != container.paths.end() && is_at_or_below(own, theirs->second)) {
        throw Error{ErrorKind::InvalidArgument,
                    fmt::format("{} is the container's cgroup, or below it", own)};
      }
      Member& member = members_.emplace_back(Member{{hierarchy.mount_point, own},
                                                    {hierarchy.mount_point, home(hierarchy, own)},
                                                    hierarchy.unified ? "cgroup.procs" : "tasks"});
      member.cgroup.make();
      for (const std::string& made : member.cgroup.made()) made_.push_back(made);
      if (std::ranges::count(hierarchy.controllers, "cpuset") > 0 && !hierarchy.unified)
        cgroups::v1::inherit_cpuset(hierarchy.mount_point, member.cgroup.directory());
      join(member);
    }
    write_atomically(directory, file_name, fmt::format("{}\n", fmt::join(made_, "\n")), 0600);
  } catch (...) {
    leave();
    throw;
  }
}

void ShimCgroup::leave() noexcept {
  for (const Member& member : members_) {
    if (member.home.try_write(member.file, "0") == 0) continue;
    // Where it was is gone meanwhile.
    cgroups::Cgroup{member.cgroup.mount_point(), {}}.try_write(member.file, "0");
  }
  for (auto each = made_.rbegin(); each != made_.rend(); ++each)
    static_cast<void>(sys::try_remove_directory(AT_FDCWD, *each));
  members_.clear();
  made_.clear();
}

}  // namespace ocelot::shim
