#pragma once
#include <optional>
#include <string>

#include "cgroups/driver.hpp"

namespace ocelot::shim {

// Why process `pid` is one of the container's: it is in the container's cgroup, or in one below it,
// in any hierarchy. Also why that cannot be told: it has ended, or its first thread has, and its
// cgroup with it. nullopt: it is not.
//
// `pidfd` is the process's; with -1, where the kernel gives none of a peer, one is opened here.
// man: cgroups(7)
std::optional<std::string> belongs_to_container(const cgroups::Location& container, pid_t pid,
                                                int pidfd);

// The comparison: whether one of `memberships` (path by hierarchy) is the container's, or below it.
bool is_at_or_below(const cgroups::Location& container,
                    const std::map<std::string, std::string>& memberships);

}  // namespace ocelot::shim
