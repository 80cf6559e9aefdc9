#include "runtime/root.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/openat2.h>

#include "runtime/base/error.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/text.hpp"

namespace ocelot {
namespace {

constexpr std::uint64_t in_root = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
constexpr std::uint64_t one_step = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
constexpr int max_links = 40;

std::optional<UniqueFd> resolve(int root, const std::string& path, int flags) {
  int error_number = 0;
  UniqueFd fd =
      sys::try_openat2(root, path, static_cast<std::uint64_t>(flags), in_root, error_number);
  if (fd) return fd;
  if (error_number == ENOENT || error_number == ENOTDIR) return std::nullopt;
  sys::fail(error_number, fmt::format("openat2 {} in the rootfs", path));
}

}  // namespace

std::optional<UniqueFd> Root::find(const std::string& path) const {
  return resolve(fd(), path, O_PATH);
}

std::optional<UniqueFd> Root::find_link(const std::string& path) const {
  auto there = resolve(fd(), path, O_PATH | O_NOFOLLOW);
  if (there && !S_ISLNK(sys::stat(there->get()).st_mode)) return std::nullopt;
  return there;
}

std::optional<UniqueFd> Root::open_if_exists(const std::string& path, int flags) const {
  return resolve(fd(), path, flags | O_NOCTTY);
}

UniqueFd Root::plain_directory(const std::string& path) const {
  int error_number = 0;
  UniqueFd fd = sys::try_openat2(directory_.get(), path, O_PATH | O_DIRECTORY | O_NOFOLLOW,
                                 in_root | RESOLVE_NO_SYMLINKS, error_number);
  if (fd) return fd;
  if (error_number == ELOOP || error_number == ENOTDIR) {
    throw Error{ErrorKind::InvalidSpec,
                fmt::format("{} in the rootfs must be an ordinary directory", path), error_number}
        .with_hint(
            "a symbolic link or a file there would redirect what the runtime mounts and makes");
  }
  sys::fail(error_number, fmt::format("openat2 {} in the rootfs", path));
}

UniqueFd Root::plain(const std::string& path) const {
  return sys::openat2(directory_.get(), path, O_PATH | O_NOFOLLOW, in_root | RESOLVE_NO_SYMLINKS);
}

UniqueFd Root::make_directory(const std::string& path) const {
  if (auto there = find(path)) return std::move(*there);
  return make_directory(path, max_links);
}

UniqueFd Root::make_directory(const std::string& path, int links_left) const {
  if (links_left == 0) sys::fail(ELOOP, fmt::format("mkdir {} in the rootfs", path));
  UniqueFd at = std::move(*find("/"));
  std::string reached;
  for (const std::string_view part : split(path, '/')) {
    if (part.empty() || part == ".") continue;
    const std::string name(part);
    const std::string next = reached + "/" + name;
    std::optional<UniqueFd> there = find(next);
    if (!there && sys::make_directory_unless_exists(at.get(), name, 0755)) {
      there = sys::openat2(at.get(), name, O_PATH | O_DIRECTORY | O_NOFOLLOW, one_step);
    } else if (!there) {
      // A dangling link: what it points to is made instead, inside the root.
      const std::string target = sys::read_link(at.get(), name);
      there =
          make_directory(target.starts_with('/') ? target : reached + "/" + target, links_left - 1);
    }
    at = std::move(*there);
    reached = next;
  }
  if (!S_ISDIR(sys::stat(at.get()).st_mode))
    sys::fail(ENOTDIR, fmt::format("mkdir {} in the rootfs", path));
  return at;
}

UniqueFd Root::make_file(const std::string& path) const {
  if (auto there = find(path)) return std::move(*there);
  const UniqueFd parent = make_directory(parent_path(path));
  const std::string name = last_part(path);
  int error_number = 0;
  const UniqueFd made =
      sys::try_openat2(parent.get(), name, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_NONBLOCK,
                       one_step, error_number, 0644);
  if (!made && error_number != EEXIST)
    sys::fail(error_number, fmt::format("create {} in the rootfs", path));
  UniqueFd fd = sys::openat2(parent.get(), name, O_PATH | O_NOFOLLOW, one_step);
  if (S_ISLNK(sys::stat(fd.get()).st_mode)) {
    throw Error{ErrorKind::InvalidSpec,
                fmt::format("{} in the rootfs is a symbolic link to nothing", path)}
        .with_hint("make what it points to, or remove the link from the rootfs");
  }
  return fd;
}

std::string parent_path(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos || slash == 0 ? "/" : path.substr(0, slash);
}

std::string last_part(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

}  // namespace ocelot
