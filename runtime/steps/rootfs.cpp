#include "runtime/steps/rootfs.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mount.h>

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_mounts.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/base/text.hpp"

namespace ocelot {
namespace {

void set_propagation(int mount, unsigned long propagation, unsigned flags) {
  mount_attr attributes{};
  attributes.propagation = propagation;
  sys::set_mount_attributes(mount, attributes, flags);
}

// Makes the mount that `fd` lies on private: only the root of a mount has attributes, so up through
// ".." to where it takes them.
void make_mount_private(int fd) {
  mount_attr attributes{};
  attributes.propagation = MS_PRIVATE;
  UniqueFd at = sys::open(fd, ".", O_PATH | O_DIRECTORY);
  while (const int error_number = sys::try_set_mount_attributes(at.get(), attributes)) {
    if (error_number != EINVAL) sys::fail(error_number, "mount_setattr (propagation private)");
    UniqueFd above = sys::open(at.get(), "..", O_PATH | O_DIRECTORY);
    // A root that is no mount's, as chroot(2) leaves it, has nothing above it.
    if (sys::same_file(sys::stat(above.get()), sys::stat(at.get())))
      sys::fail(EINVAL, "mount_setattr (propagation private): the root is no mount");
    at = std::move(above);
  }
}

}  // namespace

void set_attributes(int mount, std::uint64_t set, std::uint64_t clear, unsigned flags) {
  if (set == 0 && clear == 0) return;
  mount_attr attributes{};
  attributes.attr_set = set;
  attributes.attr_clr = clear;
  sys::set_mount_attributes(mount, attributes, flags);
}

Root attach_rootfs(const RootfsPlan& plan, UniqueFd tree, bool at_its_path) {
  const UniqueFd host_root = sys::open(AT_FDCWD, "/", O_PATH | O_DIRECTORY);
  if (plan.host_propagation != MS_SHARED)
    set_propagation(host_root.get(), plan.host_propagation, AT_RECURSIVE);
  Context at{[&] { return fmt::format("attach rootfs {}", plan.path); }};
  const UniqueFd target = at_its_path ? sys::open(AT_FDCWD, plan.path, O_PATH | O_DIRECTORY)
                                      : sys::duplicate(host_root.get());
  // What a shared mount gets, its peers on the host would get too; and pivot_root refuses a root
  // below one.
  if (plan.host_propagation == MS_SHARED) make_mount_private(target.get());
  sys::attach(tree.get(), target.get());
  return Root{std::move(tree)};
}

void enter_rootfs(const Root& root, const RootfsPlan& plan, bool at_its_path) {
  Context at{[&] { return fmt::format("enter rootfs {}", plan.path); }};
  const UniqueFd old_root = sys::open(AT_FDCWD, "/", O_PATH | O_DIRECTORY);
  sys::change_directory(root.fd());
  if (plan.no_pivot) {
    // Elsewhere than at its path it lies upon the old root already.
    if (at_its_path) {
      if (plan.host_propagation == MS_SHARED) make_mount_private(old_root.get());
      sys::move_root_here();
    }
    sys::change_root_here();
  } else {
    const trace::Span span{text("pivot_root")};
    sys::pivot_root_here();
    // The old root lies stacked upon the new one. Its mounts may still be peers of the host's,
    // which would go with them.
    if (plan.host_propagation == MS_SHARED) set_propagation(old_root.get(), MS_SLAVE, AT_RECURSIVE);
    sys::detach_mount(".");
  }
  sys::change_directory_to("/");
}

void make_rootfs_readonly(const Root& root) {
  Context at{text("make the rootfs read-only")};
  set_attributes(root.fd(), MOUNT_ATTR_RDONLY, 0);
}

void set_rootfs_propagation(const Root& root, unsigned long propagation) {
  if (propagation == 0) return;
  Context at{text("rootfsPropagation")};
  set_propagation(root.fd(), propagation & ~static_cast<unsigned long>(MS_REC),
                  (propagation & MS_REC) != 0 ? AT_RECURSIVE : 0u);
}

}  // namespace ocelot
