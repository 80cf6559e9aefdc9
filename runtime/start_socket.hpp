#pragma once
#include <optional>

#include "runtime/base/fd.hpp"
#include "runtime/channel.hpp"

namespace ocelot {

// The gate between created and running: a socket in the container's directory at which init waits.
// Whoever connects and says "proceed" starts the container. The connection is close-on-exec, so its
// end means that execve has happened; a message before that is the reason why not.
UniqueFd listen_for_start(int directory);

// Init: the connection of whoever starts the container. One that says nothing (`state` asking
// whether init still waits) is let go.
Channel wait_for_start(int listener);

// Whether init waits: the container is in the created state. Never blocks.
bool is_waited_for_start(int directory);

// nullopt when nobody waits there: the container is not in the created state.
std::optional<Channel> connect_to_start(int directory);

}  // namespace ocelot
