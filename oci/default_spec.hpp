#pragma once
#include <cstdint>
#include <string>

namespace ocelot::oci {

struct DefaultSpecOptions {
  bool rootless = false;  // for a user without privileges, who becomes root in the container
  std::uint32_t uid = 0, gid = 0;  // that user, with `rootless`
  bool cgroup_v2 = false;          // the host has it alone: a cgroup namespace belongs to it
};

// The config.json that `spec` writes: a shell on a terminal in a read-only rootfs, with few
// capabilities. What runc's holds, but no ambient capabilities: they need inheritable ones, which
// it does not ask for either.
std::string default_spec(const DefaultSpecOptions& options);

}  // namespace ocelot::oci
