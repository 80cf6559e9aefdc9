#pragma once
#include "cgroups/hierarchy.hpp"
#include "runtime/plan/plan.hpp"
#include "runtime/root.hpp"
#include "runtime/steps/mount_sources.hpp"

// Building the container's tree and entering it. All of it happens in the container's mount
// namespace.
namespace ocelot {

// Sets the propagation of the whole namespace and attaches the rootfs: over "/" itself, which every
// process can reach, or where hooks look for it, at its own path. Absolute host paths still work
// until the root is entered.
Root attach_rootfs(const RootfsPlan& plan, UniqueFd tree, bool at_its_path);

// One after the other, as config.json lists them.
void attach_mounts(const Root& root, const Plan& plan, MountSources& sources,
                   const cgroups::Hierarchies& hierarchies);
// The part of it for a mount of type cgroup.
void attach_cgroup_mount(const Root& root, const MountStep& step, const Plan& plan,
                         const cgroups::Hierarchies& hierarchies);
// Fills the not yet attached tmpfs `to` with what lies in the directory `from`.
void copy_up(int from, int to);

// Default and configured nodes, bound from the host where they may not be made; then the links in
// /dev.
void make_devices(const Root& root, const RootfsPlan& plan, MountSources& sources);

// The attached rootfs becomes "/", and the host's tree is gone.
void enter_rootfs(const Root& root, const RootfsPlan& plan, bool at_its_path);

void make_rootfs_readonly(const Root& root);
void set_rootfs_propagation(const Root& root, unsigned long propagation);
// Only a path that does not exist is skipped.
void protect_paths(const Root& root, const RootfsPlan& plan, UniqueFd null_device);

// Attributes of an attached or detached mount; nothing to do when both masks are empty.
void set_attributes(int mount, std::uint64_t set, std::uint64_t clear, unsigned flags = 0);

}  // namespace ocelot
