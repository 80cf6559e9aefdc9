#pragma once
#include "runtime/base/fd.hpp"

namespace ocelot {

// The standard streams of a container whose shim may come and go: FIFOs `stdin`, `stdout` and
// `stderr` in its state directory, mode 0600, which a later shim opens again.
//
// man: fifo(7)

// What the process gets, blocking. Of stdout and stderr it holds both directions: while nobody
// reads, it waits when the FIFO is full, and has no EPIPE. Of stdin it only reads, so that it finds
// the end of it when the shim's end is closed; it finds one at once while no shim has opened it.
struct ContainerEnds {
  UniqueFd stdin_end, stdout_end, stderr_end;
};

// What the shim has, non-blocking.
//
// A FIFO opened for reading alone is at its end while nobody writes: the twins keep that away for
// as long as they are there. Once they are closed, the end of file means that no process has the
// container's end any more.
struct ShimEnds {
  UniqueFd stdin_write, stdout_read, stderr_read;
  UniqueFd stdout_twin, stderr_twin;
};

// Makes the three in the directory `dir` and opens the container's ends. Throws Error, with
// AlreadyExists for a name that is taken; what it made is removed then.
ContainerEnds make_fifos(int dir);

// Opens the shim's ends of FIFOs that exist; never waits for the other side. Throws Error, also for
// what is no FIFO.
ShimEnds open_shim_ends(int dir);

}  // namespace ocelot
