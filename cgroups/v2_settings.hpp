#pragma once
#include "cgroups/setting.hpp"
#include "oci/resources.hpp"

namespace ocelot::cgroups::v2 {

// The limits of `resources`, which speaks of v1, as files of cgroup v2; `unified` comes last and
// verbatim, so that it overrides. Devices are not among them (device_program.hpp). Throws
// Error{InvalidSpec} for what v2 cannot express.
//
// `current_quota` is the first word of cpu.max: a new period alone keeps it.
//
// Spec: config-linux.md#control-groups; the kernel's Documentation/admin-guide/cgroup-v2
Settings settings(const oci::Resources& resources, const std::string& current_quota = "max");

// The weight (1 to 10000) that gives a cgroup the place among its siblings that `shares` (2 to
// 262144) gives it on v1: 2 is 1, 1024 is 100, 262144 is 10000.
std::uint64_t cpu_weight(std::uint64_t shares);

// The I/O weight 1 to 10000 of v2 for 10 to 1000 of v1.
std::uint64_t io_weight(std::uint16_t weight);

// What memory.max and memory.swap.max read now.
struct CurrentMemory {
  std::string limit, swap;
};
// Adds to a change of either limit or swap the other one, since swap counts both together: swap
// alone goes with the limit that is there, and with a new limit alone the sum stays what it is, as
// it does on v1.
void complete(oci::MemoryResources& change, const CurrentMemory& current);

}  // namespace ocelot::cgroups::v2
