#include "runtime/procfs.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/openat2.h>
#include <sys/mount.h>

#include "runtime/base/error.hpp"
#include "runtime/base/kernel_abi.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_mounts.hpp"

namespace ocelot {
namespace {

constexpr ino_t procfs_root_inode = 1;

}  // namespace

Procfs Procfs::open(const Root& root) {
  try {
    sys::FilesystemContext context("proc");
    return Procfs{context.mount(MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)};
  } catch (const Error& error) {
    if (error.error_number() != EPERM && error.error_number() != EACCES) throw;
  }
  UniqueFd visible = root.plain_directory("/proc");
  if (static_cast<unsigned long>(sys::statfs(visible.get()).f_type) != proc_super_magic ||
      sys::stat(visible.get()).st_ino != procfs_root_inode) {
    throw Error{ErrorKind::Failed, "/proc in the container is not a procfs"}.with_hint(
        "this kernel allows no private procfs here, so the container must mount one on /proc");
  }
  return Procfs{std::move(visible)};
}

std::optional<UniqueFd> Procfs::find(const std::string& path, int flags) const {
  // "self" is itself a link, the one that may be followed: resolve it on its own.
  std::string plain = path;
  if (path.starts_with("self/")) plain = sys::read_link(directory_.get(), "self") + path.substr(4);
  int error_number = 0;
  UniqueFd fd = sys::try_openat2(
      directory_.get(), plain, static_cast<std::uint64_t>(flags),
      RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV,
      error_number);
  if (fd) return fd;
  if (error_number == ENOENT) return std::nullopt;
  sys::fail(error_number, fmt::format("open /proc/{}", path));
}

bool Procfs::write_if_exists(const std::string& path, std::string_view value) const {
  const auto fd = find(path, O_WRONLY);
  if (!fd) return false;
  if (const int error_number = sys::try_write_value(fd->get(), value)) {
    sys::fail(error_number, fmt::format("write \"{}\" to /proc/{}", value, path));
  }
  return true;
}

void Procfs::write(const std::string& path, std::string_view value) const {
  if (!write_if_exists(path, value)) sys::fail(ENOENT, fmt::format("open /proc/{}", path));
}

std::string Procfs::read(const std::string& path) const {
  const auto fd = find(path, O_RDONLY);
  if (!fd) sys::fail(ENOENT, fmt::format("open /proc/{}", path));
  return sys::read_all(fd->get());
}

}  // namespace ocelot
