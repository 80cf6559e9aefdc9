#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cgroups/driver.hpp"
#include "oci/annotations.hpp"
#include "oci/spec.hpp"
#include "oci/state.hpp"
#include "runtime/process_identity.hpp"

namespace ocelot {

enum class Phase { creating, created };

// What the state file remembers of a container: all that start, kill, delete and state need, since
// config.json may have changed.
//
// Written ahead of the first resource (phase creating), again when the process exists, and at last
// as created: whenever the runtime is killed, what it made can be found and removed.
struct Record {
  Phase phase = Phase::creating;
  std::string id;
  std::string bundle;
  std::string rootfs;
  std::string created;  // RFC 3339, UTC, nanoseconds
  std::optional<ProcessIdentity> init;
  cgroups::Location cgroup;
  bool own_pid_namespace = false;
  bool checkpointed = false;                       // its process was ended by a checkpoint
  bool session_keyring = true;                     // the container has one, that its processes join
  std::string intel_rdt_group, intel_rdt_monitor;  // to remove with the container, or empty
  Annotations annotations;
  std::vector<oci::Hook> poststart, poststop;

  oci::State state(oci::Status status) const;
  // What tells this container from another of the same name, before or below another --root.
  const std::string& cgroup_owner() const { return created; }
};

// Replaces `state.json` in the container's directory.
void save(int directory, const Record& record);
// nullopt when there is none. Throws Error naming the file when it cannot be understood.
std::optional<Record> load(int directory);

}  // namespace ocelot
