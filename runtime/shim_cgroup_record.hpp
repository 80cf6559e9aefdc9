#pragma once
#include <map>
#include <string>
#include <vector>

namespace ocelot {

// The cgroup that a container's shim has put itself into: `shim-cgroup` in the state directory, for
// a later shim, and for whoever deletes the container when there is none.
struct ShimCgroupRecord {
  std::vector<std::string> made;             // directories, parents first
  std::map<std::string, std::string> homes;  // where the shim came from, by the mount point
};

void save(int state_directory, const ShimCgroupRecord& record);
// Empty where no shim has left one. Throws Error when it cannot be understood.
ShimCgroupRecord load_shim_cgroup(int state_directory);

// Removes what was made, as far as nobody is in it.
void remove_shim_cgroup(const ShimCgroupRecord& record) noexcept;

}  // namespace ocelot
