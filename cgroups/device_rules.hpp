#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "cgroups/setting.hpp"
#include "oci/resources.hpp"

namespace ocelot::cgroups {

// The letters of an access string as bits.
inline constexpr unsigned device_mknod = 1, device_read = 2, device_write = 4, device_all = 7;

// One rule that does not decide everything: numbers that are absent match all.
struct DeviceException {
  bool allow = false;
  char type = 'a';  // b, c, or a for both
  std::optional<std::uint32_t> major, minor;
  unsigned access = device_all;

  bool operator==(const DeviceException&) const = default;
};

// As devices.list has it: "c 136:* rwm".
std::string describe(const DeviceException& rule);

// Who may open and make which device nodes. For each of the bits asked for the last exception that
// matches decides, else `allow`; access is granted when every bit is.
struct DevicePolicy {
  bool allow = false;
  std::vector<DeviceException> exceptions;

  bool allows_everything() const { return allow && exceptions.empty(); }
  bool operator==(const DevicePolicy&) const = default;
};

// `rules` of config.json in their order, then what every container may use: making any node (using
// it is another matter), the standard devices, pseudo-terminals and tun. With no rule at all
// everything else is denied.
//
// Spec: config-linux.md#allowed-device-list, #default-devices
DevicePolicy device_policy(const std::vector<oci::DeviceRule>& rules);

namespace v1 {

// The policy as writes to devices.allow and devices.deny of a cgroup that nobody is in, in whatever
// state it is. Throws Error{InvalidSpec} for a policy that denies a part of what a wider rule
// allows: v1 keeps no order of rules.
Settings device_settings(const DevicePolicy& policy);

}  // namespace v1
}  // namespace ocelot::cgroups
