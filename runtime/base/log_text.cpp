#include "runtime/base/log_text.hpp"

#include <fmt/core.h>

#include <cstdint>

namespace ocelot::log {

namespace {

constexpr std::size_t longest = 8192;
constexpr std::size_t kept_of_the_end = 2048;

struct Character {
  std::uint32_t code = 0xfffd;
  std::size_t size = 1;  // bytes
  bool valid = false;
};

// The first character of a text that is not empty. Overlong forms, surrogates and numbers above
// U+10FFFF are not valid.
Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return {};
  std::uint32_t code = lead & (0x7fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0u) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3fu);
  }
  const bool overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
  if (overlong || (code >= 0xd800 && code < 0xe000) || code > 0x10ffff) return {};
  return {code, size, true};
}

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
    const Character character = first_character(text);
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
