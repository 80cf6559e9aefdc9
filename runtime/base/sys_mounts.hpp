#pragma once
#include <sys/mount.h>

#include <cstdint>
#include <string>

#include "runtime/base/fd.hpp"

// Mounts, through descriptors only: nothing here resolves a name inside a container.
// man: open_tree(2), move_mount(2), mount_setattr(2), fsopen(2), fsconfig(2), fsmount(2),
// pivot_root(2), umount2(2)
namespace ocelot::sys {

// A detached copy of the mount at `path`; AT_RECURSIVE in `flags` takes what is mounted below
// along.
[[nodiscard]] UniqueFd clone_tree(int dir, const std::string& path, unsigned flags = 0);
// Attaches the detached mount `tree` onto what `target` refers to.
void attach(int tree, int target);
// Changes attributes of the mount that `fd` is the root of. `flags` may hold AT_RECURSIVE. `userns`
// is for MOUNT_ATTR_IDMAP.
void set_mount_attributes(int fd, const mount_attr& attributes, unsigned flags = 0);
int try_set_mount_attributes(int fd, const mount_attr& attributes, unsigned flags = 0) noexcept;
bool is_root_of_mount(int fd);

// A file system being configured. Errors carry what the kernel wrote to the context's log.
class FilesystemContext {
 public:
  explicit FilesystemContext(const std::string& type);
  // Of the one that `mount` is the root of, to be changed. man: fspick(2)
  static FilesystemContext of_mount(const std::string& type, int mount);
  void set_flag(const std::string& key);
  void set_string(const std::string& key, const std::string& value);
  // Creates the superblock and returns it as a detached mount with MOUNT_ATTR_* `attributes`.
  [[nodiscard]] UniqueFd mount(unsigned attributes);
  void reconfigure();

 private:
  FilesystemContext(std::string type, UniqueFd fd) : type_(std::move(type)), fd_(std::move(fd)) {}
  [[noreturn]] void fail_with_log(int error_number, const std::string& call) const;
  std::string type_;
  UniqueFd fd_;
};

// pivot_root(".", "."): the current directory becomes the root, with the old root stacked upon it.
void pivot_root_here();
// Makes the current directory the root by moving its mount there: for initramfs, where pivot_root
// cannot work.
void move_root_here();
void detach_mount(const std::string& path);
// The mount that `fd` is the root of; errno or 0. `own_descriptors` is this process's /proc/self/fd
// of a procfs that is trusted: by its links a descriptor has a name in whatever mount namespace. It
// becomes the current directory.
int try_detach_mount(int own_descriptors, int fd);
void change_root_here();

}  // namespace ocelot::sys
