#pragma once
#include <vector>

#include "oci/state.hpp"
#include "runtime/base/fd.hpp"
#include "runtime/channel.hpp"
#include "runtime/plan/exec.hpp"

namespace ocelot {

// The resources that an ExecPlan needs, opened by the runtime and inherited by the new processes.
struct ExecHandles {
  UniqueFd init;                     // pidfd of the container's init
  std::vector<UniqueFd> membership;  // of the v1 hierarchies, for the stage to write itself into
  UniqueFd seccomp_agent;            // the stage connects it to the profile's listenerPath
  oci::State state;                  // of the container, for that agent
  std::vector<UniqueFd> stdio;       // the process's ends of three pipes, or empty
};

// The process between the runtime and the one that `exec` adds: it enters the cgroup and the
// namespaces of the container's init and leaves its memory to the process, a child of the runtime,
// with whose execve it ends. A pid namespace takes effect only for children, hence this process;
// the container sees none of it.
//
// Runs in a process made by spawn. Both talk on `channel`.
[[noreturn]] void run_exec_stage(const ExecPlan& plan, ExecHandles& handles,
                                 const Channel& channel);

}  // namespace ocelot
