#pragma once
#include <string>
#include <string_view>

namespace ocelot::log {

enum class Escapes {
  json,      // inside a JSON string
  quoted,    // inside "..." of a text line: quotes and backslashes escaped, control bytes as \xNN
  plain,     // for a person: control bytes as \xNN
  indented,  // as plain, but line breaks stay, with blanks after them: the text cannot begin a line
};

// `text` without control characters and line separators, as valid UTF-8 (what was none is U+FFFD),
// cut in its middle to 8 KiB.
std::string escaped(std::string_view text, Escapes escapes);

}  // namespace ocelot::log
