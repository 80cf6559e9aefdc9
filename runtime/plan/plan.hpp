#pragma once
#include <sys/resource.h>
#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cgroups/driver.hpp"
#include "oci/annotations.hpp"
#include "oci/mount_options.hpp"
#include "oci/spec.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/plan/capabilities.hpp"
#include "runtime/plan/intel_rdt.hpp"
#include "runtime/plan/seccomp.hpp"

// Everything that creating a container will do, decided before the first fork: a value that can be
// printed and compared.
//
// Nothing here is optional in the sense of config.json: defaults are filled in, words are numbers,
// host paths are absolute. An absent step is an empty member.
namespace ocelot {

struct NamespaceToJoin {
  int flag = 0;      // CLONE_NEW*
  std::string path;  // "/proc/1234/ns/net"
};

struct NamespacePlan {
  std::vector<NamespaceToJoin> join;  // in the order to join them
  int create = 0;                     // CLONE_NEW* of what is made new, but for user, pid and time
  bool new_user = false, new_pid = false, new_time = false;
  std::vector<oci::IdMapping> uid_mappings,
      gid_mappings;               // of the user namespace; of a joined one may be empty
  bool map_with_helpers = false;  // newuidmap and newgidmap: more than the caller may write
  std::string time_offsets;       // text for /proc/PID/timens_offsets; empty: none

  bool joins(int flag) const;
  bool makes(int flag) const;  // any CLONE_NEW*
};

enum class MountKind {
  filesystem,  // a new superblock
  bind,        // a copy of what is mounted at a host path
  cgroup,      // the container's view of the host's cgroup hierarchies
  remount,     // other attributes for what is mounted at the destination
};

struct MountStep {
  std::size_t index = 0;  // in config.json's mounts
  MountKind kind{};
  std::string destination;  // absolute and clean, inside the rootfs
  std::string type;
  std::string source;  // bind: absolute host path
  oci::MountOptions options;
  std::vector<oci::IdMapping> uid_mappings,
      gid_mappings;              // of an id-mapped mount; empty: not mapped
  std::string id_map_namespace;  // or the path of the user namespace whose mapping is meant

  // MOUNT_ATTR_* of the mount itself, however they were asked for.
  std::uint64_t attributes() const { return options.set | options.recursive_set; }
  // Something is made in it after it was mounted, what is mounted below a tmpfs, or the devices: it
  // is made read-only when all is there.
  bool sealed_late() const { return type == "tmpfs" || destination == "/dev"; }
  bool id_mapped() const { return !uid_mappings.empty() || !id_map_namespace.empty(); }
  // The mount is there before it reaches the container: as a copy of one of the host's, or as a
  // file system that is the host's, since the kernel maps no ids of one that belongs to the
  // container's user namespace already.
  bool made_outside() const {
    return kind == MountKind::bind || (kind == MountKind::filesystem && id_mapped());
  }
};

struct DeviceStep {
  std::string path;  // inside the rootfs
  mode_t type = 0;   // S_IFCHR, S_IFBLK, S_IFIFO
  dev_t number = 0;
  mode_t mode = 0666;
  uid_t uid = 0;
  gid_t gid = 0;
};

enum class SourcesOpenedBy { runtime, init };

struct RootfsPlan {
  std::string path;  // absolute host path
  bool readonly = false;
  bool no_pivot = false;
  // MS_* of the new mount namespace and of what is copied from the host while the tree is built.
  unsigned long host_propagation = 0;
  unsigned long propagation = 0;  // MS_* for the finished root; 0: leave it
  std::vector<MountStep> mounts;
  bool own_dev = false;  // /dev is the container's own, so its nodes and links are made
  std::vector<DeviceStep> devices;
  // One of its own, or the caller's: it may not mknod, so nodes are bound from the host, nor change
  // the host's cgroups.
  bool in_user_namespace = false;
  std::vector<std::pair<std::string, std::string>> links;  // name in /dev, target
  std::vector<std::string> masked_paths, readonly_paths;   // absolute
  // An unprivileged runtime cannot copy mounts; its init can, once it has a user and a mount
  // namespace.
  SourcesOpenedBy sources_opened_by = SourcesOpenedBy::runtime;
};

struct RlimitStep {
  int resource = 0;
  rlimit value{};
  std::string type;  // "RLIMIT_NOFILE", for messages
};

struct MemoryPolicyStep {
  int mode = 0;  // MPOL_* with MPOL_F_*
  std::vector<unsigned long> nodes;
};

using CpuMask = std::vector<unsigned long>;  // a bit a processor; empty: none is named

// The processors that the new process may use.
enum class Affinity {
  all,        // whatever the caller was confined to
  inherited,  // those of the runtime
  listed,
};

struct SchedulingPlan {
  Affinity affinity = Affinity::all;
  CpuMask processors;  // where listed
  std::optional<sys::SchedulingAttributes> scheduler;
  std::optional<int> io_priority;  // as ioprio_set(2) takes it
  std::optional<unsigned long> personality;
  std::optional<MemoryPolicyStep> memory_policy;
};

enum class Stdio { inherit, pipes, terminal };

// The supplementary groups of the process.
enum class Groups {
  given,   // those of the plan, even if none
  kept,    // the caller's
  denied,  // the user namespace denies setgroups(2)
};

struct ProcessPlan {
  std::vector<std::string> args;
  std::vector<std::string> env;  // HOME is added by init when it is not there
  std::string cwd;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;
  Groups which_groups = Groups::given;
  mode_t umask = 0022;
  CapabilityPlan capabilities;
  bool no_new_privileges = false;
  std::vector<RlimitStep> rlimits;
  bool limits_by_runtime = false;  // in a user namespace of its own the process may not raise them
  std::optional<int> oom_score_adj;
  std::string apparmor_profile, selinux_label;
  SchedulingPlan scheduling;
  Stdio stdio = Stdio::inherit;
  std::optional<oci::ConsoleSize> console_size;
  // Descriptors 3 and up that the process inherits, by number: LISTEN_FDS first, then
  // --preserve-fds, then the shim's channel. Holes stay closed.
  std::vector<int> inherited_fds;
};

struct NetDeviceStep {
  std::string host_name, name;
};

struct SysctlStep {
  std::string key;   // as config.json has it: "net.ipv4.ip_forward"
  std::string path;  // below /proc/sys
  std::string value;
};

struct Plan {
  std::string id;
  std::string bundle;  // absolute
  NamespacePlan namespaces;
  RootfsPlan rootfs;
  ProcessPlan process;
  std::optional<SeccompProgram> seccomp;
  cgroups::Location cgroup;
  cgroups::systemd::Properties unit_properties;  // where systemd makes the cgroup
  oci::Resources resources;
  bool cgroup_optional =
      false;  // nothing is asked of it, and the caller may not be allowed to make one
  bool delegate_cgroup = false;  // the container's root owns its cgroup
  std::string delegated_below;   // the name of one below it that init is moved to, and that the
                                 // container's root owns; or empty
  std::string hostname, domainname;
  std::vector<SysctlStep> sysctl;
  bool loopback_up = false;
  std::vector<NetDeviceStep> net_devices;
  bool session_keyring = true;
  std::optional<IntelRdtPlan> intel_rdt;
  std::string notify_socket;  // host path of NOTIFY_SOCKET, or empty
  oci::Hooks hooks;
  Annotations annotations;
  std::vector<std::string> warnings;

  bool has_create_hooks() const {
    return !hooks.prestart.empty() || !hooks.create_runtime.empty() ||
           !hooks.create_container.empty();
  }
};

}  // namespace ocelot
