#pragma once

#include "tests/support/command.hpp"

namespace ocelot::test {

// Gives cgroup2 its options again: criu, told of no hierarchy as by runc, mounts it once more and
// takes them away.
inline void mend_cgroup_mount() {
  run({"mount", "-o", "remount,nosuid,nodev,noexec,nsdelegate,memory_recursiveprot",
       "/sys/fs/cgroup"});
}

}  // namespace ocelot::test
