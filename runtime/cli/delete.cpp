#include "runtime/cli/commands.hpp"
#include "runtime/cli/selected.hpp"
#include "runtime/operations.hpp"

namespace ocelot::cli {

int remove(const GlobalOptions& global, const Arguments& arguments) {
  const Force force = arguments.has(option::force) ? Force::yes : Force::no;
  const Select select = arguments.has(option::delete_regex) ? Select::matching : Select::one;
  for_selected(global, std::string(arguments.operands().front()), select,
               [&](const std::string& id) { ocelot::remove(global, id, force); });
  return 0;
}

}  // namespace ocelot::cli
