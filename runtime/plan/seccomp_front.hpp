#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/plan/seccomp_conditions.hpp"

namespace ocelot {

// The system calls of one calling convention, and what is answered to some of them ahead of
// libseccomp's program.
struct Convention {
  std::uint32_t audit_arch = 0;  // AUDIT_ARCH_*, as the kernel tells it to a filter
  std::uint32_t end = 0;         // the numbers of the convention are below this
  Width width = Width::bits64;
  std::optional<std::uint32_t>
      newest;  // the highest number that the profile names; what is newer is answered ENOSYS
  std::map<std::uint32_t, std::vector<ConditionalRule>>
      calls;  // by number; decided here by the first rule that applies
};

// `filter` with instructions in front that answer what `conventions` say; the rest is up to
// `filter`. Both are arrays of struct sock_filter.
//
// ENOSYS, why: a profile that refuses what it does not list answers EPERM to a system call that did
// not exist when it was written. Programs take EPERM for an answer, and fail; ENOSYS makes them
// fall back to the older call, as on a kernel as old as the profile. The kernel hands out ascending
// numbers, so what lies beyond the newest number in the profile is newer than the profile.
//
// For each architecture, with the last three lines once a convention (x86_64 has two, which differ
// in bit 30 of the number):
//
//       load arch
//       jump unless audit_arch        -> next architecture
//       load nr
//       if one of `calls`: compare its arguments, return
//       jump if <= newest or >= end   -> next convention
//       return ERRNO(ENOSYS)
//       jump                          -> filter
std::string put_in_front(std::span<const Convention> conventions, std::uint32_t default_action,
                         std::string_view filter);

}  // namespace ocelot
