#pragma once
#include <cstdint>
#include <functional>

namespace ocelot::shim {

// One who is attached to the streams of a process, with an end of a pipe for each.
using ClientId = std::uint64_t;
// Told of each of its ends that is done with.
using Gone = std::function<void(ClientId client)>;

}  // namespace ocelot::shim
