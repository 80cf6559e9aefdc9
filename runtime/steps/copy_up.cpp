#include <dirent.h>
#include <fcntl.h>
#include <fmt/core.h>

#include <array>

#include "runtime/base/error.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/steps/rootfs.hpp"

namespace ocelot {
namespace {

constexpr int max_depth = 64;

void copy_directory(int from, int to, int depth);

void copy_file(int from, const std::string& name, int to, const struct stat& facts) {
  const UniqueFd source = sys::open(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  const UniqueFd copy = sys::open(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
  std::array<char, 65536> block;
  while (const std::size_t count = sys::read_some(source.get(), block))
    sys::write_all(copy.get(), {block.data(), count});
  sys::change_owner(copy.get(), facts.st_uid, facts.st_gid);
  sys::change_mode(copy.get(), facts.st_mode & 07777);
  sys::copy_attributes(source.get(), copy.get());
}

void copy_entry(int from, const std::string& name, int to, int depth) {
  Context at{[&] { return name; }};
  const auto facts = sys::stat_if_exists(from, name);
  if (!facts) return;
  if (S_ISDIR(facts->st_mode)) {
    sys::make_directory(to, name, 0700);
    const UniqueFd source = sys::open(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    const UniqueFd copy = sys::open(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    copy_directory(source.get(), copy.get(), depth + 1);
    sys::change_owner(copy.get(), facts->st_uid, facts->st_gid);
    sys::change_mode(copy.get(), facts->st_mode & 07777);
    sys::copy_attributes(source.get(), copy.get());
  } else if (S_ISLNK(facts->st_mode)) {
    sys::make_symlink(sys::read_link(from, name), to, name);
    sys::change_owner_at(to, name, facts->st_uid, facts->st_gid);
  } else if (S_ISREG(facts->st_mode)) {
    copy_file(from, name, to, *facts);
  } else if (!S_ISSOCK(facts->st_mode)) {
    sys::make_node(to, name, facts->st_mode, facts->st_rdev);
    sys::change_owner_at(to, name, facts->st_uid, facts->st_gid);
  }
}

void copy_directory(int from, int to, int depth) {
  if (depth > max_depth) sys::fail(ELOOP, "directories are nested too deep");
  for (const sys::DirectoryEntry& entry : sys::list_directory(from))
    copy_entry(from, entry.name, to, depth);
}

}  // namespace

void copy_up(int from, int to) {
  Context at{text("tmpcopyup")};
  const struct stat facts = sys::stat(from);
  copy_directory(from, to, 0);
  sys::change_owner(to, facts.st_uid, facts.st_gid);
}

}  // namespace ocelot
