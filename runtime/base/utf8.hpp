#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

// man: utf-8(7)
namespace ocelot::utf8 {

struct Character {
  std::uint32_t code = 0xfffd;
  std::size_t size = 1;  // bytes
  bool valid = false;
};

// The first character of a text that is not empty. Overlong forms, surrogates and numbers above
// U+10FFFF are not valid.
Character first_character(std::string_view text);

// How many bytes at the end of `text`, 0 to 3, begin a character that further bytes may complete.
std::size_t unfinished_end(std::string_view text);

}  // namespace ocelot::utf8
