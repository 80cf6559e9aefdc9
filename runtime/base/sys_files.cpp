#include "runtime/base/sys_files.hpp"

#include <dirent.h>
#include <endian.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <linux/close_range.h>
#include <linux/openat2.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <time.h>

#include <array>
#include <cstring>

#include "runtime/base/error.hpp"
#include "runtime/base/kernel_abi.hpp"
#include "runtime/base/sys.hpp"

namespace ocelot::sys {

UniqueFd open(int dir, const std::string& path, int flags, mode_t mode) {
  const int fd = retry([&] { return ::openat(dir, path.c_str(), flags | O_CLOEXEC, mode); });
  if (fd == -1) fail(errno, fmt::format("openat {}", path));
  return UniqueFd{fd};
}

std::optional<UniqueFd> open_if_exists(int dir, const std::string& path, int flags) {
  const int fd = retry([&] { return ::openat(dir, path.c_str(), flags | O_CLOEXEC); });
  if (fd >= 0) return UniqueFd{fd};
  if (errno == ENOENT) return std::nullopt;
  fail(errno, fmt::format("openat {}", path));
}

UniqueFd try_openat2(int dir, const std::string& path, std::uint64_t flags, std::uint64_t resolve,
                     int& error_number, mode_t mode) {
  open_how how{};
  how.flags = flags | O_CLOEXEC;
  how.mode = mode;
  how.resolve = resolve;
  long fd = -1;
  // The kernel answers EAGAIN when a rename raced with a scoped walk: whoever renames must not hold
  // us for ever.
  for (int attempt = 0; attempt < 128; ++attempt) {
    fd = ::syscall(SYS_openat2, dir, path.c_str(), &how, sizeof how);
    if (fd >= 0 || (errno != EAGAIN && errno != EINTR)) break;
  }
  error_number = fd >= 0 ? 0 : errno;
  return UniqueFd{static_cast<int>(fd)};
}

UniqueFd openat2(int dir, const std::string& path, std::uint64_t flags, std::uint64_t resolve,
                 mode_t mode) {
  int error_number = 0;
  UniqueFd fd = try_openat2(dir, path, flags, resolve, error_number, mode);
  if (!fd) fail(error_number, fmt::format("openat2 {}", path));
  return fd;
}

UniqueFd duplicate(int fd, int at_least) {
  const int copy = ::fcntl(fd, F_DUPFD_CLOEXEC, at_least);
  if (copy == -1) fail(errno, fmt::format("fcntl F_DUPFD_CLOEXEC {}", fd));
  return UniqueFd{copy};
}

void duplicate_to(int from, int to) {
  if (from == to) return set_close_on_exec(to, false);
  if (retry([&] { return ::dup3(from, to, 0); }) == -1)
    fail(errno, fmt::format("dup3 {} {}", from, to));
}

void use_null_device_as(int fd) {
  duplicate_to(open(AT_FDCWD, "/dev/null", O_RDWR).get(), fd);
}

bool is_open(int fd) noexcept {
  return ::fcntl(fd, F_GETFD) != -1;
}

void set_close_on_exec(int fd, bool on) {
  if (::fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0) == -1)
    fail(errno, fmt::format("fcntl F_SETFD {}", fd));
}

void set_nonblocking(int fd, bool on) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags == -1 || ::fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK) == -1) {
    fail(errno, fmt::format("fcntl F_SETFL {}", fd));
  }
}

void close_range(unsigned first, unsigned last, unsigned flags) {
  if (::syscall(SYS_close_range, first, last, flags) == -1) {
    fail(errno, fmt::format("close_range {} {} (flags {:#x})", first, last, flags));
  }
}

Pipe pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) == -1) fail(errno, "pipe2");
  return {UniqueFd{ends[0]}, UniqueFd{ends[1]}};
}

bool try_set_pipe_size(int pipe, std::size_t bytes) noexcept {
  return ::fcntl(pipe, F_SETPIPE_SZ, static_cast<int>(bytes)) != -1;
}

UniqueFd memfd(const char* name, unsigned flags) {
  const int fd = ::memfd_create(name, flags | MFD_CLOEXEC);
  if (fd == -1) fail(errno, fmt::format("memfd_create {}", name));
  return UniqueFd{fd};
}

int seals(int fd) noexcept {
  const int seals = ::fcntl(fd, F_GET_SEALS);
  return seals == -1 ? 0 : seals;
}

