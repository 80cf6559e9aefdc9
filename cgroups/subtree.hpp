#pragma once
#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

// What is done to a cgroup with all that is below it. Children come before their parents, however
// deep the tree is: one descriptor is open at a time, and no path is built, which a container could
// make too long to use.
namespace ocelot::cgroups {

// Calls `visit` with a descriptor of each cgroup, `top` last. Cgroups that vanish meanwhile are
// passed over.
void for_each_cgroup(int top, const std::function<void(int dir)>& visit);

// Every process in `top` and below, once each.
std::vector<pid_t> processes_below(int top);

// Removes what is below `top`, as far as it is empty. The errno of the first refusal (EBUSY: a
// process is in it), or 0.
int remove_below(int top);

}  // namespace ocelot::cgroups
