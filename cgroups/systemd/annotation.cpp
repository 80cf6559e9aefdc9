#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

#include "cgroups/systemd/unit_properties.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::cgroups::systemd {
namespace {

// What a property is named that only the runtime sets.
constexpr std::array<std::string_view, 5> ours{"PIDs", "PIDFDs", "Slice", "Controller",
                                               "BPFProgram"};

struct TypeWord {
  std::string_view word;
  char type;
};
constexpr TypeWord type_words[] = {
    {"boolean", 'b'}, {"byte", 'y'},  {"int16", 'n'},  {"uint16", 'q'}, {"int32", 'i'},
    {"uint32", 'u'},  {"int64", 'x'}, {"uint64", 't'}, {"double", 'd'}, {"string", 's'},
};

template <typename Integer>
bool fits(std::string_view text) {
  return parse_integer<Integer>(text).has_value();
}

bool is_of_type(std::string_view text, char type) {
  switch (type) {
    case 'y':
      return fits<std::uint8_t>(text);
    case 'n':
      return fits<std::int16_t>(text);
    case 'q':
      return fits<std::uint16_t>(text);
    case 'i':
      return fits<std::int32_t>(text);
    case 'u':
      return fits<std::uint32_t>(text);
    case 'x':
      return fits<std::int64_t>(text);
    case 't':
      return fits<std::uint64_t>(text);
    default:
      return false;
  }
}

// A GVariant in its text form, as far as properties of units use it: basic values, arrays of them,
// arrays of tuples of them.
class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  Property parse() {
    if (peek() == '[') {
      array({});
    } else if (peek() == '@') {
      annotated();
    } else {
      result_.signature = basic({});
    }
    if (peek() != '\0') fail();
    return std::move(result_);
  }

 private:
  [[noreturn]] static void fail() {
    throw Error{ErrorKind::InvalidSpec, "is no value that can be understood"}.with_hint(
        "write true, 'text', uint64 5, ['a', 'b']: see the documentation of GVariant's text "
        "format");
  }

  char peek() {
    rest_ = trim(rest_);
    return rest_.empty() ? '\0' : rest_.front();
  }
  void expect(char c) {
    if (peek() != c) fail();
    rest_.remove_prefix(1);
  }
  std::string_view word() {
    peek();
    const auto end = std::ranges::find_if(rest_, [](char c) {
      return std::string_view{" \t\n,[]()'\""}.find(c) != std::string_view::npos;
    });
    const std::string_view found = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    rest_.remove_prefix(found.size());
    return found;
  }

  // "@as []", "@t 5".
  void annotated() {
    expect('@');
    const std::string_view type = word();
    if (type.size() == 2 && type.front() == 'a') return array(type.substr(1));
    if (type.size() != 1) fail();
    result_.signature = basic(type);
  }

  // `type` is what an element has to be; empty: what the first one is.
  void array(std::string_view type) {
    expect('[');
    std::string element(type);
    for (bool first = true; peek() != ']'; first = false) {
      if (!first) expect(',');
      const std::string found = peek() == '(' ? tuple() : basic(element);
      if (!element.empty() && element != found) fail();
      element = found;
    }
    expect(']');
    if (element.empty()) fail();
    result_.signature = "a" + element;
  }

  std::string tuple() {
    expect('(');
    std::string types;
    while (peek() != ')') {
      if (!types.empty()) expect(',');
      if (!types.empty() && peek() == ')') break;
      types += basic({});
    }
    expect(')');
    if (types.empty()) fail();
    return "(" + types + ")";
  }

  // Adds the value to the words; its type.
  std::string basic(std::string_view type) {
    if (peek() == '\'' || peek() == '"') {
      if (!type.empty() && type != "s") fail();
      result_.words.push_back(quoted());
      return "s";
    }
    const std::string_view found = word();
    if (found == "true" || found == "false") {
      if (!type.empty() && type != "b") fail();
      result_.words.emplace_back(found);
      return "b";
    }
    const auto named = std::ranges::find(type_words, found, &TypeWord::word);
    if (named != std::end(type_words)) {
      if (!type.empty() && type.front() != named->type) fail();
      return basic(std::string_view{&named->type, 1});
    }
    return numeric(found, type);
  }

  std::string numeric(std::string_view text, std::string_view type) {
    const bool fraction = text.find_first_of(".eE") != std::string_view::npos;
    const char wanted = !type.empty() ? type.front() : fraction ? 'd' : 'i';
    if (wanted == 'd') {
      double value = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
      if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) fail();
    } else if (!is_of_type(text, wanted)) {
      fail();
    }
    result_.words.emplace_back(text);
    return {wanted};
  }

  std::string quoted() {
    const char quote = peek();
    rest_.remove_prefix(1);
    std::string text;
    while (!rest_.empty() && rest_.front() != quote) {
      if (rest_.front() == '\\') {
        rest_.remove_prefix(1);
        if (rest_.empty() ||
            (rest_.front() != '\\' && rest_.front() != '\'' && rest_.front() != '"'))
          fail();
      }
      if (rest_.front() == '\0') fail();
      text.push_back(rest_.front());
      rest_.remove_prefix(1);
    }
    if (rest_.empty()) fail();
    rest_.remove_prefix(1);
    return text;
  }

  std::string_view rest_;
  Property result_;
};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// "5" seconds and "0.5" of one, in microseconds.
void turn_into_microseconds(Property& property) {
  if (property.signature.size() != 1 || property.signature == "s" || property.signature == "b")
    throw Error{ErrorKind::InvalidSpec, "must be a number of seconds"};
  constexpr double million = 1e6;
  double seconds = 0;
  const std::string& text = property.words.front();
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  const double microseconds = seconds * million;
  if (microseconds < 0 || microseconds >= 0x1p64)
    throw Error{ErrorKind::InvalidSpec, "is out of range"};
  property.signature = "t";
  property.words = {std::to_string(static_cast<std::uint64_t>(microseconds))};
}

}  // namespace

Property annotated_property(std::string_view name, std::string_view text) {
  Context at{[&] {
    return fmt::format("annotation {}{}", annotation_prefix, printable(name.substr(0, 64)));
  }};
  if (name.size() < 3 || !std::ranges::all_of(name, is_letter))
    throw Error{ErrorKind::InvalidSpec, "is no name of a property: it has letters alone"};
  if (std::ranges::find(ours, name) != ours.end())
    throw Error{ErrorKind::InvalidSpec, "is a property that only the runtime sets"};
  Property property = Parser{text}.parse();
  property.name = name;
  if (name.ends_with("Sec") && name.size() > 3 && name[name.size() - 4] >= 'a') {
    property.name.insert(property.name.size() - 3, "U");
    turn_into_microseconds(property);
  }
  return property;
}

}  // namespace ocelot::cgroups::systemd
