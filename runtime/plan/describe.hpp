#pragma once
#include <string>
#include <vector>

#include "runtime/plan/plan.hpp"

namespace ocelot {

// One thing that create or start will do, in words.
struct DescribedStep {
  std::string phase;   // "cgroup", "namespaces", "mounts", ...
  std::string action;  // "write"
  std::string object;  // "memory.limit_in_bytes": what it is done to
  std::string detail;  // "33554432"; may be empty

  bool operator==(const DescribedStep&) const = default;
};

// All steps of `plan`, in the order in which they are carried out. `hierarchies` say which of
// cgroup's files the limits are written to.
std::vector<DescribedStep> describe(const Plan& plan, const cgroups::Hierarchies& hierarchies);

}  // namespace ocelot
