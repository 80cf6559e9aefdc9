#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cgroups/cgroup.hpp"

namespace ocelot::cgroups {

// What it means that a setting's file is not there.
enum class Missing {
  error,
  ignore,       // the kernel has no such limit, and the value asks for none
  alternative,  // the next setting stands in for this one; where the file is there, the next is
                // passed over
};

// One value for one file of a cgroup directory.
struct Setting {
  std::string file;
  std::string value;
  Missing missing = Missing::error;

  bool operator==(const Setting&) const = default;
};
using Settings = std::vector<Setting>;

// "memory" of "memory.max": the kernel names its files after the controller.
std::string_view controller_of(std::string_view file);

// Writes `settings` in order, each into the cgroup that `cgroup_of` gives for its controller.
//
// The kernel checks some files against each other at every write (limit and memsw, quota and
// period, quota and burst), so which comes first depends on what is there. A value refused with
// EINVAL is therefore written once more after the others of its controller. Throws Error at the
// first that stays refused, naming file, value and, as a hint, the likely reason; the earlier ones
// stay written, and `undo`, where it is given, knows what was there before.
class Undo;
void write(const Settings& settings,
           const std::function<const Cgroup&(std::string_view controller)>& cgroup_of,
           Undo* undo = nullptr);

}  // namespace ocelot::cgroups
