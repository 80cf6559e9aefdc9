#include "runtime/cli/interval.hpp"

#include <fmt/core.h>

#include "runtime/base/text.hpp"
#include "runtime/cli/duration.hpp"

namespace ocelot::cli {

std::chrono::milliseconds interval(const Arguments& arguments, const Option& option,
                                   std::chrono::milliseconds otherwise) {
  const std::string_view word = arguments.text(option);
  if (word.empty()) return otherwise;
  const auto given = parse_duration(word);
  if (!given) {
    throw Error{ErrorKind::InvalidArgument,
                fmt::format("invalid value \"{}\" for option --{}", printable(word), option.name)}
        .with_hint("a number and its unit, such as 5s, 500ms or 1m30s");
  }
  if (given->count() <= 0)
    throw Error{ErrorKind::InvalidArgument, "duration interval must be greater than 0"}.with_hint(
        "write 500ms, 5s or 1m");
  return *given;
}

}  // namespace ocelot::cli
