#pragma once
#include <optional>

#include "runtime/base/fd.hpp"

// The terminal of a container, held by a process of its own beside the shim: when the shim is
// killed the terminal does not hang up, and a shim that adopts the container has it again.
namespace ocelot::shim {

// Starts that process, which ends with the container's init. It listens in `directory`, the
// container's state directory, which only the owner of the container can search for it.
void keep_terminal(int directory, int terminal, int init_pidfd);

// The master from that process, which keeps it for further shims. nullopt when there is none.
// Throws Error when it is somebody else's.
std::optional<UniqueFd> kept_terminal(int directory);

}  // namespace ocelot::shim
