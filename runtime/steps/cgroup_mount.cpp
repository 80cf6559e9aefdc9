#include <fcntl.h>
#include <sys/mount.h>

#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_mounts.hpp"
#include "runtime/plan/cgroup_views.hpp"
#include "runtime/steps/rootfs.hpp"

namespace ocelot {
namespace {

// A copy of a part of the host's cgroup tree. With a cgroup namespace of its own the container sees
// the container's cgroup as the root of it, just as a new mount made in that namespace would show
// it, and no privilege is needed for it.
UniqueFd copy(const MountStep& step, const CgroupView& view) {
  UniqueFd tree = sys::clone_tree(AT_FDCWD, view.source);
  mount_attr attributes{};
  attributes.attr_set = step.attributes() | (view.readonly ? MOUNT_ATTR_RDONLY : 0);
  attributes.attr_clr = step.options.clear | step.options.recursive_clear;
  attributes.propagation = MS_SLAVE;
  sys::set_mount_attributes(tree.get(), attributes);
  return tree;
}

// A tmpfs with a directory for each view.
void attach_directories(int target, const MountStep& step, const std::vector<CgroupView>& views) {
  sys::FilesystemContext context("tmpfs");
  context.set_string("source", "tmpfs");
  context.set_string("mode", "755");
  const UniqueFd directory =
      context.mount(static_cast<unsigned>(step.attributes() & ~std::uint64_t{MOUNT_ATTR_RDONLY}));
  sys::attach(directory.get(), target);
  for (const CgroupView& view : views) {
    sys::make_directory(directory.get(), view.name, 0755);
    const UniqueFd place = sys::open(directory.get(), view.name, O_PATH | O_DIRECTORY | O_NOFOLLOW);
    sys::attach(copy(step, view).get(), place.get());
    for (const std::string& link : view.links) sys::make_symlink(view.name, directory.get(), link);
  }
  set_attributes(directory.get(), step.attributes() & MOUNT_ATTR_RDONLY, 0);
}

}  // namespace

void attach_cgroup_mount(const Root& root, const MountStep& step, const Plan& plan,
                         const cgroups::Hierarchies& hierarchies) {
  const std::vector<CgroupView> views = cgroup_views(step, plan, hierarchies);
  const UniqueFd target = root.make_directory(step.destination);
  refuse_covering_root(root, step, target.get());
  refuse_covering_proc(step, target.get());
  if (views.size() == 1 && views.front().name.empty())
    return sys::attach(copy(step, views.front()).get(), target.get());
  attach_directories(target.get(), step, views);
}

}  // namespace ocelot
