#include "shim/stdio/log_file.hpp"

#include <fcntl.h>
#include <fmt/core.h>

#include <array>

#include "runtime/base/error.hpp"
#include "runtime/base/sys_files.hpp"

namespace ocelot::shim {
namespace {

constexpr std::chrono::seconds pause_after_failure{1};

// A shim that was killed while it wrote may have left half a line.
bool ends_within_line(int file, off_t size) {
  if (size == 0) return false;
  sys::seek(file, size - 1);
  std::array<char, 1> last{'\n'};
  return sys::try_read(file, last) == 1 && last[0] != '\n';
}

}  // namespace

LogFile::LogFile(LogFileOptions options) : options_(std::move(options)) {
  open();
}

void LogFile::open() {
  const Context at{[&] { return fmt::format("log {}", options_.path); }};
  // Non-blocking for the open alone: a FIFO in its place must not hold us.
  UniqueFd file = sys::open(AT_FDCWD, options_.path,
                            O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0640);
  const struct stat facts = sys::stat(file.get());
  if (!S_ISREG(facts.st_mode)) {
    throw Error{ErrorKind::InvalidArgument, "not a regular file"}.with_hint(
        "name a file that can be made, or one of an earlier log");
  }
  sys::set_nonblocking(file.get(), false);
  size_ = static_cast<std::uint64_t>(facts.st_size);
  if (ends_within_line(file.get(), facts.st_size) && sys::try_write(file.get(), "\n") == 1) ++size_;
  file_ = std::move(file);
}

bool LogFile::append(std::string_view records, Time now) {
  if (!kept_.empty()) {
    if (now < retry_at_) return false;
    retry_at_ = now + pause_after_failure;
    retry();
    if (!kept_.empty()) return false;
  }
  if (!write(records)) retry_at_ = now + pause_after_failure;
  return true;
}

void LogFile::retry() {
  const std::string kept = std::move(kept_);
  kept_.clear();
  write(kept);
}

// False when some of `records` had to be kept.
bool LogFile::write(std::string_view records) {
  while (!records.empty()) {
    std::size_t end = records.size();
    if (options_.max_size != 0 && size_ + end > options_.max_size && !kept_begins_within_) {
      // As many records as there is room for, or one where there is none.
      const std::uint64_t room = size_ < options_.max_size ? options_.max_size - size_ : 0;
      const std::size_t last = room == 0 ? std::string_view::npos
                                         : records.rfind('\n', static_cast<std::size_t>(room - 1));
      if (last != std::string_view::npos) {
        end = last + 1;
      } else if (size_ == 0) {
        end = records.find('\n') + 1;
      } else if (rotate()) {
        continue;
      } else {
        kept_ = records;
        return false;
      }
    } else if (kept_begins_within_) {
      end = records.find('\n') + 1;
    }
    const std::size_t count = write_some(records.substr(0, end));
    if (count > 0) kept_begins_within_ = records[count - 1] != '\n';
    records.remove_prefix(count);
    if (count < end) {
      kept_ = records;
      return false;
    }
  }
  return true;
}

// As many bytes as can be written now.
std::size_t LogFile::write_some(std::string_view bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = sys::try_write(file_.get(), bytes.substr(done));
    if (count <= 0) {
      failed(count == 0 ? ENOSPC : static_cast<int>(-count));
      break;
    }
    done += static_cast<std::size_t>(count);
  }
  size_ += done;
  written_ += done;
  return done;
}

bool LogFile::rotate() {
  const auto numbered = [&](unsigned number) {
    return number == 0 ? options_.path : fmt::format("{}.{}", options_.path, number);
  };
  try {
    if (options_.max_files <= 1) sys::unlink_if_exists(AT_FDCWD, options_.path);
    for (unsigned number = options_.max_files; number-- > 1;) {
      if (sys::stat_if_exists(AT_FDCWD, numbered(number - 1)))
        sys::rename(AT_FDCWD, numbered(number - 1), AT_FDCWD, numbered(number));
    }
    open();
  } catch (const Error& error) {
    failed(error.error_number());
    return false;
  }
  ++rotations_;
  return true;
}

void LogFile::reopen() {
  if (!kept_.empty()) retry();
  open();
  if (kept_begins_within_) kept_.erase(0, kept_.find('\n') + 1);
  kept_begins_within_ = false;
}

void LogFile::failed(int error_number) {
  ++errors_;
  last_error_ = error_number;
}

}  // namespace ocelot::shim
