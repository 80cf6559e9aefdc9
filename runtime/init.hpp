#pragma once
#include "runtime/channel.hpp"
#include "runtime/handles.hpp"
#include "runtime/plan/plan.hpp"

namespace ocelot {

// The container's first process: carries out the plan, waits at the start socket, and becomes the
// container's program.
//
// Runs in a process made by spawn; the result, only of a failed execve, is its exit status.
int run_init(const Plan& plan, Handles& handles, Channel& channel);

}  // namespace ocelot
