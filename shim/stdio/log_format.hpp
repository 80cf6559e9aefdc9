#pragma once
#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "shim/stdio/stream.hpp"

// From bytes to the records of a log file: pure.
namespace ocelot::shim {

enum class LogFormat {
  cri,   // 2026-11-24T11:00:00.123456789Z stdout F text
  json,  // {"log":"text\n","stream":"stdout","time":"2026-11-24T11:00:00.123456789Z"}
};

// "cri" and "json".
const char* name(LogFormat format) noexcept;
LogFormat log_format_named(std::string_view name) noexcept;  // any other word is cri

// Whether a record holds the end of its line. One that does not is tagged P (cri), or its text has
// no newline (json); readers join it with the next of the same stream.
enum class Ending { full, partial };

// Bytes of text in one record at most, as in the Kubernetes CRI and in Docker.
constexpr std::size_t longest_text = 16384;

// RFC 3339 in UTC with nine digits.
std::string timestamp(std::chrono::sys_time<std::chrono::nanoseconds> time);

// Appends one record, its newline included. In json what is no UTF-8 becomes U+FFFD; in cri the
// bytes stay as they are. `text` has no newline.
void append_record(std::string& out, LogFormat format, Stream stream, std::string_view stamp,
                   std::string_view text, Ending ending);

// The bytes of one stream as lines, of which it remembers at most longest_text bytes.
class LineSplitter {
 public:
  // Takes text without newline.
  using Sink = std::function<void(std::string_view text, Ending ending)>;

  // Passes on each line that `bytes` end, and in pieces what is longer than longest_text. A piece
  // does not end within a character of UTF-8.
  void add(std::string_view bytes, const Sink& sink);
  // Passes on what is there of a line, so that a prompt appears.
  void flush(const Sink& sink);
  // The same at the end of the stream, with what is there of a character.
  void end(const Sink& sink);

  bool unfinished() const { return !kept_.empty(); }

 private:
  std::string kept_;
};

}  // namespace ocelot::shim
