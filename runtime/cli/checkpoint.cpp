#include <fmt/core.h>

#include "runtime/cli/commands.hpp"
#include "runtime/cli/criu_options.hpp"
#include "runtime/cli/shim.hpp"
#include "runtime/operations.hpp"

namespace ocelot::cli {

namespace {

CheckpointOptions checkpoint_options(const Arguments& arguments) {
  CheckpointOptions options;
  options.id = arguments.operands().front();
  options.criu = criu_options(arguments);
  options.parent_path = arguments.text(option::parent_path);
  options.page_server = arguments.text(option::page_server);
  if (arguments.given(option::status_fd))
    options.status_fd = static_cast<int>(arguments.number(option::status_fd));
  options.leave_running = arguments.has(option::leave_running);
  options.pre_dump = arguments.has(option::pre_dump);
  options.tcp_skip_in_flight = arguments.has(option::tcp_skip_in_flight);
  options.link_remap = arguments.has(option::link_remap);
  return options;
}

}  // namespace

int checkpoint(const GlobalOptions& global, const Arguments& arguments) {
  const CheckpointOptions options = checkpoint_options(arguments);
  const Owner owner = owner_of(global, options.id, "checkpoint");
  if (std::holds_alternative<Shim>(owner)) {
    throw Error{ErrorKind::Unsupported,
                fmt::format("container {} has a shim, and cannot be checkpointed", options.id)}
        .with_hint("its streams are the shim's, which no image can keep: create it without --shim");
  }
  ocelot::checkpoint(global, std::get<ContainerDirectory>(owner), options);
  return 0;
}

}  // namespace ocelot::cli
