#include "cgroups/systemd/message.hpp"

#include <fmt/core.h>

#include <cstring>

#include "runtime/base/error.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::cgroups::systemd {
namespace {

[[noreturn]] void refuse() {
  throw Error{ErrorKind::InvalidArgument, "its value does not fit its type"};
}

void check(int outcome) {
  if (outcome < 0) sys::fail(-outcome, "sd_bus_message_append");
}

template <typename Number>
void append_number(sd_bus_message* message, char type, std::string_view word) {
  const auto number = parse_integer<Number>(word);
  if (!number) refuse();
  check(sd_bus_message_append_basic(message, type, &*number));
}

void append_double(sd_bus_message* message, std::string_view word) {
  double number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc{} || end != word.data() + word.size()) refuse();
  check(sd_bus_message_append_basic(message, 'd', &number));
}

void append_basic(sd_bus_message* message, char type, const std::string& word) {
  switch (type) {
    case 's':
      if (word.find('\0') != std::string::npos) refuse();
      return check(sd_bus_message_append_basic(message, 's', word.c_str()));
    case 'b': {
      const int flag = word == "true";
      return check(sd_bus_message_append_basic(message, 'b', &flag));
    }
    case 'y':
      return append_number<std::uint8_t>(message, type, word);
    case 'n':
      return append_number<std::int16_t>(message, type, word);
    case 'q':
      return append_number<std::uint16_t>(message, type, word);
    case 'i':
      return append_number<std::int32_t>(message, type, word);
    case 'u':
      return append_number<std::uint32_t>(message, type, word);
    case 'x':
      return append_number<std::int64_t>(message, type, word);
    case 't':
      return append_number<std::uint64_t>(message, type, word);
    case 'd':
      return append_double(message, word);
    default:
      throw Error{ErrorKind::InvalidArgument, "its type is not supported"};
  }
}

// The basic types in "as", "a(ss)", "t", and what they are in.
struct Shape {
  bool array = false, structs = false;
  std::string basics;
};

Shape shape_of(std::string_view signature) {
  Shape shape;
  if (signature.starts_with('a')) {
    shape.array = true;
    signature.remove_prefix(1);
  }
  if (shape.array && signature.starts_with('(') && signature.ends_with(')')) {
    shape.structs = true;
    signature = signature.substr(1, signature.size() - 2);
  }
  shape.basics = signature;
  const bool one = shape.basics.size() == 1;
  if (shape.basics.empty() || (!shape.structs && !one)) refuse();
  return shape;
}

void append_value(sd_bus_message* message, const Property& property) {
  const Shape shape = shape_of(property.signature);
  const std::size_t size = shape.basics.size();
  if (property.words.size() % size != 0 || (!shape.array && property.words.size() != 1)) refuse();
  if (shape.array)
    check(sd_bus_message_open_container(message, 'a', property.signature.c_str() + 1));
  for (std::size_t i = 0; i < property.words.size(); i += size) {
    if (shape.structs) check(sd_bus_message_open_container(message, 'r', shape.basics.c_str()));
    for (std::size_t j = 0; j < size; ++j)
      append_basic(message, shape.basics[j], property.words[i + j]);
    if (shape.structs) check(sd_bus_message_close_container(message));
  }
  if (shape.array) check(sd_bus_message_close_container(message));
}

}  // namespace

void append(sd_bus_message* message, const Properties& properties) {
  check(sd_bus_message_open_container(message, 'a', "(sv)"));
  for (const Property& property : properties) {
    Context at{[&] { return "property " + printable(property.name); }};
    check(sd_bus_message_open_container(message, 'r', "sv"));
    append_basic(message, 's', property.name);
    check(sd_bus_message_open_container(message, 'v', property.signature.c_str()));
    append_value(message, property);
    check(sd_bus_message_close_container(message));
    check(sd_bus_message_close_container(message));
  }
  check(sd_bus_message_close_container(message));
}

}  // namespace ocelot::cgroups::systemd
