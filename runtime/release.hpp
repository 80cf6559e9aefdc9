#pragma once
#include "runtime/container.hpp"
#include "runtime/store.hpp"

namespace ocelot {

// Lets the init of a created container become its program, and runs the poststart hooks once it has. A container whose program could not be
// executed is stopped; one whose poststart hook failed is destroyed.
void release(const Container& container, ContainerDirectory& directory);

}  // namespace ocelot
