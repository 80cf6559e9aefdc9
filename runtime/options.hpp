#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

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
  std::string trace;  // a timeline of all this; empty: none
  bool no_pivot = false;
  bool no_new_keyring = false;
  unsigned preserve_fds = 0;
  // `run` only.
  bool detach = false;
  bool keep = false;
  bool no_subreaper = false;
};

// What `checkpoint` takes, and of it what `restore` takes too. See criu(8).
struct CriuOptions {
  std::string image_path = "checkpoint";
  std::string work_path;  // of the log; empty: the image path
  bool tcp_established = false;
  bool tcp_close = false;
  bool external_unix_sockets = false;
  bool shell_job = false;
  bool file_locks = false;
  bool auto_dedup = false;
  bool lazy_pages = false;
  bool empty_network = false;
  std::string cgroup_mode;   // "soft", "full", "strict", "ignore"; empty: soft
  std::string network_lock;  // "iptables", "nftables", "skip"; empty: criu's own choice
};

struct CheckpointOptions {
  std::string id;
  CriuOptions criu;
  std::string parent_path;  // relative to the image path
  std::string page_server;  // ADDRESS:PORT
  std::optional<int> status_fd;
  bool leave_running = false;
  bool pre_dump = false;
  bool tcp_skip_in_flight = false;
  bool link_remap = false;
};

struct RestoreOptions {
  CreateOptions create;
  CriuOptions criu;
  std::string lsm_profile, lsm_mount_context;
};

// What `exec` takes. A process document says all of the process by itself; without one it is the
// container's own process with the changes that are given here.
struct ExecOptions {
  std::string id;
  std::string process_file;                 // a path, or
  std::optional<std::string> process_text;  // the document itself
  std::vector<std::string> args;
  std::string cwd;               // empty: the container's
  std::vector<std::string> env;  // added to the container's
  std::optional<std::uint32_t> uid, gid;
  std::vector<std::uint32_t> additional_gids;   // added to the container's
  std::vector<std::string> capabilities;        // added to the container's
  std::string apparmor_profile, selinux_label;  // empty: the container's
  bool tty = false;
  bool no_new_privileges = false;
  // As given, "[controller[,controller...]:]path", the path below the container's cgroup.
  std::vector<std::string> cgroups;
  std::string console_socket;
  std::string pidfd_socket;
  std::string pid_file;
  unsigned preserve_fds = 0;
  bool detach = false;
  bool ignore_paused = false;
};

}  // namespace ocelot
