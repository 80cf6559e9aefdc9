#include "runtime/base/file.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/error.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"

namespace ocelot {

std::string read_file(int dir, const std::string& path) {
  const UniqueFd fd = sys::open(dir, path, O_RDONLY);
  Context at{[&] { return path; }};
  return sys::read_all(fd.get());
}

std::optional<std::string> read_file_if_exists(int dir, const std::string& path) {
  try {
    const auto fd = sys::open_if_exists(dir, path, O_RDONLY);
    if (!fd) return std::nullopt;
    Context at{[&] { return path; }};
    return sys::read_all(fd->get());
  } catch (const Error& error) {
    // A file of procfs goes with its process, also while it is being opened or read.
    if (error.error_number() == ESRCH) return std::nullopt;
    throw;
  }
}

std::optional<std::string> read_regular_file_if_exists(int dir, const std::string& path) {
  const auto fd = sys::open_if_exists(dir, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (!fd) return std::nullopt;
  Context at{[&] { return path; }};
  if (!S_ISREG(sys::stat(fd->get()).st_mode))
    throw Error{ErrorKind::Failed, "is not a regular file"}.with_hint(
        "something else has taken the place of a file of the state: `delete --force` removes what "
        "is left of the container");
  return sys::read_all(fd->get());
}

void write_value(int dir, const std::string& path, std::string_view value) {
  const UniqueFd fd = sys::open(dir, path, O_WRONLY);
  if (const int error_number = sys::try_write_value(fd.get(), value)) {
    sys::fail(error_number, fmt::format("write \"{}\" to {}", value, path));
  }
}

namespace {

enum class Durable { no, yes };

void replace(int dir, const std::string& path, mode_t mode, Durable durable,
             const std::function<void(int file)>& write) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : path.substr(0, slash + 1);
  const std::string temporary =
      fmt::format("{}.{}.{}", folder, path.substr(folder.size()), ::getpid());
  sys::unlink_if_exists(dir,
                        temporary);  // of a process of the same pid that was killed at this point
  try {
    const UniqueFd fd = sys::open(dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
    write(fd.get());
    if (durable == Durable::yes) sys::synchronize(fd.get());
    sys::rename(dir, temporary, dir, path);
  } catch (...) {
    sys::unlink_if_exists(dir, temporary);
    throw;
  }
  if (durable == Durable::yes)
    sys::synchronize(sys::open(dir, folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY).get());
}

}  // namespace

void write_atomically(int dir, const std::string& path, std::string_view bytes, mode_t mode) {
  write_atomically(dir, path, mode, [&](int file) { sys::write_all(file, bytes); });
}

void write_atomically(int dir, const std::string& path, mode_t mode,
                      const std::function<void(int file)>& write) {
  replace(dir, path, mode, Durable::no, write);
}

void write_durably(int dir, const std::string& path, std::string_view bytes, mode_t mode) {
  replace(dir, path, mode, Durable::yes, [&](int file) { sys::write_all(file, bytes); });
}

}  // namespace ocelot
