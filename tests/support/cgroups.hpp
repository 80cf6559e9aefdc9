#pragma once

#include <string>
#include <vector>

namespace ocelot::test {

// A mounted cgroup hierarchy of this machine.
struct Hierarchy {
  std::string mount_point;
  std::vector<std::string>
      controllers;  // "name=systemd" for a named one; all of cgroup.controllers
  bool unified;     // cgroup v2
};

const std::vector<Hierarchy>& hierarchies();

// True if the root of the cgroup mounts is cgroup v2.
bool is_unified();

// Directory of the cgroup `path` ("/a/b") in the hierarchy of `controller`; empty if there is none.
std::string cgroup_directory(const std::string& controller, const std::string& path);

// The parent of all cgroups that this process's bundles name, "/ocelot-test-PID". It exists in
// every hierarchy from the first call to the end of the process; a runtime need not make or remove
// it. Empty where we may not make cgroups.
std::string cgroup_parent();

// Every cgroup directory whose path has a component that names this process (ocelot-test-PID...),
// the parent itself excepted.
std::vector<std::string> our_cgroups();

// Every cgroup directory of the machine.
std::vector<std::string> all_cgroups();

// The word that marks what this process makes: "ocelot-test-PID".
std::string mark();

}  // namespace ocelot::test
