#pragma once
#include <map>
#include <string>
#include <vector>

#include "runtime/plan/plan.hpp"

namespace ocelot {

// What the container's tree takes from the host, as detached copies: opened once, with their
// attributes set while nobody else can reach them, and attached later by whoever builds the tree.
// No host path is looked up after this.
struct MountSources {
  UniqueFd rootfs;
  std::map<std::size_t, UniqueFd> binds;  // by position in RootfsPlan::mounts
  std::map<std::string, UniqueFd>
      device_nodes;      // by path in the container, where nodes are bound instead of made
  UniqueFd null_device;  // read-only, to mask files with
};

// Opens them with the caller's privileges, in the caller's mount namespace.
MountSources open_mount_sources(const RootfsPlan& plan);

// A user namespace with these mappings, that no process is in: for MOUNT_ATTR_IDMAP.
UniqueFd make_user_namespace(const std::vector<oci::IdMapping>& uids,
                             const std::vector<oci::IdMapping>& gids);

// As the kernel's uid_map and gid_map take them: a line a mapping.
std::string id_map_text(const std::vector<oci::IdMapping>& mappings);

}  // namespace ocelot
