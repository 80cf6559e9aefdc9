#include "runtime/cli/commands.hpp"
#include "runtime/cli/create_options.hpp"
#include "runtime/operations.hpp"

namespace ocelot::cli {

int create(const GlobalOptions& global, const Arguments& arguments) {
  if (!arguments.has(option::shim)) ocelot::create(global, create_options(arguments));
  return 0;
}

}  // namespace ocelot::cli
