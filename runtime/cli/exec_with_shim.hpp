#pragma once
#include "runtime/cli/shim.hpp"
#include "runtime/options.hpp"

namespace ocelot::cli {

// As ocelot::exec, with the process a child of the container's shim: its streams are ours all the
// same, or a terminal whose master the shim hands us. Descriptors for it beyond those
// (--preserve-fds) cannot be had that way: an Error.
int exec_with_shim(Shim& shim, const ExecOptions& options);

}  // namespace ocelot::cli
