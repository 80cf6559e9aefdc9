#pragma once
#include <functional>
#include <string_view>

#include "cgroups/cgroup.hpp"
#include "cgroups/stats.hpp"

namespace ocelot::cgroups::v2 {

// Adds what the files of a v2 cgroup say, of those controllers that `has` is true for; pressure is
// there without any.
void add_stats(const Cgroup& cgroup, const std::function<bool(std::string_view controller)>& has,
               Stats& stats);

}  // namespace ocelot::cgroups::v2
