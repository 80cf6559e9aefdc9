#include "runtime/cli/commands.hpp"
#include "runtime/operations.hpp"

namespace ocelot::cli {

int resume(const GlobalOptions& global, const Arguments& arguments) {
  ocelot::resume(global, std::string(arguments.operands().front()));
  return 0;
}

}  // namespace ocelot::cli
