#pragma once
#include <sys/types.h>

#include <cstdint>
#include <string>

#include "cgroups/driver.hpp"
#include "oci/bundle.hpp"
#include "oci/host_facts.hpp"
#include "oci/spec.hpp"
#include "runtime/options.hpp"

namespace ocelot {

// This machine and this caller, as far as creating a container depends on them. A value: a test
// writes one by hand.
struct Host {
  oci::HostFacts facts;
  cgroups::Hierarchies hierarchies;
  cgroups::Systemd systemd;
  uid_t uid = 0;
  gid_t gid = 0;
  std::uint64_t capabilities = ~std::uint64_t{0};  // effective, of the caller
};

// Told by the namespace itself: its maps may be the identity.
bool in_user_namespace();

// Whether the labels that `spec` asks for can be had.
void look_at_labels(const oci::Spec& spec, oci::HostFacts& facts);
// Asks only what `spec` makes relevant: each question costs a system call or a file.
Host gather_host(const oci::Spec& spec, const GlobalOptions& global);
// And what a new container depends on: whether its root is there.
Host gather_host(const oci::Bundle& bundle, const GlobalOptions& global);

}  // namespace ocelot
