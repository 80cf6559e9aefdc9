#pragma once
#include <span>

#include "runtime/base/fd.hpp"
#include "runtime/cli/arguments.hpp"

namespace ocelot::cli {

// Whether a shim is to be started: `create --shim`, `run --shim`, `shim adopt`.
bool is_for_a_new_shim(const Command& command, const Arguments& arguments);

// The ocelot-shim beside this program, else that of libexecdir. Throws Error.
UniqueFd open_shim_program();

// Starts ocelot-shim with the words of this command (create, run or shim adopt): it makes the
// container, or takes it over, and stays with it. Returns when that is done; throws what it could
// not do, and then no shim is left.
//
// The program is that of open_shim_program(). Its standard input is a
// SOCK_SEQPACKET socket on which it reports once (Step::done, Step::failed: channel.hpp).
// It has no other descriptors of the caller than those that the container is to have: it outlives
// whoever waits for the end of one.
void launch_shim(std::span<char* const> argv, const Arguments& arguments);

}  // namespace ocelot::cli
