#include "runtime/seccomp_cache.hpp"

#include <fcntl.h>
#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/seccomp_entry.hpp"

namespace ocelot {
namespace {

constexpr const char* directory_name = ".seccomp";
constexpr std::size_t most_entries = 64;
constexpr off_t largest_entry = 4 << 20;

// Ours, and neither readable nor writable by anybody else.
bool is_private(const struct stat& facts, mode_t type) {
  return (facts.st_mode & S_IFMT) == type && facts.st_uid == sys::effective_uid() &&
         (facts.st_mode & 077) == 0;
}

UniqueFd open_cache(int root_dir) {
  sys::make_directory_unless_exists(root_dir, directory_name, 0700);
  UniqueFd directory = sys::open(root_dir, directory_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!is_private(sys::stat(directory.get()), S_IFDIR)) {
    throw Error{ErrorKind::Failed,
                fmt::format("{} is not a directory of this user alone", directory_name)};
  }
  return directory;
}

std::optional<SeccompProgram> find(int cache, const std::string& name, const std::string& key) {
  // O_NONBLOCK: should it be a FIFO.
  const auto file = sys::open_if_exists(cache, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (!file) return std::nullopt;
  const struct stat facts = sys::stat(file->get());
  if (!is_private(facts, S_IFREG) || facts.st_size > largest_entry) return std::nullopt;
  return from_entry(sys::read_all(file->get(), largest_entry), key);
}

// Makes room for one more: the entries that were written first go, and so in time do the temporary
// files of killed processes.
void make_room(int cache) {
  const auto entries = sys::list_directory(cache);
  if (entries.size() < most_entries) return;
  std::vector<std::pair<std::int64_t, std::string>> by_age;
  for (const sys::DirectoryEntry& entry : entries) {
    if (const auto facts = sys::stat_if_exists(cache, entry.name)) {
      by_age.emplace_back(facts->st_mtim.tv_sec * 1'000'000'000 + facts->st_mtim.tv_nsec,
                          entry.name);
    }
  }
  std::ranges::sort(by_age);
  for (std::size_t i = 0; i + most_entries <= by_age.size(); ++i)
    sys::unlink_if_exists(cache, by_age[i].second);
}

}  // namespace

SeccompProgram cached_seccomp(int root_dir, const oci::Seccomp& profile) {
  const trace::Span span{text("seccomp filter")};
  const std::string key = cache_key(profile);
  const std::string name = fmt::format("{:016x}", fingerprint(key));
  UniqueFd cache;
  try {
    cache = open_cache(root_dir);
    if (auto program = find(cache.get(), name, key)) return std::move(*program);
  } catch (const Error&) {
    // No cache is no reason not to make a container.
  }
  SeccompProgram program = compile_seccomp(profile);
  if (!cache) return program;
  try {
    make_room(cache.get());
    write_atomically(cache.get(), name, to_entry(key, program), 0600);
  } catch (const Error&) {
    // A full file system, say: the next container compiles it again.
  }
  return program;
}

}  // namespace ocelot
