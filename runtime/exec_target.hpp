#pragma once
#include <memory>

#include "runtime/container.hpp"
#include "runtime/host.hpp"

namespace ocelot {

// The container that a process is to be added to, as it was when that was asked for, and the
// process.
struct ExecTarget {
  Record record;
  UniqueFd init;   // pidfd
  oci::Spec spec;  // the saved configuration; its process is the one to add
  Host host;
  std::unique_ptr<cgroups::Driver> cgroup;  // where the process belongs
};

// Throws Error{NotFound}; Error{WrongState} for a container that is stopped, being created, or,
// unless `ignore_paused`, paused; Error{InvalidSpec} for a process that the specification does not
// allow.
ExecTarget find_exec_target(const GlobalOptions& global, const ExecOptions& options);

}  // namespace ocelot
