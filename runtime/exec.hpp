#pragma once
#include "runtime/base/process.hpp"
#include "runtime/caller_stdio.hpp"
#include "runtime/channel.hpp"
#include "runtime/options.hpp"

namespace ocelot {

// A process that was added to a container and waits to be let go, nothing but its execve missing.
// It is a child of this process, and ends with this object unless `process` is waited for or
// released.
struct NewProcess {
  ChildProcess process;
  UniqueFd terminal;  // the master, unless it was sent to a console socket
  Channel channel;
};

// Makes the process, in the namespaces and the cgroup of the container's init, with the container's
// seccomp filter and what `options` and the saved configuration say. Takes no lock: it may take as
// long as the container's cgroup is frozen (with `ignore_paused`), and what else is done with the
// container meanwhile at worst makes it fail.
//
// May be called in any process that has one thread, as a forked worker of a shim; its standard
// streams are those of the new process. execCPUAffinity changes its own affinity for good.
//
// Throws Error{NotFound, WrongState, InvalidSpec, InvalidArgument, ...}; nothing is left of the
// process then.
NewProcess prepare_exec(const GlobalOptions& global, const ExecOptions& options, Caller caller);

// Lets it go; returns once execve has happened, and throws with the reason when it has not.
void release(NewProcess& made);

}  // namespace ocelot
