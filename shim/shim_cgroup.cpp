#include "shim/shim_cgroup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "cgroups/cpuset.hpp"
#include "cgroups/hierarchy.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::shim {
namespace {

cgroups::Location locate(const cgroups::Hierarchies& hierarchies, const std::string& path) {
  return cgroups::locate(hierarchies, cgroups::Manager::cgroupfs, path, {});
}

// A process that executed itself anew is in it already, and came from where it was written down.
std::string home(const cgroups::Hierarchy& hierarchy, const std::string& path,
                 const ShimCgroupRecord& before) {
  if (hierarchy.own_path == "/") return {};
  if (!is_at_or_below(hierarchy.own_path, path)) return hierarchy.own_path;
  const auto known = before.homes.find(hierarchy.mount_point);
  return known == before.homes.end() ? std::string{} : known->second;
}

}  // namespace

void ShimCgroup::check(const std::string& path) {
  try {
    static_cast<void>(locate({}, path));
  } catch (const Error& error) {
    throw Error{ErrorKind::InvalidArgument, fmt::format("--shim-cgroup: {}", error.what())};
  }
}

// Who leaves it may remove it at any time before we are in it.
void ShimCgroup::join(Member& member) const {
  constexpr int attempts = 16;
  cgroups::Cgroup& cgroup = member.cgroup;
  for (int attempt = 1;; ++attempt) {
    try {
      cgroup.make(mode_of_shim_cgroup);
      if (member.v1_cpuset) cgroups::v1::inherit_cpuset(cgroup.mount_point(), cgroup.directory());
      return cgroup.write(member.file, "0");
    } catch (const Error& error) {
      const bool removed = error.error_number() == ENOENT || error.error_number() == ENODEV;
      if (!removed || attempt == attempts) throw;
      cgroup = {cgroup.mount_point(), cgroup.directory().substr(cgroup.mount_point().size())};
    }
  }
}

void ShimCgroup::enter(const std::string& path, const cgroups::Location& container, int directory) {
  const Context at{text("--shim-cgroup")};
  if (container.paths.empty()) {
    throw Error{ErrorKind::Unsupported, "the container has no cgroup of its own"}.with_hint(
        "what is added to it would be in the shim's");
  }
  const cgroups::Hierarchies hierarchies = cgroups::detect();
  const cgroups::Location location = locate(hierarchies, path);
  record_ = load_shim_cgroup(directory);
  try {
    for (const cgroups::Hierarchy& hierarchy : hierarchies.all) {
      const std::string& own = location.paths.at(hierarchy.name);
      const auto theirs = container.paths.find(hierarchy.name);
      if (theirs != container.paths.end() && is_at_or_below(own, theirs->second)) {
        throw Error{ErrorKind::InvalidArgument,
                    fmt::format("{} is the container's cgroup, or below it", own)};
      }
      std::string& from = record_.homes[hierarchy.mount_point];
      from = home(hierarchy, own, record_);
      members_.push_back(
          {{hierarchy.mount_point, own},
           {hierarchy.mount_point, from},
           hierarchy.unified ? "cgroup.procs" : "tasks",
           !hierarchy.unified && std::ranges::count(hierarchy.controllers, "cpuset") > 0});
      for (const std::string& each : members_.back().cgroup.lineage())
        record_.directories.insert(each);
    }
    // Before anything is made: whoever deletes the container finds what a killed shim has left.
    save(directory, record_);
    for (Member& member : members_) join(member);
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
  remove_shim_cgroup(record_);
  members_.clear();
  record_ = {};
}

}  // namespace ocelot::shim
