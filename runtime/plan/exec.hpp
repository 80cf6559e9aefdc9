#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/plan/make_plan.hpp"

// What `exec` will do: one more process in a container, decided before the first fork.
namespace ocelot {

struct ExecPlan {
  std::string id;
  int join = 0;  // CLONE_NEW* of the container's init
  NamespacePlan namespaces;
  ProcessPlan process;
  std::optional<SeccompProgram> seccomp;
  bool session_keyring = true;
  CpuMask initial_affinity;  // of the runtime, before the process is born in the cgroup
  std::vector<std::string> warnings;
};

// The process that the options describe: the container's own with what they change.
oci::Process described_process(const oci::Process& container, const ExecOptions& options);
// A process document with what it leaves to the container: rlimits, capabilities, labels, the OOM
// score, scheduling, CPU affinity.
oci::Process completed_process(oci::Process document, const oci::Process& container);

// `container` is the saved configuration, its process replaced by the one to add, which must have
// passed oci::validate. As in make_plan, the seccomp filter is not compiled here.
ExecPlan plan_exec(const oci::Spec& container, const Host& host, const PlanInput& input);

// Where the process belongs: where init is (`membership`, its /proc/PID/cgroup), which may be below
// the container's cgroup or elsewhere; in the hierarchies that `sub_cgroups` mean, at their path
// below the container's cgroup, never outside it.
//
// Throws Error{InvalidArgument} for a malformed one, a controller that is unknown or named twice,
// and a path with "..".
cgroups::Location exec_cgroup(const cgroups::Location& container, std::string_view membership,
                              const std::vector<std::string>& sub_cgroups);

}  // namespace ocelot
