#pragma once
#include <vector>

#include "cgroups/hierarchy.hpp"
#include "hooks/output_files.hpp"
#include "runtime/base/fd.hpp"
#include "runtime/steps/mount_sources.hpp"

namespace ocelot {

struct OpenNamespace {
  int flag = 0;  // CLONE_NEW*
  UniqueFd fd;
};

// The resources that a Plan needs, opened by the runtime and inherited by the new processes.
struct Handles {
  cgroups::Hierarchies hierarchies;
  std::vector<OpenNamespace> namespaces;  // in the order to join them
  std::vector<UniqueFd> membership;  // of the v1 hierarchies, for the stage to write itself into
  MountSources mounts;               // empty when init opens them
  UniqueFd start_listener;
  UniqueFd seccomp_agent;       // connected to the profile's listenerPath
  std::vector<UniqueFd> stdio;  // the container's ends of three pipes, or empty
  hooks::OutputFiles hook_output;
};

// Opens the namespaces to join, and checks that each is one of the declared type.
std::vector<OpenNamespace> open_namespaces(const NamespacePlan& plan);

}  // namespace ocelot
