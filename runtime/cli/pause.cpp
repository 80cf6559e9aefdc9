#include "runtime/cli/commands.hpp"
#include "runtime/cli/shim.hpp"
#include "runtime/operations.hpp"

namespace ocelot::cli {

int pause(const GlobalOptions& global, const Arguments& arguments) {
  const std::string id(arguments.operands().front());
  ask_or_act(global, id, "pause", R"({"operation":"pause"})",
             [](const ContainerDirectory& directory) { ocelot::pause(directory); });
  return 0;
}

}  // namespace ocelot::cli
