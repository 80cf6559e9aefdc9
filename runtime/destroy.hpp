#pragma once
#include "runtime/container.hpp"
#include "runtime/store.hpp"

namespace ocelot {

// Ends what lives in the container and removes all that it consists of: processes, cgroup, and,
// after the poststop hooks, whose failures are warnings, the state directory. Can be repeated after
// it was interrupted anywhere: each hook runs at least once.
void destroy(const Container& container, ContainerDirectory& directory);
// The same after a failure, which is the one to tell: what fails here is logged.
void destroy_quietly(const Container& container, ContainerDirectory& directory) noexcept;

}  // namespace ocelot
