#pragma once
#include <deque>
#include <functional>

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

// The sources of further bind mounts, from a position of RootfsPlan::mounts on, as open_binds() has
// them.
using OpenBinds = std::function<std::deque<UniqueFd>(std::size_t first)>;

// One after the other, as config.json lists them. `more` is called each time that `sources` has no
// source left for a bind mount. The result is to be sealed once nothing is to be made in it: mounts
// below it, devices, what hooks bring.
std::vector<UniqueFd> attach_mounts(const Root& root, const Plan& plan, MountSources& sources,
                                    const OpenBinds& more, const cgroups::Hierarchies& hierarchies);
void seal(const std::vector<UniqueFd>& mounts);
// The part of it for a bind mount: `source` is attached, or made anew where it is a symbolic link
// to be copied.
void attach_bind(const Root& root, const MountStep& step, int source);
bool on_procfs(int fd);
bool is_root(const Root& root, int fd);
// Throws when a link in the rootfs makes the root itself the target: what is laid upon it would not
// be seen.
void refuse_covering_root(const Root& root, const MountStep& step, int target);
// Throws unless what the runtime relies on in /proc stays uncovered by a mount at `target`.
void refuse_covering_proc(const MountStep& step, int target);
void set_mount_propagation(int mount, const MountStep& step);
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
