#pragma once
#include <string>
#include <vector>

#include "cgroups/hierarchy.hpp"
#include "runtime/plan/plan.hpp"

namespace ocelot {

// A part of the host's cgroup tree that a mount of type cgroup or cgroup2 shows.
struct CgroupView {
  std::string name;    // of a directory at the mount's destination; empty: the destination itself
  std::string source;  // absolute host path
  bool readonly = false;           // whatever the options say
  std::vector<std::string> links;  // other names for the directory, beside it
};

// One view without a name of v2, or one with a name for each v1 hierarchy. Throws
// Error{Unsupported} where this host has no such hierarchy.
std::vector<CgroupView> cgroup_views(const MountStep& step, const Plan& plan,
                                     const cgroups::Hierarchies& hierarchies);

}  // namespace ocelot
