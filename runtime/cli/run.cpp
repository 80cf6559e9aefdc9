#include "runtime/base/log.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/create_options.hpp"
#include "runtime/operations.hpp"

namespace ocelot::cli {

int run(const GlobalOptions& global, const Arguments& arguments) {
  const CreateOptions options = create_options(arguments);
  log::make_room(first_free_descriptor(options));
  return ocelot::run(global, options);
}

}  // namespace ocelot::cli
