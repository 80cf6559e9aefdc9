#pragma once
#include <sys/stat.h>

#include <map>
#include <set>
#include <string>

namespace ocelot {

// The cgroup that a container's shim has put itself into: `shim-cgroup` in the state directory, for
// a later shim, and for whoever deletes the container when there is none.
struct ShimCgroupRecord {
  std::set<std::string> directories;         // of all hierarchies, with those above them
  std::map<std::string, std::string> homes;  // where the shim came from, by the mount point
};

void save(int state_directory, const ShimCgroupRecord& record);
// Empty where no shim has left one. Throws Error when it cannot be understood.
ShimCgroupRecord load_shim_cgroup(int state_directory);

// A cgroup that a shim makes has this mode. Where nobody but the owner may write the sticky bit
// forbids nothing: by it whoever leaves last knows that it may go.
inline constexpr mode_t mode_of_shim_cgroup = S_ISVTX | 0755;

// Removes what shims have made, this one or others that share it, as far as nobody is in it.
void remove_shim_cgroup(const ShimCgroupRecord& record) noexcept;

}  // namespace ocelot
