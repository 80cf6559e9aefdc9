#pragma once

namespace ocelot {

// Opens those of descriptors 0 to 2 that the caller left closed, on the null device: else the first
// files that are opened would be the container's standard streams. Called first of all.
void open_standard_streams();

}  // namespace ocelot
