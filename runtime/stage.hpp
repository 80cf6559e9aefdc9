#pragma once
#include "runtime/channel.hpp"
#include "runtime/handles.hpp"
#include "runtime/plan/plan.hpp"

namespace ocelot {

// The process between the runtime and init: it enters the namespaces and the cgroup that init is to
// be born into, starts init as the runtime's child, and ends. A pid namespace and a time namespace
// take effect only for children, hence this process.
//
// Runs in a process made by spawn; the result is its exit status.
int run_stage(const Plan& plan, Handles& handles, Channel& stage, Channel& init);

}  // namespace ocelot
