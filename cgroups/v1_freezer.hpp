#pragma once
#include "cgroups/cgroup.hpp"
#include "cgroups/signals.hpp"

namespace ocelot::cgroups {

// The freezer controller of v1. Nothing announces that a cgroup has frozen: the state is read again
// until it has.
class V1Freezer {
 public:
  explicit V1Freezer(const Cgroup& cgroup) : cgroup_(cgroup) {}

  // False when it has not frozen by the deadline; it may be FREEZING then.
  bool try_freeze(const Deadline& deadline) const;
  // What the container itself froze below stays frozen.
  void thaw() const;
  // With every cgroup below, so that whoever was killed there can die.
  void thaw_all() const;
  // FREEZING counts: its processes no longer run.
  bool frozen() const;

 private:
  const Cgroup& cgroup_;
};

}  // namespace ocelot::cgroups
