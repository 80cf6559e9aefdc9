#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "shim/stdio/log_file.hpp"
#include "shim/stdio/log_format.hpp"
#include "shim/stdio/rate_limit.hpp"

namespace ocelot::shim {

// What becomes of output that comes faster than the log's rate.
enum class OverRate {
  drop,  // whole lines are left out, and a line tells how many
  hold,  // the process waits
};

struct LogOptions {
  LogFileOptions file;
  LogFormat format = LogFormat::cri;
  std::uint64_t rate = 0;         // bytes a second of the process's output; 0: no limit
  std::uint64_t burst = 1 << 20;  // bytes that may come at once
  OverRate over_rate = OverRate::drop;
};

struct LogCounters {
  std::uint64_t records = 0;
  std::uint64_t written_bytes = 0;  // of records, in all files
  std::uint64_t dropped_lines = 0, dropped_bytes = 0;
  std::uint64_t errors = 0;  // of the file system
  std::uint64_t rotations = 0;
  int last_error = 0;  // errno

  // Of logs one after the other.
  LogCounters& operator+=(const LogCounters& later);
};

// The log of one process: lines of two streams, with a limit to how fast it grows.
class OutputLog {
 public:
  using WallTime = std::chrono::sys_time<std::chrono::nanoseconds>;
  using Time = RateLimit::Time;
  // The time of a record, and the time that passes.
  struct Moment {
    WallTime wall;
    Time steady;
    static Moment now();
  };

  // Opens the file: see LogFile.
  explicit OutputLog(const LogOptions& options);

  // Never fails: what the file does not take is dropped and counted. Returns how long the process
  // should be held back (OverRate::hold), mostly 0.
  std::chrono::milliseconds add(Stream stream, std::string_view bytes, const Moment& now);
  // Whether there is an unfinished line, for flush() to write a little later.
  bool unfinished() const;
  void flush(const Moment& now);
  // The end of a stream; of what the disk did not take, one more attempt.
  void end(Stream stream, const Moment& now);
  // See LogFile.
  void reopen();

  LogCounters counters() const;

 private:
  struct StreamState {
    LineSplitter lines;
    bool within_line = false;   // the last piece was partial
    bool dropping = false;      // the rest of this line
    bool open_in_file = false;  // the last record written was partial
  };

  void take(Stream stream, std::string_view text, Ending ending, const Moment& now);
  void put(Stream stream, std::string_view text, Ending ending);
  void drop(StreamState& state, std::string_view text, Ending ending);
  void tell_dropped(Stream stream);
  void begin_batch();
  void write_batch(Time now);
  LineSplitter::Sink sink(Stream stream, const Moment& now);

  const LogFormat format_;
  const OverRate over_rate_;
  LogFile file_;
  RateLimit limit_;
  std::array<StreamState, 2> streams_;
  std::string batch_, stamp_;
  std::uint64_t records_ = 0, dropped_lines_ = 0, dropped_bytes_ = 0;
  std::uint64_t told_lines_ = 0, told_bytes_ = 0;
  // What was so before the batch, which is dropped as a whole.
  struct BatchStart {
    std::array<bool, 2> open_in_file{};
    std::uint64_t records = 0, told_lines = 0, told_bytes = 0;
  } batch_start_;
  std::uint64_t batch_lines_ = 0, batch_bytes_ = 0;  // of the process's output in the batch
};

}  // namespace ocelot::shim
