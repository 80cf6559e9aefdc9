#pragma once
#include <string>

#include "runtime/base/fd.hpp"
#include "runtime/container.hpp"
#include "runtime/options.hpp"
#include "runtime/store.hpp"

namespace ocelot {

// A container to change: its directory with the lock, and what is known of it. Both throw
// Error{NotFound} when there is none.
ContainerDirectory lock_container(const GlobalOptions& global, const std::string& id,
                                  const char* operation);
// A container's directory to look at, or to signal its processes; waits for nobody.
UniqueFd look_at_container(const GlobalOptions& global, const std::string& id);

}  // namespace ocelot
