#include "runtime/base/sys_mounts.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

#include "runtime/base/error.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"

namespace ocelot::sys {

UniqueFd clone_tree(int dir, const std::string& path, unsigned flags) {
  const unsigned empty = path.empty() ? AT_EMPTY_PATH : 0u;
  const long fd = ::syscall(SYS_open_tree, dir, path.c_str(),
                            OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | empty | flags);
  if (fd == -1)
    fail(errno,
         fmt::format("open_tree {}", path.empty() ? fmt::format("descriptor {}", dir) : path));
  return UniqueFd{static_cast<int>(fd)};
}

void attach(int tree, int target) {
  if (::syscall(SYS_move_mount, tree, "", target, "",
                MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) == -1) {
    fail(errno, "move_mount");
  }
}

int try_set_mount_attributes(int fd, const mount_attr& attributes, unsigned flags) noexcept {
  const long result =
      ::syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH | flags, &attributes, sizeof attributes);
  return result == -1 ? errno : 0;
}

void set_mount_attributes(int fd, const mount_attr& attributes, unsigned flags) {
  if (const int error_number = try_set_mount_attributes(fd, attributes, flags)) {
    fail(error_number,
         fmt::format("mount_setattr (set {:#x}, clear {:#x}, propagation {:#x})",
                     std::uint64_t{attributes.attr_set}, std::uint64_t{attributes.attr_clr},
                     std::uint64_t{attributes.propagation}));
  }
}

bool is_root_of_mount(int fd) {
  struct statx facts;
  if (::statx(fd, "", AT_EMPTY_PATH, 0, &facts) == -1) fail(errno, fmt::format("statx {}", fd));
  return (facts.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

FilesystemContext::FilesystemContext(const std::string& type) : type_(type) {
  const long fd = ::syscall(SYS_fsopen, type.c_str(), FSOPEN_CLOEXEC);
  if (fd == -1) {
    throw Error{errno == ENODEV ? ErrorKind::Unsupported : ErrorKind::Failed,
                fmt::format("fsopen {}", type), errno}
        .with_hint(
            errno == ENODEV
                ? fmt::format("this kernel has no file system '{}': see /proc/filesystems", type)
                : "");
  }
  fd_ = UniqueFd{static_cast<int>(fd)};
}

FilesystemContext FilesystemContext::of_mount(const std::string& type, int mount) {
  const long fd = ::syscall(SYS_fspick, mount, "", FSPICK_CLOEXEC | FSPICK_EMPTY_PATH);
  if (fd == -1) fail(errno, "fspick");
  return {type, UniqueFd{static_cast<int>(fd)}};
}

void FilesystemContext::fail_with_log(int error_number, const std::string& call) const {
  std::string log;
  std::array<char, 1024> line;
  for (;;) {
    const ssize_t length = ::read(fd_.get(), line.data(), line.size());
    if (length <= 0) break;
    std::string text(line.data(), static_cast<std::size_t>(length));
    while (!text.empty() && text.back() == '\n') text.pop_back();
    log += (log.empty() ? " (" : "; ") + text;
  }
  if (!log.empty()) log += ")";
  fail(error_number, fmt::format("{} {}{}", call, type_, log));
}

void FilesystemContext::set_flag(const std::string& key) {
  if (::syscall(SYS_fsconfig, fd_.get(), FSCONFIG_SET_FLAG, key.c_str(), nullptr, 0) == -1) {
    fail_with_log(errno, fmt::format("fsconfig {}", key));
  }
}

void FilesystemContext::set_string(const std::string& key, const std::string& value) {
  constexpr std::size_t longest = 255;
  if (value.size() > longest) {
    throw Error{ErrorKind::InvalidSpec,
                fmt::format("{} of {} has {} bytes, and fsconfig(2) takes {}", key, type_,
                            value.size(), longest)}
        .with_hint("use shorter paths, by symbolic links for one");
  }
  if (::syscall(SYS_fsconfig, fd_.get(), FSCONFIG_SET_STRING, key.c_str(), value.c_str(), 0) ==
      -1) {
    fail_with_log(errno, fmt::format("fsconfig {}={}", key, value));
  }
}

void FilesystemContext::reconfigure() {
  if (::syscall(SYS_fsconfig, fd_.get(), FSCONFIG_CMD_RECONFIGURE, nullptr, nullptr, 0) == -1) {
    fail_with_log(errno, "fsconfig reconfigure");
  }
}

UniqueFd FilesystemContext::mount(unsigned attributes) {
  if (::syscall(SYS_fsconfig, fd_.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) == -1) {
    fail_with_log(errno, "fsconfig create");
  }
  const long fd = ::syscall(SYS_fsmount, fd_.get(), FSMOUNT_CLOEXEC, attributes);
  if (fd == -1) fail_with_log(errno, "fsmount");
  return UniqueFd{static_cast<int>(fd)};
}

void pivot_root_here() {
  if (::syscall(SYS_pivot_root, ".", ".") == -1) fail(errno, "pivot_root");
}

void move_root_here() {
  if (::mount(".", "/", nullptr, MS_MOVE, nullptr) == -1) fail(errno, "mount --move . /");
}

void change_root_here() {
  if (::chroot(".") == -1) fail(errno, "chroot");
}

void detach_mount(const std::string& path) {
  if (::umount2(path.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) == -1)
    fail(errno, fmt::format("umount2 {}", path));
}

int try_detach_mount(int own_descriptors, int fd) {
  change_directory(own_descriptors);
  return ::umount2(std::to_string(fd).c_str(), MNT_DETACH) == 0 ? 0 : errno;
}

}  // namespace ocelot::sys