void add_seals(int fd, int seals) {
  if (::fcntl(fd, F_ADD_SEALS, seals) == -1)
    fail(errno, fmt::format("fcntl F_ADD_SEALS {:#x}", seals));
}

std::string read_all(int fd, std::size_t limit) {
  std::string bytes;
  std::array<char, 16384> chunk;
  while (const std::size_t count = read_some(fd, chunk)) {
    if (bytes.size() + count > limit) {
      throw Error{ErrorKind::Failed, fmt::format("larger than {} bytes", limit)};
    }
    bytes.append(chunk.data(), count);
  }
  return bytes;
}

std::size_t read_some(int fd, std::span<char> buffer) {
  const ssize_t count = try_read(fd, buffer);
  if (count < 0) fail(static_cast<int>(-count), fmt::format("read {}", fd));
  return static_cast<std::size_t>(count);
}

ssize_t try_read(int fd, std::span<char> buffer) noexcept {
  const ssize_t count = retry([&] { return ::read(fd, buffer.data(), buffer.size()); });
  return count == -1 ? -errno : count;
}

ssize_t try_read_at(int fd, std::span<char> buffer, off_t offset) noexcept {
  const ssize_t count = retry([&] { return ::pread(fd, buffer.data(), buffer.size(), offset); });
  return count == -1 ? -errno : count;
}

ssize_t try_write(int fd, std::string_view bytes) noexcept {
  const ssize_t count = retry([&] { return ::write(fd, bytes.data(), bytes.size()); });
  return count == -1 ? -errno : count;
}

bool wait_writable(int fd, int timeout_ms) noexcept {
  pollfd entry{fd, POLLOUT, 0};
  return retry([&] { return ::poll(&entry, 1, timeout_ms); }) > 0;
}

void write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = try_write(fd, bytes);
    if (count < 0) fail(static_cast<int>(-count), fmt::format("write {}", fd));
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

int try_write_value(int fd, std::string_view value) noexcept {
  const ssize_t count = try_write(fd, value);
  if (count < 0) return static_cast<int>(-count);
  return static_cast<std::size_t>(count) == value.size() ? 0 : EIO;
}

void synchronize(int fd) {
  if (retry([&] { return ::fsync(fd); }) == -1) fail(errno, "fsync");
}

void truncate(int fd, off_t length) {
  if (::ftruncate(fd, length) == -1) fail(errno, fmt::format("ftruncate {} {}", fd, length));
}

void seek(int fd, off_t offset) {
  if (::lseek(fd, offset, SEEK_SET) == -1) fail(errno, fmt::format("lseek {} {}", fd, offset));
}

