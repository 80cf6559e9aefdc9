#pragma once
#include <string>
#include <vector>

namespace ocelot::cgroups::systemd {

// What a manager that does not know the property does not lack: the limit is in the cgroup's file
// too.
enum class Unknown { error, ignore };

// One property as D-Bus takes it. `signature` is a basic type ("s", "t"), an array of one ("as") or
// an array of structs of some ("a(ss)"); `words` are its basic values in their order, numbers in
// decimal.
struct Property {
  std::string name;
  std::string signature;
  std::vector<std::string> words;
  Unknown unknown = Unknown::error;

  bool operator==(const Property&) const = default;
};
using Properties = std::vector<Property>;

}  // namespace ocelot::cgroups::systemd
