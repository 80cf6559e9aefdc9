#include "oci/lists.hpp"

#include <algorithm>

#include "runtime/base/text.hpp"

namespace ocelot::oci {
namespace {

struct Range {
  unsigned first = 0, last = 0;
  unsigned used = 1, group = 1;
};

std::optional<unsigned> number(std::string_view text) {
  const auto value = parse_integer<unsigned>(text);
  return value && *value <= max_list_number ? value : std::nullopt;
}

std::optional<Range> parse_range(std::string_view text) {
  Range range;
  const std::size_t colon = text.find(':');
  const std::string_view bounds = text.substr(0, colon);
  const std::size_t dash = bounds.find('-');
  const auto first = number(bounds.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : number(bounds.substr(dash + 1));
  if (!first || !last || *first > *last) return std::nullopt;
  range.first = *first;
  range.last = *last;
  if (colon == std::string_view::npos) return range;

  const std::string_view stride = text.substr(colon + 1);
  const std::size_t slash = stride.find('/');
  if (slash == std::string_view::npos || dash == std::string_view::npos) return std::nullopt;
  const auto used = number(stride.substr(0, slash)), group = number(stride.substr(slash + 1));
  if (!used || !group || *used == 0 || *used > *group) return std::nullopt;
  range.used = *used;
  range.group = *group;
  return range;
}

}  // namespace

std::optional<std::vector<unsigned>> parse_list(std::string_view text) {
  std::vector<bool> member(max_list_number + 1);
  for (const std::string_view part : split(text, ',')) {
    const auto range = parse_range(trim(part));
    if (!range) return std::nullopt;
    for (unsigned i = range->first; i <= range->last; ++i) {
      if ((i - range->first) % range->group < range->used) member[i] = true;
    }
  }
  std::vector<unsigned> numbers;
  for (unsigned i = 0; i <= max_list_number; ++i) {
    if (member[i]) numbers.push_back(i);
  }
  return numbers;
}

}  // namespace ocelot::oci
