#pragma once
#include "runtime/container.hpp"
#include "runtime/store.hpp"

namespace ocelot {

// Ends what lives in the container and removes all that it consists of: processes, cgroup, and,
// after the poststop hooks, whose failures are warnings, the state directory. Can be repeated after
// it was interrupted anywhere: each hook runs at least once.
void destroy(const Container& container, ContainerDirectory& directory);

}  // namespace ocelot
