#pragma once
#include <string>

namespace ocelot::cgroups::v1 {

// A new cpuset has no processors and no memory, and no process can join it: the one at `directory`
// gets those of its parent, which may have been left empty too.
void inherit_cpuset(const std::string& mount_point, const std::string& directory);

}  // namespace ocelot::cgroups::v1
