#include "runtime/process_identity.hpp"

#include <fcntl.h>
#include <fmt/core.h>

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/kernel_abi.hpp"
#include "runtime/base/process.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/base/text.hpp"

namespace ocelot {
namespace {

// Asked for once: it is another one only after this process has ended, too.
const std::string& boot_id() {
  static const std::string id(trim(read_file(AT_FDCWD, "/proc/sys/kernel/random/boot_id")));
  return id;
}

std::uint64_t pidfs_inode(int pidfd) {
  if (static_cast<unsigned long>(sys::statfs(pidfd).f_type) != pidfs_super_magic) return 0;
  return sys::stat(pidfd).st_ino;
}

// A field of /proc/PID/stat by its number in proc(5), from 3 on; 0 when the process is gone. The
// name before them may hold blanks and parentheses.
std::uint64_t stat_field(pid_t pid, std::size_t number) {
  const auto text = read_file_if_exists(AT_FDCWD, fmt::format("/proc/{}/stat", pid));
  if (!text) return 0;
  const auto fields = split(std::string_view(*text).substr(text->rfind(')') + 2), ' ');
  const std::size_t index = number - 3;
  return fields.size() > index ? parse_integer<std::uint64_t>(fields[index]).value_or(0) : 0;
}

std::uint64_t start_time(pid_t pid) {
  return stat_field(pid, 22);
}

// Of one that has ended, too, until it is reaped.
bool has_pid_still(const ProcessIdentity& identity, int pidfd) {
  return identity.pidfd_inode != 0 ? pidfs_inode(pidfd) == identity.pidfd_inode
                                   : start_time(identity.pid) == identity.start_time;
}

}  // namespace

ProcessIdentity identify(pid_t pid, int pidfd) {
  ProcessIdentity identity{.pid = pid, .pidfd_inode = pidfs_inode(pidfd), .boot_id = boot_id()};
  if (identity.pidfd_inode == 0) identity.start_time = start_time(pid);
  return identity;
}

bool is_of_this_boot(const ProcessIdentity& identity) {
  return identity.boot_id == boot_id();
}

std::optional<UniqueFd> open_process(const ProcessIdentity& identity) {
  if (identity.pid <= 0 || !is_of_this_boot(identity)) return std::nullopt;
  auto pidfd = sys::pidfd_open_if_exists(identity.pid);
  if (!pidfd) return std::nullopt;
  // A pidfd is readable once its process has ended, be it reaped or not.
  if (!has_pid_still(identity, pidfd->get()) || wait_readable(pidfd->get(), 0)) return std::nullopt;
  return pidfd;
}

bool may_have_executed(const ProcessIdentity& identity) {
  const std::uint64_t flags = stat_field(identity.pid, 9);
  const auto pidfd = sys::pidfd_open_if_exists(identity.pid);
  return (flags & pf_forknoexec) == 0 || !pidfd || !has_pid_still(identity, pidfd->get());
}

}  // namespace ocelot
