#include "oci/document.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "oci/violation.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::oci {
namespace {

using nlohmann::json;

// Tells how far the parser has read: its own interface gives a position only for syntax errors.
class Cursor {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  Cursor(const char* at, const char** read) : at_(at), read_(read) {}
  reference operator*() const { return *at_; }
  Cursor& operator++() {
    *read_ = ++at_;
    return *this;
  }
  Cursor operator++(int) {
    Cursor before = *this;
    ++*this;
    return before;
  }
  bool operator==(const Cursor& other) const { return at_ == other.at_; }

 private:
  const char* at_;
  const char** read_;
};

[[noreturn]] void refuse_at(std::string_view text, std::size_t offset, std::string_view why) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t newline = before.rfind('\n');
  const std::size_t column =
      newline == std::string_view::npos ? before.size() : before.size() - newline - 1;
  throw Error{ErrorKind::InvalidSpec,
              fmt::format("line {}, column {}: {}", line, std::max<std::size_t>(column, 1), why)};
}

// What the parser says, without its exception's name, position and long quotations.
std::string syntax_error(std::string_view what) {
  if (const auto at = what.find(": ");
      what.find("parse error at line") != std::string_view::npos && at != what.npos) {
    what.remove_prefix(at + 2);
  } else if (const auto bracket = what.find("] "); bracket != what.npos) {
    what.remove_prefix(bracket + 2);
  }
  const std::string safe = printable(what);
  return safe.size() <= 200 ? safe : safe.substr(0, 160) + "...";
}

}  // namespace

class Builder final : public nlohmann::json_sax<json> {
 public:
  Builder(std::string_view text, const char* const& read, Document& document)
      : text_(text), read_(read), values_(document.values_), texts_(document.texts_) {
    texts_.reserve(text.size());
    values_.reserve(text.size() / 16 + 16);
  }

  bool null() override { return add(Document::Type::null), true; }
  bool boolean(bool value) override {
    add(Document::Type::boolean).bits = value;
    return true;
  }
  bool number_integer(json::number_integer_t value) override {
    // Written with a minus sign; "-0" is a number that no integer prints as.
    Document::Value& added = add(value < 0 ? Document::Type::integer : Document::Type::number);
    added.bits = static_cast<std::uint64_t>(value);
    added.negative = true;
    return true;
  }
  bool number_unsigned(json::number_unsigned_t value) override {
    add(Document::Type::integer).bits = value;
    return true;
  }
  bool number_float(json::number_float_t, const std::string&) override {
    return add(Document::Type::number), true;
  }
  bool string(std::string& value) override {
    check_text(value);
    Document::Value& added = add(Document::Type::string);
    added.text_begin = keep(value);
    added.text_size = static_cast<std::uint32_t>(value.size());
    return true;
  }
  bool binary(json::binary_t&) override { refuse("binary data"); }
  bool start_object(std::size_t) override { return open(Document::Type::object); }
  bool start_array(std::size_t) override { return open(Document::Type::array); }
  bool end_array() override { return close(); }
  bool key(std::string& value) override {
    check_text(value);
    key_begin_ = keep(value);
    key_size_ = static_cast<std::uint32_t>(value.size());
    // In a large object the keys are compared once, at its end.
    Level& level = levels_.back();
    level.keys.push_back({key_begin_, key_size_});
    if (level.keys.size() <= few_keys) {
      const auto same = [&](const Text& earlier) {
        return view(earlier) == std::string_view(value);
      };
      if (std::any_of(level.keys.begin(), level.keys.end() - 1, same)) refuse_duplicate(value);
    }
    return true;
  }
  bool end_object() override {
    std::vector<Text>& keys = levels_.back().keys;
    if (keys.size() > few_keys) {
      std::sort(keys.begin(), keys.end(), [&](Text a, Text b) { return view(a) < view(b); });
      const auto same = [&](Text a, Text b) { return view(a) == view(b); };
      if (const auto twice = std::adjacent_find(keys.begin(), keys.end(), same);
          twice != keys.end()) {
        refuse_duplicate(view(*twice));
      }
    }
    return close();
  }
  bool parse_error(std::size_t position, const std::string&,
                   const json::exception& error) override {
    refuse_at(text_, position, syntax_error(error.what()));
  }

