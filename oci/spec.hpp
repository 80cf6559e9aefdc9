#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "oci/annotations.hpp"
#include "oci/linux.hpp"

// config.json as structs, one per object, named as the runtime specification names them
// (version 1.3).
//
// Values are checked for type and range when read (read_spec.hpp) and for sense by validate.hpp.
// Members that the document may leave out are std::optional only where absent and empty differ.
// Spec: config.md, config-linux.md
namespace ocelot::oci {

struct Root {
  std::string path;
  bool readonly = false;
};

struct Mount {
  std::string destination;
  std::string type;
  std::string source;
  std::vector<std::string> options;
  std::vector<IdMapping> uid_mappings;
  std::vector<IdMapping> gid_mappings;
};

struct ConsoleSize {
  std::uint16_t height = 0, width = 0;  // in characters
};

struct User {
  std::uint32_t uid = 0, gid = 0;
  std::optional<std::uint32_t> umask;
  std::vector<std::uint32_t> additional_gids;
};

// The five sets, as words ("CAP_CHOWN"); words this build or kernel does not know are warned about.
struct Capabilities {
  std::vector<std::string> bounding, effective, inheritable, permitted, ambient;
};

struct Rlimit {
  std::string type;  // "RLIMIT_NOFILE"
  std::uint64_t soft = 0, hard = 0;
};

struct Scheduler {
  std::string policy;  // "SCHED_OTHER"
  std::optional<std::int32_t> nice;
  std::optional<std::int32_t> priority;
  std::vector<std::string> flags;                          // "SCHED_FLAG_RESET_ON_FORK"
  std::optional<std::uint64_t> runtime, deadline, period;  // nanoseconds
};

struct IoPriority {
  std::string io_class;  // "IOPRIO_CLASS_BE"
  std::int32_t priority = 0;
};

struct ExecCpuAffinity {
  std::string initial, final;  // CPU lists, "0-3,7"
};

struct Process {
  bool terminal = false;
  std::optional<ConsoleSize> console_size;
  User user;
  std::vector<std::string> args;
  std::vector<std::string> env;
  std::string cwd;
  std::optional<Capabilities> capabilities;
  std::vector<Rlimit> rlimits;
  bool no_new_privileges = false;
  std::string apparmor_profile;
  std::optional<std::int32_t> oom_score_adj;
  std::string selinux_label;
  std::optional<Scheduler> scheduler;
  std::optional<IoPriority> io_priority;
  std::optional<ExecCpuAffinity> exec_cpu_affinity;
};

struct Hook {
  std::string path;
  std::vector<std::string> args;
  std::optional<std::vector<std::string>> env;  // absent: the runtime's own environment
  std::optional<std::int64_t> timeout_seconds;
};

struct Hooks {
  std::vector<Hook> prestart, create_runtime, create_container, start_container, poststart,
      poststop;

  bool any() const {
    return !prestart.empty() || !create_runtime.empty() || !create_container.empty() ||
           !start_container.empty() || !poststart.empty() || !poststop.empty();
  }
};

struct Spec {
  std::string oci_version;
  std::optional<Root> root;
  std::optional<Process> process;
  std::string hostname;
  std::string domainname;
  std::vector<Mount> mounts;
  Hooks hooks;
  Annotations annotations;
  std::optional<Linux> linux_;
};

}  // namespace ocelot::oci
