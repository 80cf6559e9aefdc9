#include <fmt/core.h>
#include <signal.h>

#include <nlohmann/json.hpp>

#include "oci/names.hpp"
#include "runtime/base/error.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/selected.hpp"
#include "runtime/cli/shim.hpp"
#include "runtime/operations.hpp"

namespace ocelot::cli {

namespace {

void kill_one(const GlobalOptions& global, const std::string& id, int signal, Scope scope) {
  if (auto shim = Shim::of(global, id)) {
    shim->ask(
        fmt::format(R"({{"operation":"kill","signal":{},"all":{}}})", signal, scope == Scope::all));
  } else {
    ocelot::kill(global, id, signal, scope);
  }
}

// One that exec added, which only a shim knows.
void kill_process(const GlobalOptions& global, const std::string& id, const std::string& process,
                  int signal) {
  Shim::needed(global, id)
      .ask(nlohmann::json{{"operation", "kill"}, {"signal", signal}, {"process", process}}.dump());
}

}  // namespace

int kill(const GlobalOptions& global, const Arguments& arguments) {
  const auto& operands = arguments.operands();
  const int signal = operands.size() > 1 ? oci::signal_to_send(operands[1]) : SIGTERM;
  const Scope scope = arguments.has(option::all) ? Scope::all : Scope::init;
  const std::string process{arguments.text(option::of_process)};
  const Select select = arguments.has(option::kill_regex) ? Select::matching : Select::one;
  if (!process.empty() && scope == Scope::all) {
    throw Error{ErrorKind::InvalidArgument, "--all and --process were both given"}.with_hint(
        "--process signals one process alone");
  }
  for_selected(global, std::string(operands.front()), select, [&](const std::string& id) {
    process.empty() ? kill_one(global, id, signal, scope)
                    : kill_process(global, id, process, signal);
  });
  return 0;
}

}  // namespace ocelot::cli
