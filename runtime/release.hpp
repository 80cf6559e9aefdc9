#pragma once
#include <optional>

#include "runtime/container.hpp"
#include "runtime/notify_socket.hpp"
#include "runtime/operations.hpp"
#include "runtime/store.hpp"

namespace ocelot {

// Lets the init of a created container become its program, and runs the poststart hooks once it
// has. A container whose program could not be executed is stopped; one whose poststart hook failed
// is destroyed.
//
// Returns what passes on the process's readiness, when the container was made and is started by a
// service, and that is not left to the caller.
std::optional<NotifyRelay> release(const Container& container, ContainerDirectory& directory,
                                   Readiness readiness);

// The socket on which the container's process tells that it is ready, and this process's
// $NOTIFY_SOCKET. nullopt where there is none, or create made no place for it. Before the release.
std::optional<NotifyRelay> notify_relay(const Container& container, int directory);

}  // namespace ocelot
