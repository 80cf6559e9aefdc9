#pragma once
#include <string>
#include <vector>

#include "oci/seccomp.hpp"

namespace ocelot {

// What seccomp(2) is given, and whom to tell. A value: compiling it changes nothing.
struct SeccompProgram {
  std::string filter;  // an array of struct sock_filter, as the kernel takes it
  unsigned flags = 0;  // SECCOMP_FILTER_FLAG_*, with NEW_LISTENER when some rule notifies
  bool notify = false;
  std::string listener_path;
  std::string listener_metadata;
  std::vector<std::string> warnings;  // what was skipped and why; for the debug log

  bool operator==(const SeccompProgram&) const = default;
};

// The profile as a classic BPF program, compiled by libseccomp for each architecture that it lists
// and for this machine's.
//
// System calls with names that libseccomp does not know are left to the default action. Those newer
// than the newest one the profile names are answered ENOSYS unless the default action lets them
// pass (seccomp_front.hpp). Of several rules on one call the first that applies decides; but one
// without conditions decides alone, as libseccomp and so other runtimes have it. Throws
// Error{InvalidSpec} naming the member for an unknown flag, for SCMP_ACT_NOTIFY where it would wait
// for itself, and Error{Unsupported} for an architecture that this libseccomp lacks.
//
// Spec: config-linux.md#seccomp
SeccompProgram compile_seccomp(const oci::Seccomp& profile);

// Whether a profile may name that architecture here.
bool seccomp_knows_architecture(const std::string& word);
// Whether this kernel takes that SECCOMP_FILTER_FLAG_*; asked without loading a filter.
bool kernel_knows_seccomp_flag(unsigned flag);

// "2.5.4": of the library linked, not of its header.
std::string libseccomp_version();

// Names all that the program for a profile depends on beside the profile: libseccomp, this machine
// and our own part.
std::string seccomp_compiler();

}  // namespace ocelot
