#pragma once
#include "oci/spec.hpp"
#include "runtime/plan/plan.hpp"

namespace ocelot {

// The default nodes, where the container has a /dev of its own, and those that config.json lists
// (which win over a default of the same path).
std::vector<DeviceStep> plan_devices(const oci::Linux& linux_part, bool own_dev);

// Name in /dev, target. Spec: config-linux.md#default-devices, runtime-linux.md#dev-symbolic-links
std::vector<std::pair<std::string, std::string>> plan_device_links();

// `linux.resources` with an allowing device rule for each device that config.json lists.
oci::Resources plan_resources(const oci::Spec& spec);

}  // namespace ocelot
