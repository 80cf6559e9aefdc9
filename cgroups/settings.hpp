#pragma once
#include "cgroups/hierarchy.hpp"
#include "cgroups/setting.hpp"
#include "oci/resources.hpp"

namespace ocelot::cgroups {

// The limits of `resources` as the files of this host's hierarchies, v1, v2 or both. Devices are
// not among them (device_rules.hpp). Throws Error{InvalidSpec} for what they cannot express.
Settings settings(const Hierarchies& hierarchies, const oci::Resources& resources);

}  // namespace ocelot::cgroups
