#pragma once
#include <sys/types.h>

#include <string>

// How a caller learns of a process that was made for it. An empty path: it does not ask.
namespace ocelot {

// To the stream socket at `path` as SCM_RIGHTS, beside `payload`: "standard" for a container's
// init, "setns" for a process that was added to one, as runc has it. Throws Error.
void send_pidfd(const std::string& path, const char* payload, int pidfd);

// The number and nothing else, in a file that is whole as soon as it is there. Throws Error.
void write_pid_file(const std::string& path, pid_t pid);

}  // namespace ocelot
