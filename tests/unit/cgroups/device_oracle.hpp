#pragma once
#include "cgroups/device_rules.hpp"

namespace ocelot::test {

struct DeviceRequest {
  char type;
  std::uint32_t major, minor;
  unsigned access;
};

// What a policy says, computed bit by bit from its definition.
inline bool allows(const cgroups::DevicePolicy& policy, const DeviceRequest& request) {
  for (unsigned bit = 1; bit < cgroups::device_all; bit <<= 1) {
    if ((request.access & bit) == 0) continue;
    bool granted = policy.allow;
    for (const cgroups::DeviceException& rule : policy.exceptions) {
      const bool matches = (rule.type == 'a' || rule.type == request.type) &&
                           rule.major.value_or(request.major) == request.major &&
                           rule.minor.value_or(request.minor) == request.minor &&
                           (rule.access & bit) != 0;
      if (matches) granted = rule.allow;
    }
    if (!granted) return false;
  }
  return true;
}

}  // namespace ocelot::test
