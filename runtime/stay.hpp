#pragma once
#include "runtime/creation.hpp"
#include "runtime/foreground.hpp"

// What `run` and `restore` do when they are not to detach.
namespace ocelot {

// Before the container is made: whether this process is to reap its orphans, and then it does.
Orphans become_reaper(const CreateOptions& options);

// Stands between the caller and the container, whose directory is borrowed open, until its process
// ends, and deletes it then, unless it is to be kept; returns the process's status as a shell
// reports it.
int stay(const GlobalOptions& global, const CreateOptions& options, int directory,
         Foreground& foreground, ChildProcess& init, Orphans orphans,
         NotifyRelay* notify = nullptr);

}  // namespace ocelot
