#pragma once
#include <fmt/core.h>

#include <concepts>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "oci/document.hpp"
#include "oci/violation.hpp"

namespace ocelot::oci {

// A value of a document and the path that led to it, so that a complaint can say where. They are
// collected.
//
// Readers live on the stack, a child not longer than its parent.
class Reader {
 public:
  // `unknown` collects the members of structs that nobody asked for, as JSON pointers.
  Reader(const Document& document, Violations& violations, std::vector<std::string>& unknown)
      : document_(document), value_(document.at(0)), violations_(violations), unknown_(unknown) {}

  // The section of the specification that describes this value, and the values in it that have
  // none.
  void section(const char* spec) { section_ = spec; }

  template <typename T>
  void required(std::string_view key, T& out) {
    if (!member(key, out)) complain_about(key, "required", "is required");
  }
  template <typename T>
  void optional(std::string_view key, T& out) {
    member(key, out);
  }
  // One of a few words that stand for values: `words` is a table of Word.
  template <typename Words, typename T>
  void required_word(std::string_view key, const Words& words, T& out) {
    if (!optional_word(key, words, out))
      complain_about(key, "required", "is required: " + one_of(words));
  }
  template <typename Words, typename T>
  bool optional_word(std::string_view key, const Words& words, T& out) {
    std::string word;
    const std::size_t before = complaints();
    if (!member(key, word) || (word.empty() && complaints() == before)) return false;
    if (complaints() != before) return true;
    for (const auto& known : words) {
      if (word == known.word) return out = known.value, true;
    }
    complain_about(key, "word",
                   fmt::format("\"{}\" is unknown: {}", printable_start(word), one_of(words)));
    return true;
  }

  // Calls `visit(Reader&)` for each element of an array, `visit(key, Reader&)` for each member of
  // an object.
  template <typename Visit>
  void each_element(Visit visit) {
    if (value_.type != Document::Type::array) return complain("type", "must be an array");
    std::size_t position = 0;
    for (std::uint32_t i = first(); i < value_.end; i = document_.at(i).end) {
      Reader element{*this, document_.at(i), {}, position++};
      visit(element);
    }
  }
  template <typename Visit>
  void each_member(Visit visit) {
    if (!is_object()) return complain("type", "must be an object");
    for (std::uint32_t i = first(); i < value_.end; i = document_.at(i).end) {
      const std::string_view key = document_.key(document_.at(i));
      Reader element{*this, document_.at(i), key, 0};
      visit(key, element);
    }
  }

  bool is_null() const { return value_.type == Document::Type::null; }
  bool is_object() const { return value_.type == Document::Type::object; }
  std::optional<std::string_view> string() const;
  std::optional<bool> boolean() const;
  // The value, if it is an integer from `min` to `max`.
  std::optional<std::int64_t> signed_integer(std::int64_t min, std::int64_t max) const;
  std::optional<std::uint64_t> unsigned_integer(std::uint64_t max) const;

  // Said when all members of this object that are known have been read.
  void struct_is_read();

  void complain(const char* rule, std::string message) { add({}, rule, std::move(message), false); }
  std::size_t complaints() const { return violations_.size(); }

 private:
  Reader(const Reader& parent, const Document::Value& value, std::string_view key,
         std::size_t position)
      : document_(parent.document_),
        value_(value),
        violations_(parent.violations_),
        unknown_(parent.unknown_),
        parent_(&parent),
        key_(key),
        position_(position),
        section_(parent.section_) {}

  std::uint32_t first() const { return static_cast<std::uint32_t>(&value_ - &document_.at(0)) + 1; }
  // The member of that name, unless it is absent or null. Warns of one that differs in case alone.
  const Document::Value* find(std::string_view key);
  void complain_about(std::string_view key, const char* rule, std::string message) {
    add(key, rule, std::move(message), false);
  }
  void add(std::string_view key, const char* rule, std::string message, bool warning);
  std::string path() const;

  template <typename T>
  bool member(std::string_view key, T& out) {
    const Document::Value* value = find(key);
    if (value == nullptr) return false;
    Reader reader{*this, *value, key, 0};
    read_value(reader, out);
    return true;
  }
  static std::string printable_start(std::string_view text);
  template <typename Words>
  static std::string one_of(const Words& words) {
    std::string text;
    for (const auto& known : words)
      text.append(text.empty() ? "write one of " : ", ").append(known.word);
    return text;
  }

  const Document& document_;
  const Document::Value& value_;
  Violations& violations_;
  std::vector<std::string>& unknown_;
  const Reader* parent_ = nullptr;
  std::string_view key_;      // in the parent, an object
  std::size_t position_ = 0;  // in the parent, an array
  const char* section_ = "config.md";
};

// A struct is read from an object and from nothing else; other types complain for themselves.
template <typename T>
void read_value(Reader& r, T& out) {
  if (std::is_aggregate_v<T> && !r.is_object()) return r.complain("type", "must be an object");
  read(r, out);
  if (std::is_aggregate_v<T>) r.struct_is_read();
}

void read(Reader& r, std::string& out);
void read(Reader& r, bool& out);

template <std::integral T>
void read(Reader& r, T& out) {
  using Limits = std::numeric_limits<T>;
  if constexpr (std::signed_integral<T>) {
    if (const auto value = r.signed_integer(Limits::min(), Limits::max()))
      return void(out = static_cast<T>(*value));
  } else {
    if (const auto value = r.unsigned_integer(Limits::max()))
      return void(out = static_cast<T>(*value));
  }
  r.complain("type",
             sizeof(T) == sizeof(std::int64_t)
                 ? std::string("must be an integer of 64 bits, without fraction or exponent")
                 : fmt::format("must be an integer from {} to {}", Limits::min(), Limits::max()));
}

template <typename T>
void read(Reader& r, std::optional<T>& out) {
  const std::size_t before = r.complaints();
  read_value(r, out.emplace());
  const bool usable_in_part = std::is_aggregate_v<T> && r.is_object();
  if (r.complaints() != before && !usable_in_part) out.reset();
}

template <typename T>
void read(Reader& r, std::vector<T>& out) {
  r.each_element([&](Reader& element) { read_value(element, out.emplace_back()); });
}

template <typename T>
void read(Reader& r, std::map<std::string, T>& out) {
  r.each_member(
      [&](std::string_view key, Reader& member) { read_value(member, out[std::string(key)]); });
}

}  // namespace ocelot::oci
