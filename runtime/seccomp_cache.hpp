#pragma once
#include "oci/seccomp.hpp"
#include "runtime/plan/seccomp.hpp"

namespace ocelot {

// compile_seccomp, or what it answered to the same profile before: compiling a profile of 400 names
// costs more than all else that is done before the first fork.
//
// An entry lies in `.seccomp/` of the directory `root_dir` and holds the whole of what the filter
// depends on, byte for byte: the profile, libseccomp's version, the machine and our format. Only an
// entry equal to that, whole, and written by this user into a directory that nobody else may write
// is believed; anything else is compiled again and replaced. A cache that cannot be used is an
// ordinary miss. At most 64 entries are kept.
//
// Throws what compile_seccomp throws.
SeccompProgram cached_seccomp(int root_dir, const oci::Seccomp& profile);

}  // namespace ocelot
