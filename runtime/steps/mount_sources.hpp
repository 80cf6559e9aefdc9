#pragma once
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/sys_mounts.hpp"
#include "runtime/plan/plan.hpp"

namespace ocelot {

// What the container's tree takes from the host, as detached copies: opened once, with their
// attributes set while nobody else can reach them, and attached later by whoever builds the tree.
// No host path is looked up after this.
struct MountSources {
  UniqueFd rootfs;
  std::deque<UniqueFd> binds;  // of the next mounts that are made outside, in their order
  std::map<std::string, UniqueFd>
      device_nodes;      // by path in the container, where nodes are bound instead of made
  UniqueFd null_device;  // read-only, to mask files with
};

// Opens them with the caller's privileges, in the caller's mount namespace; of the mounts made
// outside those that open_binds() gives for the first.
MountSources open_mount_sources(const RootfsPlan& plan);

// So many mounts made outside are open at once: there may be more of them than a process may have
// descriptors.
constexpr std::size_t binds_at_once = 32;

// The next `binds_at_once` mounts that are made outside (MountStep::made_outside), or as many as
// there are, from position `first` of RootfsPlan::mounts on: copies to bind, and id-mapped file
// systems.
std::deque<UniqueFd> open_binds(const RootfsPlan& plan, std::size_t first);

// A new file system as `step` has it, as a detached mount; one that is sealed late without what
// keeps it from being written to. `mode` is that of a tmpfs whose options have none; without, it is
// the kernel's.
UniqueFd make_filesystem(const MountStep& step, std::optional<mode_t> mode);
void set_options(sys::FilesystemContext& context, const std::vector<std::string>& flags,
                 const std::vector<std::string>& data);
// Whether the options leave the mode of a tmpfs to the directory that it covers.
bool takes_covered_mode(const MountStep& step);

// A user namespace with these mappings, that no process is in: for MOUNT_ATTR_IDMAP.
UniqueFd make_user_namespace(const std::vector<oci::IdMapping>& uids,
                             const std::vector<oci::IdMapping>& gids);

// As the kernel's uid_map and gid_map take them: a line a mapping.
std::string id_map_text(const std::vector<oci::IdMapping>& mappings);

}  // namespace ocelot
