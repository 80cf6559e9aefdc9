#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mount.h>

#include "runtime/base/error.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_mounts.hpp"
#include "runtime/steps/rootfs.hpp"

namespace ocelot {
namespace {

// A hierarchy is one mount: for it and for all below is the same.
std::uint64_t attributes_of(const MountStep& step) {
  return step.options.set | step.options.recursive_set;
}

UniqueFd place_for(const Root& root, const MountStep& step) {
  UniqueFd target = root.make_directory(step.destination);
  refuse_covering_root(root, step, target.get());
  refuse_covering_proc(step, target.get());
  return target;
}

// A copy of a part of the host's cgroup tree. With a cgroup namespace of its own the container sees
// the container's cgroup as the root of it, just as a new mount made in that namespace would show
// it, and no privilege is needed for it.
UniqueFd copy(const std::string& path, const MountStep& step, std::uint64_t more_attributes) {
  UniqueFd tree = sys::clone_tree(AT_FDCWD, path);
  mount_attr attributes{};
  attributes.attr_set = attributes_of(step) | more_attributes;
  attributes.attr_clr = step.options.clear | step.options.recursive_clear;
  attributes.propagation = MS_SLAVE;
  sys::set_mount_attributes(tree.get(), attributes);
  return tree;
}

const std::string* container_path(const Plan& plan, const cgroups::Hierarchy& hierarchy) {
  const auto found = plan.cgroup.paths.find(hierarchy.name);
  return found == plan.cgroup.paths.end() ? nullptr : &found->second;
}

void attach_unified(const Root& root, const MountStep& step, const Plan& plan,
                    const cgroups::Hierarchy& hierarchy) {
  const UniqueFd target = place_for(root, step);
  const bool own_view =
      plan.namespaces.makes(CLONE_NEWCGROUP) || plan.namespaces.joins(CLONE_NEWCGROUP);
  const std::string* path = container_path(plan, hierarchy);
  // Without a view of its own the container sees the host's whole tree: an unprivileged one must
  // not be able to change it (CVE-2023-25809).
  const bool whole = !own_view || path == nullptr;
  const std::uint64_t forced = whole && plan.rootfs.in_user_namespace ? MOUNT_ATTR_RDONLY : 0;
  sys::attach(
      copy(whole ? hierarchy.mount_point : hierarchy.mount_point + *path, step, forced).get(),
      target.get());
}

void attach_legacy(const Root& root, const MountStep& step, const Plan& plan,
                   const cgroups::Hierarchies& hierarchies) {
  const UniqueFd target = place_for(root, step);
  sys::FilesystemContext context("tmpfs");
  context.set_string("source", "tmpfs");
  context.set_string("mode", "755");
  const UniqueFd directory =
      context.mount(static_cast<unsigned>(attributes_of(step) & ~std::uint64_t{MOUNT_ATTR_RDONLY}));
  sys::attach(directory.get(), target.get());
  for (const cgroups::Hierarchy& hierarchy : hierarchies.all) {
    const std::string* path = container_path(plan, hierarchy);
    if (hierarchy.unified || path == nullptr) continue;
    const std::string name = last_part(hierarchy.mount_point);
    sys::make_directory(directory.get(), name, 0755);
    const UniqueFd place = sys::open(directory.get(), name, O_PATH | O_DIRECTORY | O_NOFOLLOW);
    sys::attach(copy(hierarchy.mount_point + *path, step, 0).get(), place.get());
    for (const std::string& controller : hierarchy.controllers) {
      if (hierarchy.controllers.size() > 1 && controller != name)
        sys::make_symlink(name, directory.get(), controller);
    }
  }
  set_attributes(directory.get(), attributes_of(step) & MOUNT_ATTR_RDONLY, 0);
}

}  // namespace

void attach_cgroup_mount(const Root& root, const MountStep& step, const Plan& plan,
                         const cgroups::Hierarchies& hierarchies) {
  const cgroups::Hierarchy* unified = hierarchies.unified_one();
  if (hierarchies.mode == cgroups::Mode::unified ||
      (step.type == "cgroup2" && unified != nullptr)) {
    attach_unified(root, step, plan, *unified);
  } else if (hierarchies.mode != cgroups::Mode::none && step.type == "cgroup") {
    attach_legacy(root, step, plan, hierarchies);
  } else {
    throw Error{ErrorKind::Unsupported, fmt::format("this host has no {} hierarchy", step.type)}
        .with_hint("leave the mount out, or mount the hierarchy on the host");
  }
}

}  // namespace ocelot
