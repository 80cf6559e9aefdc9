#include "runtime/cli/ps_lines.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::cli {

std::string lines_of(std::string_view output, std::span<const pid_t> pids) {
  const auto lines = split(output, '\n');
  const auto header = words(lines.front());
  const auto column = std::ranges::find(header, "PID");
  if (column == header.end()) {
    throw Error{ErrorKind::InvalidArgument, "couldn't find PID field in ps output"}.with_hint(
        "the arguments must make ps print a PID column: -o pid,comm for example");
  }
  const auto index = static_cast<std::size_t>(column - header.begin());
  std::string kept = fmt::format("{}\n", lines.front());
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto fields = words(lines[i]);
    if (fields.empty()) continue;
    const auto pid = index < fields.size() ? parse_integer<pid_t>(fields[index]) : std::nullopt;
    if (!pid) {
      throw Error{ErrorKind::Failed,
                  fmt::format("unexpected line in ps output: {}", printable(lines[i]))};
    }
    if (std::ranges::binary_search(pids, *pid)) kept.append(lines[i]).append("\n");
  }
  return kept;
}

}  // namespace ocelot::cli
