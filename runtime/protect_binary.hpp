#pragma once

namespace ocelot {

// Makes sure that no file of this host which could be written to is the executable of a process
// inside a container (CVE-2019-5736): a container that gets hold of /proc/PID/exe of one could
// overwrite the runtime for the next user.
//
// Executes this program again from a read-only copy of its own mount that nothing refers to any
// more, unless it runs from one already; then it returns. Where the caller may not copy mounts (an
// ordinary user), from a sealed copy of the file in memory. Called before anything that brings a
// process into a container; throws when neither can be had. Cost: one execve.
void protect_binary(char* const argv[]);

}  // namespace ocelot
