#pragma once
#include "runtime/cli/arguments.hpp"
#include "shim/stdio/stdio.hpp"

namespace ocelot::shim {

// What --shim takes beside it.
struct ShimOptions {
  StdioOptions stdio;
  bool channel = false;     // the container's init gets one end of a SocketPair
  bool keep_stdin = false;  // open for clients that attach; else it is at its end from the start
};

ShimOptions shim_options(const cli::Arguments& arguments);

}  // namespace ocelot::shim
