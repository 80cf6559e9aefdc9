#pragma once
#include <sys/stat.h>

#include <memory>
#include <optional>

#include "runtime/container.hpp"
#include "runtime/host.hpp"

namespace ocelot {

// What is the same for every process that is added to a container: what `create` saved, and this
// machine. Looked at when first asked for; whoever keeps it sees a configuration that `update` has
// saved since.
class ExecContainer {
 public:
  // All are borrowed for as long as this lives; `directory` is the container's state directory.
  ExecContainer(const GlobalOptions& global, int directory, const Container& container)
      : global_(global), directory_(directory), container_(container) {}

  const GlobalOptions& global() const { return global_; }
  const Container& container() const { return container_; }
  // Throw Error{Failed} for a saved configuration that is missing or damaged.
  const oci::Spec& spec();
  // With what a process of `spec`, the configuration with that process in it, depends on.
  const Host& host_for(const oci::Spec& spec);

 private:
  const GlobalOptions& global_;
  const int directory_;
  const Container& container_;
  std::optional<struct stat> saved_;  // the file that was read
  oci::Spec spec_;
  std::optional<Host> host_;
};

// Where a process is to be added, as it was when that was asked for, and the process.
struct ExecTarget {
  UniqueFd init;   // pidfd
  oci::Spec spec;  // the saved configuration; its process is the one to add
  std::shared_ptr<cgroups::Driver> cgroup;  // where the process belongs
};

// Throws Error{WrongState} for a container that is stopped, being created, or, unless
// `ignore_paused`, paused; Error{InvalidSpec} for a process that the specification does not allow.
ExecTarget find_exec_target(ExecContainer& known, const ExecOptions& options);

}  // namespace ocelot
