#pragma once
#include <string>
#include <vector>

namespace ocelot::oci {

// One thing that is wrong with a config.json.
struct Violation {
  std::string path;     // JSON pointer, "/mounts/3/destination"
  std::string rule;     // a short stable name, "mount-destination-absolute"
  std::string message;  // what is wrong and, where it helps, what to write instead
  std::string spec;     // section of the runtime specification, "config.md#mounts"
  bool warning = false; // reported, but no reason to refuse
  bool operator==(const Violation&) const = default;
};

using Violations = std::vector<Violation>;

}  // namespace ocelot::oci
