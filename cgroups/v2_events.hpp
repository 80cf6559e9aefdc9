#pragma once
#include <string_view>

#include "cgroups/cgroup.hpp"
#include "cgroups/signals.hpp"

namespace ocelot::cgroups {

// Waits until cgroup.events says `value` for `key` ("populated", "frozen"): the kernel announces
// each change. False at the deadline. A cgroup that is gone counts as neither populated nor frozen.
bool wait_for_event(const Cgroup& cgroup, std::string_view key, bool value,
                    const Deadline& deadline);

}  // namespace ocelot::cgroups
