#include "runtime/cli/commands.hpp"
#include "runtime/operations.hpp"

namespace ocelot::cli {

int pause(const GlobalOptions& global, const Arguments& arguments) {
  ocelot::pause(global, std::string(arguments.operands().front()));
  return 0;
}

}  // namespace ocelot::cli
