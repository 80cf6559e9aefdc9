#include "runtime/base/log_text.hpp"

#include <fmt/core.h>

#include <cstdint>

#include "runtime/base/utf8.hpp"

namespace ocelot::log {

namespace {

constexpr std::size_t longest = 8192;
constexpr std::size_t kept_of_the_end = 2048;

// C0, DEL, C1 (which terminals obey as well) and the two separators that some readers take for a
// line's end.
bool is_control(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 || code == 0x2029;
}

void append_control(std::string& out, std::uint32_t code, std::string_view bytes, Escapes escapes) {
  if (escapes == Escapes::json) {
    out += fmt::format("\\u{:04x}", code);
  } else if (escapes == Escapes::indented && code == '\n') {
    out += "\n      ";
  } else {
    for (const char byte : bytes) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
  }
}

void append_escaped(std::string& out, std::string_view text, Escapes escapes) {
  while (!text.empty()) {
    const utf8::Character character = utf8::first_character(text);
    const std::string_view bytes = text.substr(0, character.size);
    text.remove_prefix(character.size);
    if (!character.valid) {
      out += "\xef\xbf\xbd";
    } else if (is_control(character.code)) {
      append_control(out, character.code, bytes, escapes);
    } else {
      const bool in_quotes = escapes == Escapes::json || escapes == Escapes::quoted;
      if (in_quotes && (character.code == '"' || character.code == '\\')) out += '\\';
      out += bytes;
    }
  }
}

}  // namespace

std::string escaped(std::string_view text, Escapes escapes) {
  std::string out;
  if (text.size() <= longest) {
    append_escaped(out, text, escapes);
    return out;
  }
  constexpr std::string_view gap = " ... ";
  append_escaped(out, text.substr(0, longest - gap.size() - kept_of_the_end), escapes);
  out += gap;
  append_escaped(out, text.substr(text.size() - kept_of_the_end), escapes);
  return out;
}

}  // namespace ocelot::log
