#pragma once
#include <string>

#include "cgroups/hierarchy.hpp"
#include "oci/spec.hpp"
#include "runtime/caller_stdio.hpp"
#include "runtime/inherited_fds.hpp"
#include "runtime/options.hpp"
#include "runtime/plan/plan.hpp"
#include "runtime/record.hpp"

namespace ocelot {

// A bundle that was read and found to be right for this host, and what is to be made of it. Nothing
// has been made yet but the connection to the console socket.
struct PlannedContainer {
  oci::Spec spec;
  std::string config_text;
  cgroups::Hierarchies hierarchies;
  CallerStdio stdio;
  Plan plan;  // without the seccomp filter
};

// Throws Error{InvalidSpec} with all that is wrong in the configuration; warns of the rest.
PlannedContainer plan_container(const GlobalOptions& global, const CreateOptions& options,
                                Caller caller, const InheritedFds& fds);

// What the state file tells of a container that is about to be made.
Record new_record(const Plan& plan);

}  // namespace ocelot
