#pragma once
#include <optional>
#include <string>

#include "cgroups/driver.hpp"

namespace ocelot {

// What every command takes, before the command's name.
struct GlobalOptions {
  std::string root;  // state directory, absolute
  cgroups::Manager cgroup_manager = cgroups::Manager::cgroupfs;
  bool debug = false;
};

// What `create` and `run` take. Paths are as given; relative ones are relative to the working
// directory.
struct CreateOptions {
  std::string id;
  std::string bundle = ".";
  std::string config;  // empty: <bundle>/config.json
  std::string console_socket;
  std::string pidfd_socket;
  std::string pid_file;
  bool no_pivot = false;
  bool no_new_keyring = false;
  unsigned preserve_fds = 0;
  // `run` only.
  bool detach = false;
  bool keep = false;
  bool no_subreaper = false;
};

}  // namespace ocelot
