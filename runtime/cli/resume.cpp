#include "runtime/cli/commands.hpp"
#include "runtime/cli/shim.hpp"
#include "runtime/operations.hpp"

namespace ocelot::cli {

int resume(const GlobalOptions& global, const Arguments& arguments) {
  const std::string id(arguments.operands().front());
  ask_or_act(global, id, "resume", R"({"operation":"resume"})",
             [](const ContainerDirectory& directory) { ocelot::resume(directory); });
  return 0;
}

}  // namespace ocelot::cli