bool same_file(const struct stat& one, const struct stat& other) noexcept {
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

struct stat stat(int fd) {
  struct stat facts;
  if (::fstat(fd, &facts) == -1) fail(errno, fmt::format("fstat {}", fd));
  return facts;
}

std::optional<struct stat> stat_if_exists(int dir, const std::string& path) {
  struct stat facts;
  if (::fstatat(dir, path.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0) return facts;
  if (errno == ENOENT) return std::nullopt;
  fail(errno, fmt::format("fstatat {}", path));
}

std::optional<struct stat> stat_following(const std::string& path) noexcept {
  struct stat facts;
  if (::stat(path.c_str(), &facts) == 0) return facts;
  return std::nullopt;
}

int try_access(const std::string& path, int mode) noexcept {
  return ::faccessat(AT_FDCWD, path.c_str(), mode, AT_EACCESS) == 0 ? 0 : errno;
}

struct statfs statfs(int fd) {
  struct statfs facts;
  if (retry([&] { return ::fstatfs(fd, &facts); }) == -1)
    fail(errno, fmt::format("fstatfs {}", fd));
  return facts;
}

std::string read_link(int dir, const std::string& path) {
  std::array<char, 4096> target;
  const ssize_t length = ::readlinkat(dir, path.c_str(), target.data(), target.size());
  if (length == -1) fail(errno, fmt::format("readlinkat {}", path));
  return {target.data(), static_cast<std::size_t>(length)};
}

std::string current_directory() {
  // The raw call: the kernel says "(unreachable)" for a directory outside the root, glibc turns
  // that into ENOENT.
  std::array<char, 4096> path;
  if (::syscall(SYS_getcwd, path.data(), path.size()) == -1) fail(errno, "getcwd");
  return path.data();
}

void change_directory(int fd) {
  if (::fchdir(fd) == -1) fail(errno, fmt::format("fchdir {}", fd));
}

void change_directory_to(const std::string& path) {
  if (const int error_number = try_change_directory(path))
    fail(error_number, fmt::format("chdir {}", path));
}

int try_change_directory(const std::string& path) noexcept {
  return ::chdir(path.c_str()) == 0 ? 0 : errno;
}

void make_directory(int dir, const std::string& path, mode_t mode) {
  if (::mkdirat(dir, path.c_str(), mode) == -1) fail(errno, fmt::format("mkdirat {}", path));
}

bool make_directory_unless_exists(int dir, const std::string& path, mode_t mode) {
  if (::mkdirat(dir, path.c_str(), mode) == 0) return true;
  if (errno == EEXIST) return false;
  fail(errno, fmt::format("mkdirat {}", path));
}

int try_make_directory(int dir, const std::string& path, mode_t mode) noexcept {
  return ::mkdirat(dir, path.c_str(), mode) == 0 ? 0 : errno;
}

void make_node(int dir, const std::string& path, mode_t mode, dev_t device) {
  if (::mknodat(dir, path.c_str(), mode, device) == -1)
    fail(errno, fmt::format("mknodat {}", path));
}

void make_symlink(const std::string& target, int dir, const std::string& path) {
  if (::symlinkat(target.c_str(), dir, path.c_str()) == -1)
    fail(errno, fmt::format("symlinkat {} {}", target, path));
}

void rename(int from_dir, const std::string& from, int to_dir, const std::string& to) {
  if (::renameat(from_dir, from.c_str(), to_dir, to.c_str()) == -1)
    fail(errno, fmt::format("renameat {} {}", from, to));
}

void link(int from_dir, const std::string& from, int to_dir, const std::string& to) {
  if (::linkat(from_dir, from.c_str(), to_dir, to.c_str(), 0) == -1)
    fail(errno, fmt::format("linkat {} {}", from, to));
}

void unlink(int dir, const std::string& path) {
  if (::unlinkat(dir, path.c_str(), 0) == -1) fail(errno, fmt::format("unlinkat {}", path));
}

bool unlink_if_exists(int dir, const std::string& path) {
  if (::unlinkat(dir, path.c_str(), 0) == 0) return true;
  if (errno == ENOENT) return false;
  fail(errno, fmt::format("unlinkat {}", path));
}

void remove_directory(int dir, const std::string& path) {
  if (const int error_number = try_remove_directory(dir, path))
    fail(error_number, fmt::format("rmdir {}", path));
}

int try_remove_directory(int dir, const std::string& path) noexcept {
  return ::unlinkat(dir, path.c_str(), AT_REMOVEDIR) == 0 ? 0 : errno;
}

void change_mode(int fd, mode_t mode) {
  if (const int error_number = try_change_mode(fd, mode))
    fail(error_number, fmt::format("fchmod {} {:#o}", fd, mode));
}

int try_change_mode(int fd, mode_t mode) {
  if (::fchmod(fd, mode) == 0) return 0;
  // An O_PATH descriptor: fchmodat2 where the kernel has it (6.6), else through the descriptor's
  // link in procfs.
  if (errno == EBADF) {
    if (::syscall(sys_fchmodat2, fd, "", mode, AT_EMPTY_PATH) == 0) return 0;
    if (errno == ENOSYS && ::chmod(fmt::format("/proc/self/fd/{}", fd).c_str(), mode) == 0)
      return 0;
  }
  return errno;
}

void change_owner(int fd, uid_t uid, gid_t gid) {
  if (const int error_number = try_change_owner(fd, uid, gid))
    fail(error_number, fmt::format("fchown {} {}:{}", fd, uid, gid));
}

int try_change_owner(int fd, uid_t uid, gid_t gid) noexcept {
  return ::fchownat(fd, "", uid, gid, AT_EMPTY_PATH) == 0 ? 0 : errno;
}

void change_owner_at(int dir, const std::string& path, uid_t uid, gid_t gid) {
  if (::fchownat(dir, path.c_str(), uid, gid, AT_SYMLINK_NOFOLLOW) == -1) {
    fail(errno, fmt::format("fchownat {} {}:{}", path, uid, gid));
  }
}

void set_access_list(int fd, mode_t mode, std::span<const uid_t> users,
                     std::span<const gid_t> groups) {
  // As include/uapi/linux/posix_acl_xattr.h lays it out: little endian, in the order of the tags.
  std::vector<posix_acl_xattr_entry> entries;
  const auto add = [&](std::uint16_t tag, unsigned shift, std::uint32_t id) {
    const auto rights = static_cast<std::uint16_t>((mode >> shift) & 7);
    entries.push_back({htole16(tag), htole16(rights), htole32(id)});
  };
  constexpr auto unnamed = static_cast<std::uint32_t>(ACL_UNDEFINED_ID);
  constexpr unsigned owner = 6, group = 3, others = 0;
  add(ACL_USER_OBJ, owner, unnamed);
  for (const uid_t id : users) add(ACL_USER, group, id);
  add(ACL_GROUP_OBJ, group, unnamed);
  for (const gid_t id : groups) add(ACL_GROUP, group, id);
  add(ACL_MASK, group, unnamed);
  add(ACL_OTHER, others, unnamed);
  const posix_acl_xattr_header header{htole32(POSIX_ACL_XATTR_VERSION)};
  std::string value(reinterpret_cast<const char*>(&header), sizeof header);
  value.append(reinterpret_cast<const char*>(entries.data()), entries.size() * sizeof entries[0]);
  // Through the link in procfs: of an O_PATH descriptor too.
  if (::setxattr(fmt::format("/proc/self/fd/{}", fd).c_str(), "system.posix_acl_access",
                 value.data(), value.size(), 0) == -1)
    fail(errno, fmt::format("access control list of descriptor {}", fd));
}

void copy_attributes(int from, int to) {
  const ssize_t size = ::flistxattr(from, nullptr, 0);
  if (size <= 0) return;
  std::string names(static_cast<std::size_t>(size), '\0');
  const ssize_t length = ::flistxattr(from, names.data(), names.size());
  if (length < 0) fail(errno, "flistxattr");
  std::string value(65536, '\0');  // XATTR_SIZE_MAX
  for (const char* name = names.c_str(); name < names.c_str() + length;
       name += std::strlen(name) + 1) {
    const ssize_t count = ::fgetxattr(from, name, value.data(), value.size());
    if (count < 0) fail(errno, fmt::format("fgetxattr {}", name));
    if (::fsetxattr(to, name, value.data(), static_cast<std::size_t>(count), 0) == -1 &&
        errno != EOPNOTSUPP && errno != EPERM) {
      fail(errno, fmt::format("fsetxattr {}", name));
    }
  }
}

int try_set_attribute(int fd, const char* name, const std::string& value) noexcept {
  const std::string path = fmt::format("/proc/self/fd/{}", fd);
  return ::setxattr(path.c_str(), name, value.data(), value.size(), 0) == -1 ? errno : 0;
}

std::string attribute(int fd, const char* name) {
  std::string value(255, '\0');
  const ssize_t count =
      ::getxattr(fmt::format("/proc/self/fd/{}", fd).c_str(), name, value.data(), value.size());
  value.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
  return value;
}

std::vector<DirectoryEntry> list_directory(int dir) {
  return read_directory(open(dir, ".", O_RDONLY | O_DIRECTORY).get());
}

std::vector<DirectoryEntry> read_directory(int dir) {
  if (::lseek(dir, 0, SEEK_SET) == -1) fail(errno, "lseek to the beginning of a directory");
  std::vector<DirectoryEntry> entries;
  alignas(dirent64) std::array<char, 8192> block;
  for (;;) {
    const long size = ::syscall(SYS_getdents64, dir, block.data(), block.size());
    if (size == -1) fail(errno, "getdents64");
    if (size == 0) return entries;
    for (long at = 0; at < size;) {
      const auto* entry = reinterpret_cast<const dirent64*>(block.data() + at);
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") entries.push_back({std::string(name), entry->d_type});
      at += entry->d_reclen;
    }
  }
}

bool lock_exclusive(int fd, int timeout_ms) {
  // flock(2) has no time-out of its own, and an alarm would be process-wide: ask again each 5 ms
  // until the deadline.
  for (int waited = 0;; waited += 5) {
    if (retry([&] { return ::flock(fd, LOCK_EX | LOCK_NB); }) == 0) return true;
    if (errno != EWOULDBLOCK) fail(errno, fmt::format("flock {}", fd));
    if (waited >= timeout_ms) return false;
    ::poll(nullptr, 0, 5);
  }
}

}  // namespace ocelot::sys
