#pragma once

#include <string>
#include <vector>

namespace ocelot::bench {

// The same ground for every runtime.
struct Scene {
  std::vector<std::string> hierarchies;  // directories of /sys/fs/cgroup, v1 only
  std::string bundle = {};               // the default specification with args ["true"]
  // The same, but its `true` prints what it sees and waits for a line.
  std::string looking_bundle = {};
  std::string sleeping_bundle = {};  // the same with args ["sleep", "100000"]
};

// Moves the caller into a mount namespace of its own in which /run is an empty tmpfs (as after a
// boot) and /sys/fs/cgroup holds the v1 hierarchies alone (crun refuses a hybrid host), and into
// the root cgroup of each of them, so that every runtime chooses the same cgroup. What the scene
// makes vanishes with the namespace. Throws std::runtime_error; then the caller's own mount
// namespace is untouched, for it has been left.
//
// `busybox` is a static busybox, `config` a config.json whose args are ["sh"].
Scene set_scene(const std::string& busybox, const std::string& config);

}  // namespace ocelot::bench
