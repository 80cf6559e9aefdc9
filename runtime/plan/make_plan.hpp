#pragma once
#include <optional>
#include <string>
#include <vector>

#include "oci/spec.hpp"
#include "runtime/host.hpp"
#include "runtime/options.hpp"
#include "runtime/plan/plan.hpp"

namespace ocelot {

// What the command line and the caller's environment add to config.json.
struct PlanInput {
  std::string id;
  std::string bundle;  // absolute
  bool no_pivot = false;
  bool no_new_keyring = false;
  Stdio stdio = Stdio::inherit;
  unsigned listen_fds = 0;         // LISTEN_FDS, when they are meant for this process
  std::string listen_fd_names;     // LISTEN_FDNAMES
  std::vector<int> inherited_fds;  // of 3 and up, those that are open
  std::optional<int> channel_fd;   // the container's end of the shim's channel, inherited too
  cgroups::Manager cgroup_manager = cgroups::Manager::cgroupfs;
};

// Everything that creating the container will do. A pure function: it asks nothing of the machine,
// and `spec` must have passed oci::validate with the same facts.
//
// Throws Error{InvalidSpec, Unsupported} for what only shows when the parts are put together. The
// seccomp filter is not compiled here, which takes longer than all the rest: see seccomp_cache.hpp.
Plan make_plan(const oci::Spec& spec, const Host& host, const PlanInput& input);

// The parts, each in its own file.
NamespacePlan plan_namespaces(const oci::Linux& linux_part, const Host& host);
// "context=LABEL", the option by which a new file system gets linux.mountLabel; empty without one.
std::string label_option(const oci::Spec& spec);
std::vector<MountStep> plan_mounts(const std::vector<oci::Mount>& mounts,
                                   const NamespacePlan& namespaces, const std::string& bundle,
                                   const std::string& label_option);
// MS_* for what is copied from the host, by the word of linux.rootfsPropagation.
unsigned long host_propagation(const std::string& word);
RootfsPlan plan_rootfs(const oci::Spec& spec, const NamespacePlan& namespaces, const Host& host,
                       const PlanInput& input);
ProcessPlan plan_process(const oci::Spec& spec, const NamespacePlan& namespaces, const Host& host,
                         const PlanInput& input);
SchedulingPlan plan_scheduling(const oci::Spec& spec);

// The host's id of the container's `id`, by the mappings; without mappings the same number.
std::uint32_t host_id(const std::vector<oci::IdMapping>& mappings, std::uint32_t id);
bool is_mapped(const std::vector<oci::IdMapping>& mappings, std::uint32_t id);

}  // namespace ocelot
