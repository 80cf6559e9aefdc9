#pragma once
#include <sys/types.h>

#include "runtime/plan/plan.hpp"

namespace ocelot {

// Writes the maps of the user namespace that `pid` has just made; of the caller's own ids alone
// where it is not privileged, through newuidmap and newgidmap for anything more. man:
// user_namespaces(7), newuidmap(1)
void write_id_maps(pid_t pid, const NamespacePlan& plan, bool set_groups);

}  // namespace ocelot
