#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>

#include "runtime/base/error.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_mounts.hpp"
#include "runtime/steps/rootfs.hpp"

namespace ocelot {
namespace {

// What lies on /proc is what labels are written to, by any runtime (CVE-2019-16884).
void refuse_all_but_procfs(int source) {
  constexpr ino_t procfs_root_inode = 1;
  if (on_procfs(source) && sys::stat(source).st_ino == procfs_root_inode) return;
  throw Error{ErrorKind::InvalidSpec, "\"/proc\" cannot be mounted because it is not of type proc"}
      .with_hint("what is bound on /proc has to be the root of a procfs");
}

// What a bind mount is laid upon; made, as an empty directory or file, where it is not there.
UniqueFd bind_target(const Root& root, const MountStep& step, bool directory) {
  if (step.options.dest_nofollow) {
    if (auto link = root.find_link(step.destination)) return std::move(*link);
  }
  return directory ? root.make_directory(step.destination) : root.make_file(step.destination);
}

void copy_symlink(const Root& root, const MountStep& step, int source) {
  const UniqueFd parent = root.make_directory(parent_path(step.destination));
  refuse_covering_proc(step, parent.get());
  const std::string name = last_part(step.destination), target = sys::read_link(source, "");
  const auto there = sys::stat_if_exists(parent.get(), name);
  if (!there) return sys::make_symlink(target, parent.get(), name);
  if (S_ISLNK(there->st_mode) && sys::read_link(parent.get(), name) == target) return;
  throw Error{
      ErrorKind::InvalidSpec,
      fmt::format("{} in the rootfs is not the symbolic link to {} that is to be copied there",
                  step.destination, target),
      EEXIST}
      .with_hint("remove what is there from the rootfs, or leave out the option copy-symlink");
}

}  // namespace

void attach_bind(const Root& root, const MountStep& step, int source) {
  const mode_t type = sys::stat(source).st_mode & S_IFMT;
  if (type == S_IFLNK && step.options.copy_symlink) return copy_symlink(root, step, source);
  const UniqueFd target = bind_target(root, step, type == S_IFDIR);
  refuse_covering_root(root, step, target.get());
  if (step.destination == "/proc") {
    refuse_all_but_procfs(source);
  } else {
    refuse_covering_proc(step, target.get());
  }
  sys::attach(source, target.get());
  set_mount_propagation(source, step);
}

}  // namespace ocelot
