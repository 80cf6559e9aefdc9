#pragma once
#include "runtime/container.hpp"
#include "runtime/store.hpp"

namespace ocelot {

// Ends what lives in the container and removes all that it consists of: processes, cgroup, state
// directory; then runs the poststop hooks, whose failures are warnings. Can be repeated after it
// was interrupted anywhere.
void destroy(const Container& container, ContainerDirectory& directory);

}  // namespace ocelot
