#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mount.h>

#include "runtime/base/error.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_mounts.hpp"
#include "runtime/steps/rootfs.hpp"

namespace ocelot {
namespace {

void make_readonly(const Root& root, const std::string& path) {
  Context at{[&] { return fmt::format("readonlyPaths {}", path); }};
  const auto target = root.find(path);
  if (!target) return;
  // What lies upon "/" nobody sees who is in it already.
  if (is_root(root, target->get())) return make_rootfs_readonly(root);
  const UniqueFd tree = sys::clone_tree(target->get(), "", AT_RECURSIVE);
  set_attributes(tree.get(), MOUNT_ATTR_RDONLY, 0, AT_RECURSIVE);
  sys::attach(tree.get(), target->get());
}

// What covers masked paths: for files the null device, for directories an empty tmpfs. One of each
// serves all: the first use attaches it, the others attach copies (hundreds of masks would
// otherwise be hundreds of superblocks).
class Masks {
 public:
  explicit Masks(UniqueFd null_device) : file_{std::move(null_device), false} {}

  void cover(int target) {
    Mask& mask = S_ISDIR(sys::stat(target).st_mode) ? directory() : file_;
    if (!mask.attached) {
      sys::attach(mask.mount.get(), target);
      mask.attached = true;
    } else {
      sys::attach(sys::clone_tree(mask.mount.get(), "").get(), target);
    }
  }

 private:
  struct Mask {
    UniqueFd mount;
    bool attached = false;
  };

  Mask& directory() {
    if (!directory_.mount) {
      sys::FilesystemContext context("tmpfs");
      context.set_string("source", "tmpfs");
      context.set_string("nr_inodes", "2");
      context.set_string("size", "4k");
      directory_.mount = context.mount(MOUNT_ATTR_RDONLY);
    }
    return directory_;
  }

  Mask file_, directory_;
};

}  // namespace

void protect_paths(const Root& root, const RootfsPlan& plan, UniqueFd null_device) {
  for (const std::string& path : plan.readonly_paths) make_readonly(root, path);
  Masks masks(std::move(null_device));
  for (const std::string& path : plan.masked_paths) {
    Context at{[&] { return fmt::format("maskedPaths {}", path); }};
    if (const auto target = root.find(path)) masks.cover(target->get());
  }
}

}  // namespace ocelot
