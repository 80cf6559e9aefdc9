#include <fmt/core.h>

#include "runtime/base/error.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/selected.hpp"
#include "runtime/cli/shim.hpp"
#include "runtime/operations.hpp"

namespace ocelot::cli {

namespace {

void remove_one(const GlobalOptions& global, const std::string& id, Force force) {
  const std::string request =
      fmt::format(R"({{"operation":"delete","force":{}}})", force == Force::yes);
  const auto gone = [&] { return !Shim::of(global, id); };
  for (;;) {
    Owner owner = owner_of(global, id, "delete");
    auto* shim = std::get_if<Shim>(&owner);
    if (shim == nullptr) return ocelot::remove(std::get<ContainerDirectory>(owner), force);
    if (shim->ask_unless_gone(request, gone)) return;
  }
}

void remove_if_there(const GlobalOptions& global, const std::string& id) {
  try {
    remove_one(global, id, Force::yes);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::NotFound) throw;
  }
}

}  // namespace

int remove(const GlobalOptions& global, const Arguments& arguments) {
  const Force force = arguments.has(option::force) ? Force::yes : Force::no;
  const Select select = arguments.has(option::delete_regex) ? Select::matching : Select::one;
  for_selected(
      global, std::string(arguments.operands().front()), select, [&](const std::string& id) {
        force == Force::yes ? remove_if_there(global, id) : remove_one(global, id, Force::no);
      });
  return 0;
}

}  // namespace ocelot::cli
