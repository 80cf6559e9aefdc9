#pragma once
#include "cgroups/setting.hpp"
#include "oci/resources.hpp"

namespace ocelot::cgroups::v1 {

// The limits of `resources` as files of the v1 controllers, controller by controller. Devices are
// not among them (device_rules.hpp). Throws Error{InvalidSpec} for what v1 cannot express.
//
// Spec: config-linux.md#control-groups; the kernel's Documentation/admin-guide/cgroup-v1
Settings settings(const oci::Resources& resources);

}  // namespace ocelot::cgroups::v1
