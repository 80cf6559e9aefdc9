#include <fmt/core.h>
#include <linux/mempolicy.h>

#include "oci/checker.hpp"
#include "oci/lists.hpp"
#include "oci/names.hpp"
#include "runtime/base/text.hpp"

// Spec: config-linux.md#memory-policy; what goes together is what set_mempolicy(2) accepts.
namespace ocelot::oci {

void check_memory_policy(Checker& check, const MemoryPolicy& policy) {
  constexpr const char* section = "config-linux.md#memory-policy";
  const std::string at = "/linux/memoryPolicy";
  const auto mode = memory_policy_mode(policy.mode);
  if (!mode) {
    check.refuse(
        at + "/mode", "memory-policy-mode",
        fmt::format("\"{}\" is unknown: write MPOL_BIND, MPOL_INTERLEAVE, MPOL_PREFERRED, ...",
                    printable(policy.mode)),
        section);
  }
  unsigned flags = 0;
  for (std::size_t i = 0; i < policy.flags.size(); ++i) {
    if (const auto flag = memory_policy_flag(policy.flags[i])) {
      flags |= *flag;
    } else {
      check.refuse(fmt::format("{}/flags/{}", at, i), "memory-policy-flag",
                   fmt::format("\"{}\" is unknown: write MPOL_F_NUMA_BALANCING, "
                               "MPOL_F_RELATIVE_NODES or MPOL_F_STATIC_NODES",
                               printable(policy.flags[i])),
                   section);
    }
  }
  if (!policy.nodes.empty() && !parse_list(policy.nodes)) {
    check.refuse(at + "/nodes", "memory-policy-nodes",
                 fmt::format("\"{}\" is no list of nodes: write one like \"0-1,3\"",
                             printable(policy.nodes)),
                 section);
  }
  if (!mode) return;

  const bool takes_none = *mode == MPOL_DEFAULT || *mode == MPOL_LOCAL;
  if (takes_none && !policy.nodes.empty()) {
    check.refuse(at + "/nodes", "memory-policy-nodes",
                 policy.mode + " takes no nodes: leave it out", section);
  }
  if (!takes_none && *mode != MPOL_PREFERRED && policy.nodes.empty()) {
    check.refuse(at + "/nodes", "memory-policy-nodes", policy.mode + " needs nodes", section);
  }
  constexpr unsigned both = MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES;
  if ((flags & both) == both) {
    check.refuse(at + "/flags", "memory-policy-flag",
                 "MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES exclude each other", section);
  } else if ((flags & both) != 0 && policy.nodes.empty()) {
    check.refuse(at + "/flags", "memory-policy-flag",
                 "MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES need nodes", section);
  }
  if ((flags & MPOL_F_NUMA_BALANCING) != 0 && *mode != MPOL_BIND && *mode != MPOL_PREFERRED_MANY) {
    check.refuse(at + "/flags", "memory-policy-flag",
                 "MPOL_F_NUMA_BALANCING goes with MPOL_BIND or MPOL_PREFERRED_MANY", section);
  }
}

}  // namespace ocelot::oci
