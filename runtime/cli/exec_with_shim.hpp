#pragma once
#include <string>

#include "runtime/cli/shim.hpp"
#include "runtime/options.hpp"

namespace ocelot::cli {

// What the shim is to keep of a process that is added.
struct KeptByShim {
  std::string name;  // empty: one that the shim chooses
  bool streams = false;
  bool stdin_open = false;  // for who attaches
};

// As ocelot::exec, with the process a child of the container's shim: its streams are ours all the
// same, or a terminal whose master the shim hands us. Descriptors for it beyond those
// (--preserve-fds) cannot be had that way: an Error. With streams that the shim keeps it does not
// wait for the process, and prints its name.
int exec_with_shim(Shim& shim, const ExecOptions& options, const KeptByShim& kept);

}  // namespace ocelot::cli
