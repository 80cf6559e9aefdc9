#pragma once
#include <string>
#include <string_view>

#include "runtime/base/error.hpp"

// The log of one command: --log, --log-format, --debug.
//
// Engines read the log file as one JSON document, or take its last line of level error: a command that fails writes exactly one
// object, unless debugging was asked for. Warnings wait, and are written only when the command succeeds.
namespace ocelot::log {

enum class Format { text, json };

// Opens (creates, appends to) `path`; an empty path is standard error. A file that cannot be opened is no failure of the command: the
// messages then go to standard error alone.
void open(const std::string& path, Format format, bool debug);

bool debugging();
void debug(std::string_view message);
void warning(std::string_view message);

// The decisive message of a command that failed: one object in the log (keys level, msg, time, and hint when there is one), and
// for people on standard error the message, with the hint on a second line.
void failure(const Error& error, std::string_view prefix);

// Writes the warnings that waited. Called once, when the command has succeeded.
void flush_warnings();

}  // namespace ocelot::log
