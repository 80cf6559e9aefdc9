#pragma once
#include <optional>

#include "runtime/container.hpp"
#include "runtime/notify_socket.hpp"
#include "runtime/store.hpp"

namespace ocelot {

// Lets the init of a created container become its program, and runs the poststart hooks once it
// has. A container whose program could not be executed is stopped; one whose poststart hook failed
// is destroyed.
//
// Returns what passes on the process's readiness, when the container was made and is started by a
// service.
std::optional<NotifyRelay> release(const Container& container, ContainerDirectory& directory);

}  // namespace ocelot
