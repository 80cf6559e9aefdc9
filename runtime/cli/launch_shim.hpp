#pragma once
#include <span>

#include "runtime/cli/arguments.hpp"

namespace ocelot::cli {

// Whether a shim is to be started: `create --shim`, `run --shim`, `shim adopt`.
bool is_for_a_new_shim(const Command& command, const Arguments& arguments);

// Starts ocelot-shim with the words of this command (create, run or shim adopt): it makes the
// container, or takes it over, and stays with it. Returns when that is done; throws what it could
// not do, and then no shim is left.
//
// The program is the ocelot-shim beside this one, else that of libexecdir. Its standard input is a
// SOCK_SEQPACKET socket on which it reports once (Step::done, Step::failed: channel.hpp).
void launch_shim(std::span<char* const> argv);

}  // namespace ocelot::cli
