#include "shim/members.hpp"

#include <fmt/core.h>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::shim {
namespace {

constexpr unsigned no_id = static_cast<unsigned>(-1);  // chown(2): leave it as it is

unsigned id_of(std::string_view digits, std::string_view word, const std::string& source,
               const char* wanted) {
  const auto id = parse_integer<unsigned>(digits);
  if (id && *id != control::overflow_id && *id != no_id) return *id;
  throw Error{ErrorKind::InvalidArgument,
              fmt::format("{}: \"{}\" is not {}", source, printable(word), wanted)}
      .with_hint(
          fmt::format("numbers separated by commas; {} stands for whom the kernel cannot name",
                      control::overflow_id));
}

}  // namespace

void add_operators(control::Authority::Members& members, std::string_view words,
                   const std::string& source) {
  if (words.empty()) return;
  for (const std::string_view word : split(words, ','))
    members.operators.push_back(id_of(word, word, source, "the id of a user"));
}

void add_observers(control::Authority::Members& members, std::string_view words,
                   const std::string& source) {
  if (words.empty()) return;
  for (const std::string_view word : split(words, ',')) {
    if (word.starts_with(':')) {
      members.observer_groups.push_back(
          id_of(word.substr(1), word, source, "a colon and the id of a group"));
    } else {
      members.observers.push_back(
          id_of(word, word, source, "the id of a user, or a colon and that of a group"));
    }
  }
}

}  // namespace ocelot::shim
