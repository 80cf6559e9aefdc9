#include <fmt/core.h>

#include "runtime/cli/commands.hpp"
#include "runtime/cli/selected.hpp"
#include "runtime/cli/shim.hpp"
#include "runtime/operations.hpp"

namespace ocelot::cli {

namespace {

void remove_one(const GlobalOptions& global, const std::string& id, Force force) {
  ask_or_act(global, id, fmt::format(R"({{"operation":"delete","force":{}}})", force == Force::yes),
             [&] { ocelot::remove(global, id, force); });
}

}  // namespace

int remove(const GlobalOptions& global, const Arguments& arguments) {
  const Force force = arguments.has(option::force) ? Force::yes : Force::no;
  const Select select = arguments.has(option::delete_regex) ? Select::matching : Select::one;
  for_selected(global, std::string(arguments.operands().front()), select,
               [&](const std::string& id) { remove_one(global, id, force); });
  return 0;
}

}  // namespace ocelot::cli
