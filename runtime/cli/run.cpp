#include "runtime/cli/commands.hpp"
#include "runtime/cli/create_options.hpp"
#include "runtime/operations.hpp"

namespace ocelot::cli {

int run(const GlobalOptions& global, const Arguments& arguments) {
  return ocelot::run(global, create_options(arguments));
}

}  // namespace ocelot::cli