 private:
  struct Text {
    std::uint32_t begin, size;
  };
  struct Level {
    std::uint32_t index;
    std::vector<Text> keys;
  };
  static constexpr std::size_t few_keys = 32;

  [[noreturn]] void refuse(std::string_view why) const {
    refuse_at(text_, static_cast<std::size_t>(read_ - text_.data()), why);
  }
  [[noreturn]] void refuse_duplicate(std::string_view key) const {
    refuse(fmt::format("the key \"{}\" stands twice in one object", printable(key.substr(0, 100))));
  }

  void check_text(std::string_view value) const {
    if (value.size() > Document::max_string) refuse("a string is longer than 1 MiB");
    if (value.find('\0') != std::string_view::npos) refuse("a string must not contain a NUL");
  }
  std::uint32_t keep(std::string_view value) {
    const auto begin = static_cast<std::uint32_t>(texts_.size());
    texts_.append(value);
    return begin;
  }
  std::string_view view(Text text) const {
    return std::string_view(texts_).substr(text.begin, text.size);
  }

  Document::Value& add(Document::Type type) {
    if (values_.size() >= Document::max_values) refuse("more than a million values");
    Document::Value& value = values_.emplace_back();
    value.type = type;
    value.end = static_cast<std::uint32_t>(values_.size());
    value.offset = static_cast<std::uint32_t>(read_ - text_.data()) - 1;
    value.key_begin = key_begin_;
    value.key_size = std::exchange(key_size_, 0);
    return value;
  }
  bool open(Document::Type type) {
    if (levels_.size() >= Document::max_depth) refuse("more than 64 levels deep");
    add(type);
    levels_.push_back({static_cast<std::uint32_t>(values_.size() - 1), {}});
    return true;
  }
  bool close() {
    values_[levels_.back().index].end = static_cast<std::uint32_t>(values_.size());
    levels_.pop_back();
    return true;
  }

  std::string_view text_;
  const char* const& read_;
  std::vector<Document::Value>& values_;
  std::string& texts_;
  std::vector<Level> levels_;
  std::uint32_t key_begin_ = 0, key_size_ = 0;
};

Document Document::parse(std::string_view text) {
  if (text.size() > max_bytes) throw Error{ErrorKind::InvalidSpec, "larger than 16 MiB"};
  // The parser takes a NUL for the end of the text, and skips a byte order mark.
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos)
    refuse_at(text, nul + 1, "a NUL byte");
  if (text.starts_with("\xef\xbb\xbf")) refuse_at(text, 1, "a byte order mark");

  Document document;
  const char* read = text.data();
  Builder builder{text, read, document};
  json::sax_parse(Cursor{text.data(), &read}, Cursor{text.data() + text.size(), &read}, &builder);
  return document;
}

const Document::Value& Document::nearest(std::string_view pointer) const {
  std::uint32_t found = 0;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const std::size_t slash = pointer.find('/');
    const std::string_view part = pointer.substr(0, slash);
    pointer.remove_prefix(slash == std::string_view::npos ? pointer.size() : slash);

    const Value& container = values_[found];
    const std::size_t wanted = parse_integer<std::size_t>(part).value_or(max_values);
    std::uint32_t child = found + 1;
    for (std::size_t position = 0; child < container.end; ++position, child = values_[child].end) {
      const bool array = container.type == Type::array;
      if (array ? position == wanted : json_pointer_part(key(values_[child])).substr(1) == part)
        break;
    }
    if (child >= container.end) break;
    found = child;
  }
  return values_[found];
}

}  // namespace ocelot::oci
