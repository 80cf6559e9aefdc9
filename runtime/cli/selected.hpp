#pragma once
#include <fmt/core.h>

#include <optional>
#include <string>

#include "runtime/base/error.hpp"
#include "runtime/operations.hpp"

namespace ocelot::cli {

enum class Select { one, matching };

// Does `operation(id)` with the container `id`, or with every one that the regular expression `id`
// matches. Of those, one that fails does not keep the others from their turn; the first failure is
// thrown then, and names its container.
template <typename Operation>
void for_selected(const GlobalOptions& global, const std::string& id, Select select,
                  Operation operation) {
  if (select == Select::one) return operation(id);
  std::optional<Error> first;
  for (const std::string& match : matching_ids(global, id)) {
    try {
      Context at{[&] { return fmt::format("container {}", match); }};
      operation(match);
    } catch (const Error& error) {
      if (!first) first = error;
    }
  }
  if (first) throw *first;
}

}  // namespace ocelot::cli
