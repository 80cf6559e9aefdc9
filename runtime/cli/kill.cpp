#include <fmt/core.h>
#include <signal.h>

#include "oci/names.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/selected.hpp"
#include "runtime/cli/shim.hpp"
#include "runtime/operations.hpp"

namespace ocelot::cli {

namespace {

void kill_one(const GlobalOptions& global, const std::string& id, int signal, Scope scope) {
  ask_or_act(
      global, id,
      fmt::format(R"({{"operation":"kill","signal":{},"all":{}}})", signal, scope == Scope::all),
      [&] { ocelot::kill(global, id, signal, scope); });
}

}  // namespace

int kill(const GlobalOptions& global, const Arguments& arguments) {
  const auto& operands = arguments.operands();
  const int signal = operands.size() > 1 ? oci::signal_to_send(operands[1]) : SIGTERM;
  const Scope scope = arguments.has(option::all) ? Scope::all : Scope::init;
  const Select select = arguments.has(option::kill_regex) ? Select::matching : Select::one;
  for_selected(global, std::string(operands.front()), select,
               [&](const std::string& id) { kill_one(global, id, signal, scope); });
  return 0;
}

}  // namespace ocelot::cli
