#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ocelot::oci {

// A JSON document as one flat array of values in the order of the text: after a container stands
// all that is in it.
//
// config.json may come from anywhere, so that what two parsers could read differently is refused.
class Document {
 public:
  enum class Type : std::uint8_t { null, boolean, integer, number, string, array, object };

  struct Value {
    Type type = Type::null;
    bool negative = false;       // of an integer
    mutable bool known = false;  // a reader asked for it by its name
    std::uint32_t end = 0;       // index of the first value that is no part of this one
    std::uint32_t offset = 0;    // in the text: where it ends, or where a container begins
    std::uint32_t key_begin = 0, key_size = 0;    // in the pool of texts; of a member of an object
    std::uint32_t text_begin = 0, text_size = 0;  // of a string
    std::uint64_t bits = 0;                       // a boolean, or an integer as two's complement
  };

  static constexpr std::size_t max_bytes = 16u << 20, max_string = 1u << 20, max_values = 1'000'000,
                               max_depth = 64;

  // Throws Error{InvalidSpec}, with line and column, for text that is not exactly one JSON value,
  // and for: more than 16 MiB, a million values, 1 MiB in a string or 64 levels; a key twice in an
  // object; invalid UTF-8, a byte order mark, a NUL.
  static Document parse(std::string_view text);

  // The value at a JSON pointer, or the innermost one on the way there.
  const Value& nearest(std::string_view pointer) const;

  const Value& at(std::uint32_t index) const { return values_[index]; }
  std::string_view key(const Value& value) const { return text(value.key_begin, value.key_size); }
  std::string_view string(const Value& value) const {
    return text(value.text_begin, value.text_size);
  }

 private:
  friend class Builder;

  std::string_view text(std::uint32_t begin, std::uint32_t size) const {
    return std::string_view(texts_).substr(begin, size);
  }

  std::vector<Value> values_;
  std::string texts_;
};

}  // namespace ocelot::oci
