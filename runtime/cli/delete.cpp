#include <fmt/core.h>

#include <functional>

#include "runtime/cli/commands.hpp"
#include "runtime/cli/selected.hpp"
#include "runtime/cli/shim.hpp"
#include "runtime/operations.hpp"

namespace ocelot::cli {

namespace {

void remove_one(const GlobalOptions& global, const std::string& id, Force force) {
  const std::string request =
      fmt::format(R"({{"operation":"delete","force":{}}})", force == Force::yes);
  // A shim may come while the lock is waited for: a container that is deleted behind its back
  // leaves it behind. And it may go before it has answered.
  const auto has_shim = [&] { return Shim::of(global, id).has_value(); };
  do {
    auto shim = Shim::of(global, id);
    if (shim && shim->ask_unless_gone(request, std::not_fn(has_shim))) return;
  } while (!ocelot::remove_unless(global, id, force, has_shim));
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
