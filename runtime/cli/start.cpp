#include <utility>

#include "runtime/cli/commands.hpp"
#include "runtime/cli/shim.hpp"
#include "runtime/operations.hpp"

namespace ocelot::cli {

int start(const GlobalOptions& global, const Arguments& arguments) {
  const std::string id(arguments.operands().front());
  ask_or_act(global, id, "start", R"({"operation":"start"})",
             [](ContainerDirectory directory) { ocelot::start(std::move(directory)); });
  return 0;
}

}  // namespace ocelot::cli
