#include "cgroups/cgroup.hpp"

#include <fmt/core.h>
#include <linux/openat2.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "runtime/base/error.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::cgroups {
namespace {

constexpr std::uint64_t stay_inside =
    RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;

bool gone(int error_number) {
  return error_number == ENOENT || error_number == ENODEV;
}

[[noreturn]] void refuse_directory(const std::string& directory, int error_number) {
  Error error{ErrorKind::Failed, fmt::format("mkdir {}", directory), error_number};
  if (error_number == EACCES || error_number == EPERM || error_number == EROFS) {
    throw std::move(error).with_hint(
        "the caller may not make cgroups here: delegate a cgroup to it (a systemd user session "
        "does) and name it in "
        "cgroupsPath");
  }
  throw error;
}

}  // namespace

Cgroup::Cgroup(std::string mount_point, const std::string& path)
    : mount_point_(std::move(mount_point)), directory_(mount_point_ + path) {}

std::vector<std::string> Cgroup::lineage() const {
  std::vector<std::string> all;
  for (std::size_t end = mount_point_.size(); end < directory_.size();) {
    end = std::min(directory_.find('/', end + 1), directory_.size());
    all.push_back(directory_.substr(0, end));
  }
  return all;
}

bool Cgroup::make(mode_t mode) {
  // Another container's removal may take a shared parent away between two of our calls: hence more
  // than one attempt.
  for (int attempt = 0; attempt < 16; ++attempt) {
    const int error_number = sys::try_make_directory(AT_FDCWD, directory_, mode);
    if (error_number == EEXIST) return false;
    if (error_number == 0) {
      made_.push_back(directory_);
      return true;
    }
    if (error_number != ENOENT) refuse_directory(directory_, error_number);
    for (std::size_t end = directory_.find('/', mount_point_.size() + 1); end != std::string::npos;
         end = directory_.find('/', end + 1)) {
      const std::string parent = directory_.substr(0, end);
      const int refusal = sys::try_make_directory(AT_FDCWD, parent, mode);
      if (refusal == 0) made_.push_back(parent);
      if (refusal == ENOENT) break;
      if (refusal != 0 && refusal != EEXIST) refuse_directory(parent, refusal);
    }
  }
  refuse_directory(directory_, ENOENT);
}

void Cgroup::unmake() noexcept {
  for (auto each = made_.rbegin(); each != made_.rend(); ++each)
    sys::try_remove_directory(AT_FDCWD, *each);
  made_.clear();
}

int Cgroup::find() const {
  if (!fd_) {
    int error_number = 0;
    fd_ = sys::try_openat2(AT_FDCWD, directory_, O_PATH | O_DIRECTORY | O_NOFOLLOW,
                           RESOLVE_NO_MAGICLINKS, error_number);
    if (!fd_ && !gone(error_number)) sys::fail(error_number, fmt::format("openat {}", directory_));
  }
  return fd_.get();
}

int Cgroup::fd() const {
  if (find() == -1) sys::fail(ENOENT, fmt::format("cgroup {}", directory_));
  return fd_.get();
}

std::optional<std::string> Cgroup::read(const std::string& file) const {
  if (find() == -1) return std::nullopt;
  Context at{[&] { return directory_; }};
  return read_cgroup_file(fd_.get(), file);
}

std::optional<std::string> Cgroup::reread(const char* file) const {
  if (find() == -1) return std::nullopt;
  Context at{[&] { return directory_; }};
  UniqueFd& kept = kept_[file];
  int error_number = 0;
  if (!kept) kept = try_open_file(fd_.get(), file, O_RDONLY, error_number);
  std::array<char, 256> text;
  if (kept) {
    const ssize_t count = sys::try_read_at(kept.get(), text, 0);
    if (count >= 0) return std::string{text.data(), static_cast<std::size_t>(count)};
    error_number = static_cast<int>(-count);
  }
  if (gone(error_number)) return std::nullopt;
  sys::fail(error_number, fmt::format("read {}", file));
}

int Cgroup::try_write(const std::string& file, std::string_view value) const {
  if (find() == -1) return ENOENT;
  int error_number = 0;
  const UniqueFd handle = try_open_file(fd_.get(), file, O_WRONLY, error_number);
  return handle ? sys::try_write_value(handle.get(), value) : error_number;
}

void Cgroup::write(const std::string& file, std::string_view value) const {
  if (const int error_number = try_write(file, value)) {
    sys::fail(error_number, fmt::format("write \"{}\" to {}/{}", value, directory_, file));
  }
}

UniqueFd Cgroup::open(const std::string& file, int flags) const {
  int error_number = 0;
  UniqueFd handle = try_open_file(fd(), file, flags, error_number);
  if (!handle) sys::fail(error_number, fmt::format("openat {}/{}", directory_, file));
  return handle;
}

int Cgroup::try_remove() noexcept {
  const int error_number = sys::try_remove_directory(AT_FDCWD, directory_);
  if (error_number != 0 && !gone(error_number)) return error_number;
  if (!made_.empty() && made_.back() == directory_) made_.pop_back();
  return 0;
}

UniqueFd try_open_file(int dir, const std::string& file, int flags, int& error_number) noexcept {
  return sys::try_openat2(dir, file, static_cast<std::uint64_t>(flags), stay_inside, error_number);
}

std::optional<std::string> read_cgroup_file(int dir, const std::string& file) {
  int error_number = 0;
  const UniqueFd handle = try_open_file(dir, file, O_RDONLY, error_number);
  std::string text;
  std::array<char, 4096> block;
  while (handle) {
    const ssize_t count = sys::try_read(handle.get(), block);
    if (count == 0) return text;
    if (count > 0) text.append(block.data(), static_cast<std::size_t>(count));
    if (count < 0) {
      error_number = static_cast<int>(-count);
      break;
    }
  }
  if (gone(error_number) || error_number == EOPNOTSUPP) return std::nullopt;
  sys::fail(error_number, fmt::format("read {}", file));
}

std::optional<std::uint64_t> value_of(std::string_view text, std::string_view key) {
  for (const std::string_view line : split(text, '\n')) {
    const std::size_t blank = line.find(' ');
    if (line.substr(0, blank) == key && blank != std::string_view::npos) {
      return parse_integer<std::uint64_t>(trim(line.substr(blank)));
    }
  }
  return std::nullopt;
}

}  // namespace ocelot::cgroups
