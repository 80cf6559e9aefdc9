#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/base/fd.hpp"

namespace ocelot::shim {

struct LogFileOptions {
  std::string path;            // absolute; never the container's choice
  std::uint64_t max_size = 0;  // bytes in one file, at which it is rotated; 0: no limit
  unsigned max_files = 1;      // kept: path, path.1 (the one before), ...; at 1 only path
};

// A file that records are appended to, and that outlasts a full disk.
//
// Whole records: a file is never longer than max_size unless one record is, and starts and ends
// with one. A write is one call of write(2) on a regular file, which waits for nobody but the disk.
class LogFile {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Opens or makes it (mode 0640, no symbolic link at the end, a regular file); throws Error. A
  // last line that has no newline gets one.
  explicit LogFile(LogFileOptions options);

  // Appends `records`, each ended by a newline. False when they cannot be taken now: there is no
  // space (ENOSPC, EDQUOT), or another error. What of an earlier call could not be written is kept
  // (no more than it was given) and tried again, at most once a second; until it is written
  // nothing new is taken.
  bool append(std::string_view records, Time now);
  // Tries once more to write what is kept, whenever the last attempt was; what still cannot be
  // written stays.
  void retry();
  // Opens the path again, after another program has renamed the file. Throws Error and goes on with
  // the old file when that fails.
  void reopen();

  std::size_t kept_bytes() const { return kept_.size(); }
  std::uint64_t written_bytes() const { return written_; }
  std::uint64_t errors() const { return errors_; }
  std::uint64_t rotations() const { return rotations_; }
  int last_error() const { return last_error_; }  // errno of the last one, or 0

 private:
  bool write(std::string_view records);
  std::size_t write_some(std::string_view bytes);
  bool rotate();
  void open();
  void failed(int error_number);

  const LogFileOptions options_;
  UniqueFd file_;
  std::uint64_t size_ = 0;
  std::string kept_;
  bool kept_begins_within_ = false;  // the first record of kept_ is in the file in part
  Time retry_at_{};
  std::uint64_t written_ = 0, errors_ = 0, rotations_ = 0;
  int last_error_ = 0;
};

}  // namespace ocelot::shim
