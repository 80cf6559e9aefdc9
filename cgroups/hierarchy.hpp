#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ocelot::cgroups {

// One mounted cgroup hierarchy of this host.
struct Hierarchy {
  std::string name;  // as in /proc/self/cgroup: "memory", "cpu,cpuacct", "name=systemd"; "" for v2
  std::vector<std::string>
      controllers;          // v1: the parts of the name; v2: of cgroup.controllers at its root
  std::string mount_point;  // "/sys/fs/cgroup/memory"
  std::string own_path;     // the caller's cgroup in it, "/user.slice"
  bool unified = false;     // v2
};

enum class Mode { none, legacy, hybrid, unified };

// The hierarchies of this host: all v1 (legacy), v1 with a v2 beside them (hybrid), v2 alone
// (unified).
struct Hierarchies {
  Mode mode = Mode::none;
  std::vector<Hierarchy> all;

  const Hierarchy* with_controller(const std::string& controller) const;
  const Hierarchy* unified_one() const;
};

// The text of a /proc/PID/cgroup ("4:cpu,cpuacct:/a/b"): path by name of hierarchy.
std::map<std::string, std::string> memberships(std::string_view text);

// Reads them from `root` and `membership`, the caller's /proc/self/cgroup; tests inject both.
// Controllers are found where they are mounted below `root`, without reading the whole mount table.
Hierarchies detect(const std::string& root = "/sys/fs/cgroup",
                   const std::string& membership = "/proc/self/cgroup");

}  // namespace ocelot::cgroups
