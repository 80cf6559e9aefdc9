#pragma once
#include <string>
#include <vector>

#include "cgroups/hierarchy.hpp"
#include "runtime/criu/message.hpp"
#include "runtime/plan/plan.hpp"

// What checkpoint and restore decide: values, from the plan of the same configuration.
namespace ocelot {

// The mounts of a container that criu is not to look into, since they are the host's: where they
// lie in the container, by which name the image knows them (as runc has it, so that the one
// restores what the other has dumped), and where they are on this host. Of `masked_paths` those
// that hide a file belong to them; which these are only a look at the container tells.
struct HostMount {
  std::string destination, name, source;
};
std::vector<HostMount> host_mounts(const Plan& plan, const cgroups::Hierarchies& hierarchies);

// The name of what masks files.
constexpr const char* mask_name = "/dev/null";

// The namespaces that the container shares with others and criu is to leave alone: CLONE_NEW* and
// the name in the image; or null for one that it cannot leave alone.
const char* name_of_shared_namespace(int flag);

// Throws Error{Unsupported} for members of the configuration that criu knows nothing of and without
// which the container would not be what was asked for.
void refuse_what_criu_cannot_keep(const oci::Spec& spec, const Plan& plan);
// What a restored container will not have of the configuration, a sentence each.
std::vector<std::string> lost_by_restore(const Plan& plan);

// Where criu finds the cgroup to freeze, or the container's cgroups to restore into.
std::string freezer_directory(const cgroups::Location& cgroup,
                              const cgroups::Hierarchies& hierarchies);
std::vector<criu::CgroupRoot> cgroup_roots(const cgroups::Location& cgroup);

}  // namespace ocelot
