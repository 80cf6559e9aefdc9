#pragma once
#include <functional>
#include <string_view>

#include "cgroups/cgroup.hpp"
#include "cgroups/stats.hpp"

namespace ocelot::cgroups::v1 {

// What the files of v1 controllers say. `with` gives the cgroup of a controller, or null.
Stats read_stats(const std::function<const Cgroup*(std::string_view controller)>& with);

}  // namespace ocelot::cgroups::v1
