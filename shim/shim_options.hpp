#pragma once
#include <optional>
#include <string>

#include "oci/annotations.hpp"
#include "runtime/cli/arguments.hpp"
#include "shim/control/authority.hpp"
#include "shim/stdio/stdio.hpp"

namespace ocelot::shim {

// What --shim takes beside it.
struct ShimOptions {
  StdioOptions stdio;
  bool channel = false;        // the container's init gets one end of a SocketPair
  bool keep_terminal = false;  // by a process beside the shim
  bool keep_stdin = false;     // open for clients that attach; else it is at its end from the start
  std::string operators, observers;  // lists of ids, as members.hpp reads them
  std::optional<int> oom_score_adj;  // of the shim itself
  std::string cgroup;                // of the shim itself, or empty: that of its caller
  unsigned socket_buffer = 0;        // SO_SNDBUF and SO_RCVBUF of connections; 0: the kernel's own
};

// Throws Error{InvalidArgument} for a value that cannot be.
ShimOptions shim_options(const cli::Arguments& arguments);

// Those of a container, with what `shim adopt` was given instead. Throws as shim_options().
ShimOptions adopted_options(ShimOptions options, const cli::Arguments& arguments);

// Who may use the control socket of a container with these annotations. Throws
// Error{InvalidArgument} for one that cannot be understood.
control::Authority::Members members_of(const ShimOptions& options, const Annotations& annotations);

}  // namespace ocelot::shim
