#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "oci/linux.hpp"

namespace ocelot {

// What linux.intelRdt asks of the resctrl file system.
struct IntelRdtPlan {
  std::string root;               // where resctrl is mounted
  std::string group;              // the name of a directory in it; empty: the root group
  bool named_by_caller = false;   // by closID: it outlives the container, and others may be in it
  bool group_must_exist = false;  // a closID without schemata names what somebody else has set up
  std::string
      schemata;  // written to a group that is new, required of one that exists; empty: neither
  std::string monitor;  // the name of a monitoring group inside the group, or empty

  std::string group_path() const;
  std::string monitor_path() const;  // empty when there is no monitoring group

  bool operator==(const IntelRdtPlan&) const = default;
};

// `rdt` must have passed oci::validate; `resctrl_root` is HostFacts::resctrl.
//
// Spec: config-linux.md#intelrdt
std::optional<IntelRdtPlan> plan_intel_rdt(const std::optional<oci::IntelRdt>& rdt,
                                           const std::string& id, const std::string& resctrl_root);

// Whether a group whose schemata file reads `actual` has what `wanted` asks for: each of its lines
// and domains with the same value, however it is written. What `wanted` does not mention may be
// anything.
bool schemata_match(std::string_view actual, std::string_view wanted);

}  // namespace ocelot
