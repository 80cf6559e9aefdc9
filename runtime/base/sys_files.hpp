#pragma once
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/fd.hpp"

// Files and directories. `dir` is a directory descriptor or AT_FDCWD; every descriptor returned is
// close-on-exec.
namespace ocelot::sys {

[[nodiscard]] UniqueFd open(int dir, const std::string& path, int flags, mode_t mode = 0);
// Absent (ENOENT) is an ordinary answer; anything else throws.
[[nodiscard]] std::optional<UniqueFd> open_if_exists(int dir, const std::string& path, int flags);
// openat2(2) with RESOLVE_* flags. EAGAIN (a rename raced with the walk) is retried at most 128
// times.
[[nodiscard]] UniqueFd openat2(int dir, const std::string& path, std::uint64_t flags,
                               std::uint64_t resolve, mode_t mode = 0);
// As openat2, but gives errno in `error_number` and an empty descriptor instead of throwing.
[[nodiscard]] UniqueFd try_openat2(int dir, const std::string& path, std::uint64_t flags,
                                   std::uint64_t resolve, int& error_number, mode_t mode = 0);
// A second descriptor of the same open file, close-on-exec, numbered `at_least` or higher.
[[nodiscard]] UniqueFd duplicate(int fd, int at_least = 3);
// Makes `to` a copy of `from` that survives exec; a no-op on the descriptor itself but for its
// flag.
void duplicate_to(int from, int to);
// Puts the null device at `fd`, closing what is there; kept over execve.
void use_null_device_as(int fd);
bool is_open(int fd) noexcept;
void set_close_on_exec(int fd, bool on);
void set_nonblocking(int fd, bool on);
// close_range(2); `flags` is CLOSE_RANGE_CLOEXEC, CLOSE_RANGE_UNSHARE or 0.
void close_range(unsigned first, unsigned last, unsigned flags);

struct Pipe {
  UniqueFd read_end, write_end;
};
[[nodiscard]] Pipe pipe();
// Asks for a pipe that holds at least `bytes`; false when the kernel's limit or ours is below that.
bool try_set_pipe_size(int pipe, std::size_t bytes) noexcept;
[[nodiscard]] UniqueFd memfd(const char* name, unsigned flags = 0);
// F_SEAL_* of a memfd; 0 for any other file.
int seals(int fd) noexcept;
void add_seals(int fd, int seals);

// Reads until end of file; throws when there are more than `limit` bytes.
std::string read_all(int fd, std::size_t limit = 16u << 20);
// One read(2): what is there, at most the size of `buffer`; 0 at end of file.
std::size_t read_some(int fd, std::span<char> buffer);
// -errno instead of throwing: for descriptors whose EAGAIN, EIO or EPIPE is an ordinary answer.
ssize_t try_read(int fd, std::span<char> buffer) noexcept;
ssize_t try_read_at(int fd, std::span<char> buffer, off_t offset) noexcept;
ssize_t try_write(int fd, std::string_view bytes) noexcept;
// False when `fd` takes nothing within that time.
bool wait_writable(int fd, int timeout_ms) noexcept;
// Writes all bytes, however many calls that takes.
void write_all(int fd, std::string_view bytes);
// One write(2) of a kernel file (procfs, sysfs, cgroupfs), which takes a value whole or not at all;
// errno or 0.
int try_write_value(int fd, std::string_view value) noexcept;
void truncate(int fd, off_t length);
void synchronize(int fd);  // fsync(2)
void seek(int fd, off_t offset);

struct stat stat(int fd);
// Whether both are of one file, as long as one of them is held open.
bool same_file(const struct stat& one, const struct stat& other) noexcept;
// Does not follow a last symbolic link.
std::optional<struct stat> stat_if_exists(int dir, const std::string& path);
// Follows links; nullopt for anything that keeps it from being there.
std::optional<struct stat> stat_following(const std::string& path) noexcept;
// access(2) with the effective ids; errno or 0.
int try_access(const std::string& path, int mode) noexcept;
struct statfs statfs(int fd);
std::string read_link(int dir, const std::string& path);
std::string current_directory();
void change_directory(int fd);
void change_directory_to(const std::string& path);
// errno or 0.
int try_change_directory(const std::string& path) noexcept;

void make_directory(int dir, const std::string& path, mode_t mode);
// False when something of that name is already there.
bool make_directory_unless_exists(int dir, const std::string& path, mode_t mode);
// errno or 0: ENOENT (no parent) and EEXIST are ordinary answers.
int try_make_directory(int dir, const std::string& path, mode_t mode) noexcept;
void make_node(int dir, const std::string& path, mode_t mode, dev_t device);
void make_symlink(const std::string& target, int dir, const std::string& path);
void rename(int from_dir, const std::string& from, int to_dir, const std::string& to);
void link(int from_dir, const std::string& from, int to_dir, const std::string& to);
void unlink(int dir, const std::string& path);
bool unlink_if_exists(int dir, const std::string& path);
void remove_directory(int dir, const std::string& path);
// errno or 0: EBUSY and ENOTEMPTY are ordinary answers of cgroupfs.
int try_remove_directory(int dir, const std::string& path) noexcept;

// On a descriptor, O_PATH ones included.
void change_mode(int fd, mode_t mode);
int try_change_mode(int fd, mode_t mode);
void change_owner(int fd, uid_t uid, gid_t gid);
int try_change_owner(int fd, uid_t uid, gid_t gid) noexcept;
void change_owner_at(int dir, const std::string& path, uid_t uid, gid_t gid);

// `mode`, and what it gives to the group is given to `users` and `groups` too. Throws Error where
// the file system takes no access control lists. man: acl(5)
void set_access_list(int fd, mode_t mode, std::span<const uid_t> users,
                     std::span<const gid_t> groups);

// Extended attributes; those that the target's file system does not take are left out.
void copy_attributes(int from, int to);

// One of them, also of an O_PATH descriptor; errno or 0: a file system may take none.
int try_set_attribute(int fd, const char* name, const std::string& value) noexcept;
// Empty when there is none that this process may read, or it is longer than 255 bytes.
std::string attribute(int fd, const char* name);

struct DirectoryEntry {
  std::string name;
  unsigned char type;  // DT_*
};
// All entries but "." and "..".
std::vector<DirectoryEntry> list_directory(int dir);
// The same of a directory opened for reading, without another descriptor.
std::vector<DirectoryEntry> read_directory(int dir);

// Waits for the lock at most `timeout_ms`; false when another process still holds it.
bool lock_exclusive(int fd, int timeout_ms);

}  // namespace ocelot::sys
