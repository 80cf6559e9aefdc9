#pragma once
#include <string>
#include <string_view>

#include "runtime/base/error.hpp"
#include "runtime/base/fd.hpp"

// The log of one command: --log, --log-format, --log-level.
//
// Engines read the log file as one JSON document, or take its last line of level error: a command
// that fails writes exactly one object, unless debugging was asked for. Warnings wait, and are
// written only when the command succeeds.
//
// A message may hold what a container chose. It is written as valid UTF-8, on one line, control
// characters escaped, at most 8 KiB of it; the middle of a longer one is left out, for what went
// wrong is told at its end.
namespace ocelot::log {

enum class Format { text, json };
enum class Level { error, warning, debug };  // what is logged: this and all before it

// Opens (creates, appends to) `path`; an empty path is standard error. A file that cannot be opened
// is no failure of the command: it is warned of, and the messages go to standard error alone.
void open(const std::string& path, Format format, Level level);

// The log as it is, for another program in the place of this one.
struct Setting {
  UniqueFd file;  // none: standard error
  Format format = Format::text;
  Level level = Level::warning;
};
Setting setting();
void go_on(Setting setting);

// Moves the descriptor of the log to `first_free` or above: those below it belong to the container,
// open or not.
void make_room(int first_free);

bool debugging();
void debug(std::string_view message);
void warning(std::string_view message);

// The decisive message of a command that failed: one object in the log (keys level, msg, time, and
// hint when there is one), and for people on standard error the message, with the hint on a second
// line.
void failure(const Error& error, std::string_view prefix);
// The same when there is no memory left to say more with.
void out_of_memory() noexcept;

// Writes the warnings that waited. Called once, when the command has succeeded.
void flush_warnings();

}  // namespace ocelot::log
