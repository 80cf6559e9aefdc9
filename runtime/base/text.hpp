#pragma once
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ocelot {

// The parts between `separator`s; an empty text has one empty part.
std::vector<std::string_view> split(std::string_view text, char separator);

// Whether `path` is `place`, or something in it at any depth, by their names: "/a/b" is in "/a".
bool is_at_or_below(std::string_view path, std::string_view place);

// Two digits a byte; nullopt for a text that is not that.
std::string hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view text);

// The parts between blanks (spaces, tabs, ends of lines), none of them empty.
std::vector<std::string_view> words(std::string_view text);

// A whole decimal integer and nothing else: no sign for unsigned types, no blanks, no overflow.
template <typename Integer>
std::optional<Integer> parse_integer(std::string_view text) {
  Integer value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

std::string_view trim(std::string_view text);

// `text` with control bytes as \xNN, for a line that one person reads: nobody can forge another
// line.
std::string printable(std::string_view text);

}  // namespace ocelot
