#pragma once
#include <string>
#include <string_view>

#include "cgroups/driver.hpp"

// The names that systemd has for a container's cgroup. man: systemd.unit(5), systemd.slice(5)
namespace ocelot::cgroups::systemd {

// Of `cgroups_path` ("slice:prefix:name", or empty) and a container's id: the unit, the slice that
// it is put into, and its cgroup below that of its service manager.
struct UnitName {
  std::string unit;   // "libpod-1234.scope", or a slice of its own
  std::string slice;  // "machine.slice"; for a unit that is a slice itself may be empty
  std::string path;   // "/machine.slice/libpod-1234.scope"

  bool is_slice() const { return unit.ends_with(".slice"); }
};

// What is left out is as runc has it: system.slice, for the instance of a user user.slice. Without
// a path the prefix is "ocelot". Throws Error{InvalidSpec} for what systemd does not take as a
// name.
UnitName unit_name(const std::string& cgroups_path, const std::string& id, Instance instance);

// "/a.slice/a-b.slice" for "a-b.slice", where systemd puts it; empty for "-.slice", the root.
std::string slice_path(std::string_view slice);

}  // namespace ocelot::cgroups::systemd
