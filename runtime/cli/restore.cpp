#include "runtime/cli/commands.hpp"
#include "runtime/cli/create_options.hpp"
#include "runtime/cli/criu_options.hpp"
#include "runtime/operations.hpp"

namespace ocelot::cli {

int restore(const GlobalOptions& global, const Arguments& arguments) {
  RestoreOptions options{.create = create_options(arguments), .criu = criu_options(arguments)};
  options.lsm_profile = arguments.text(option::lsm_profile);
  options.lsm_mount_context = arguments.text(option::lsm_mount_context);
  return ocelot::restore(global, options);
}

}  // namespace ocelot::cli
