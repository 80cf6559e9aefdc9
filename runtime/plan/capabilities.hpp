#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "oci/spec.hpp"

namespace ocelot {

// The five capability sets of a process, a bit a capability.
struct CapabilityPlan {
  std::uint64_t bounding = 0, effective = 0, permitted = 0, inheritable = 0, ambient = 0;
  std::vector<std::string> warnings;

  bool operator==(const CapabilityPlan&) const = default;
};

// The sets as masks that the kernel takes when the bounding set is dropped first, then capset(2)
// called, then ambient raised.
//
// `last_capability` is the highest that this kernel knows (/proc/sys/kernel/cap_last_cap);
// `grantable` what the caller has to give: its permitted set, or everything where a new user
// namespace is made. What cannot be had is left out, with a warning: names that libcap or the
// kernel does not know, what is not grantable, effective but not permitted, inheritable outside the
// bounding set, ambient that is not both permitted and inheritable. Without the object all five are
// empty.
//
// Spec: config.md#linux-process (capabilities)
CapabilityPlan plan_capabilities(const std::optional<oci::Capabilities>& sets, int last_capability,
                                 std::uint64_t grantable = ~std::uint64_t{0});

// "CAP_CHOWN", ...: every capability that libcap and the kernel know, in the kernel's order.
std::vector<std::string> capability_names(int last_capability);

}  // namespace ocelot
