#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "oci/seccomp.hpp"
#include "runtime/plan/bpf.hpp"

namespace ocelot {

// What to answer to one system call where all `conditions` hold.
struct ConditionalRule {
  std::uint32_t action = 0;  // SECCOMP_RET_*
  std::vector<oci::SeccompArgument> conditions;
};

// Registers of a calling convention; a call of 32-bit code says nothing in the upper half.
enum class Width { bits32, bits64 };

// Instructions that return the action of the first of `rules` that applies, else `otherwise`.
bpf::Instructions decide_by_first(std::span<const ConditionalRule> rules, std::uint32_t otherwise,
                                  Width width);

}  // namespace ocelot
