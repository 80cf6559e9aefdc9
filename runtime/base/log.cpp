#include "runtime/base/log.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <chrono>
#include <vector>

#include "runtime/base/fd.hpp"
#include "runtime/base/log_text.hpp"
#include "runtime/base/sys_files.hpp"

namespace ocelot::log {

namespace {

struct Log : Setting {
  std::vector<std::string> waiting;

  // Whether messages take the form that programs read; otherwise people read them, on standard
  // error.
  bool for_programs() const { return file || format == Format::json; }
};
constinit Log current;

constexpr int patience_ms = 1000;

// One write: lines of several processes do not mix. What a full pipe does not take is lost; a
// command never waits for its log, and a second at most for whoever should read its standard error.
void write(int fd, std::string_view line) noexcept {
  while (!line.empty()) {
    if (fd == STDERR_FILENO && !sys::wait_writable(fd, patience_ms)) return;
    const ssize_t written = sys::try_write(fd, line);
    if (written <= 0) return;
    line.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string now() {
  using namespace std::chrono;
  const auto time = floor<microseconds>(system_clock::now());
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

void write_entry(std::string_view level, std::string_view message, std::string_view hint) {
  std::string line;
  if (current.format == Format::json) {
    line = fmt::format(R"({{"level":"{}","msg":"{}","time":"{}")", level,
                       escaped(message, Escapes::json), now());
    if (!hint.empty()) line += fmt::format(R"(,"hint":"{}")", escaped(hint, Escapes::json));
    line += "}\n";
  } else {
    line = fmt::format(R"(time="{}" level={} msg="{}")", now(), level,
                       escaped(message, Escapes::quoted));
    if (!hint.empty()) line += fmt::format(R"( hint="{}")", escaped(hint, Escapes::quoted));
    line += '\n';
  }
  write(current.file ? current.file.get() : STDERR_FILENO, line);
}

void report(std::string_view level, std::string_view message) {
  if (current.for_programs()) return write_entry(level, message, {});
  write(STDERR_FILENO, fmt::format("ocelot: {}: {}\n", level, escaped(message, Escapes::plain)));
}

}  // namespace

void open(const std::string& path, Format format, Level level) {
  current.file.reset();
  current.format = format;
  current.level = level;
  current.waiting.clear();
  if (path.empty()) return;
  try {
    // Not through a symbolic link, which somebody else may have put there; not waiting for the
    // reader of a FIFO.
    current.file = sys::open(
        AT_FDCWD, path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0644);
  } catch (const Error& error) {
    warning(fmt::format("log: {}", error.what()));
  }
}

Setting setting() {
  return {current.file ? sys::duplicate(current.file.get()) : UniqueFd{}, current.format,
          current.level};
}

void go_on(Setting setting) {
  static_cast<Setting&>(current) = std::move(setting);
}

void make_room(int first_free) {
  if (current.file && current.file.get() < first_free)
    current.file = sys::duplicate(current.file.get(), first_free);
}

bool debugging() {
  return current.level == Level::debug;
}

void debug(std::string_view message) {
  if (debugging()) report("debug", message);
}

void warning(std::string_view message) {
  if (debugging()) return report("warning", message);
  if (current.level == Level::warning) current.waiting.emplace_back(message);
}

void failure(const Error& error, std::string_view prefix) {
  const std::string message = fmt::format("{}{}", prefix, error.what());
  if (current.for_programs()) write_entry("error", message, error.hint());
  if (!current.file && current.format == Format::json) return;
  std::string lines =
      fmt::format("{}{}\n", prefix.empty() ? "ocelot: " : "", escaped(message, Escapes::plain));
  if (!error.hint().empty())
    lines += fmt::format("hint: {}\n", escaped(error.hint(), Escapes::indented));
  write(STDERR_FILENO, lines);
}

void out_of_memory() noexcept {
  if (current.for_programs()) {
    write(current.file ? current.file.get() : STDERR_FILENO,
          current.format == Format::json
              ? "{\"level\":\"error\",\"msg\":\"cannot allocate memory\"}\n"
              : "level=error msg=\"cannot allocate memory\"\n");
  }
  if (current.file || current.format == Format::text)
    write(STDERR_FILENO, "ocelot: cannot allocate memory\n");
}

void flush_warnings() {
  for (const std::string& message : current.waiting) report("warning", message);
  current.waiting.clear();
}

}  // namespace ocelot::log
