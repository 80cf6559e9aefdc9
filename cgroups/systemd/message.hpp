#pragma once
#include <systemd/sd-bus.h>

#include "cgroups/systemd/property.hpp"

namespace ocelot::cgroups::systemd {

// Adds `properties` as an a(sv). Throws Error naming the property that is malformed.
void append(sd_bus_message* message, const Properties& properties);

}  // namespace ocelot::cgroups::systemd
