#pragma once
#include "runtime/creation.hpp"

namespace ocelot {

// Makes a container of its bundle and of the images of its processes, which run when this returns;
// with everything undone when it throws.
NewContainer restore_container(const GlobalOptions& global, const RestoreOptions& options,
                               Caller caller);

}  // namespace ocelot
