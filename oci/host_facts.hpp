#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace ocelot::oci {

// What lies at a path of linux.namespaces.
struct NamespaceFile {
  std::string path;
  int error_number = 0;  // of looking for it
  int clone_flag = 0;    // CLONE_NEW* of the namespace; 0: it is none
};

// What validation must know about the machine and the caller. A plain value: the runtime gathers
// it, a test writes it.
struct HostFacts {
  bool privileged = true;  // CAP_SYS_ADMIN in the initial user namespace
  bool in_user_namespace = false;
  bool setgroups_denied = false;                // there, and in what is made below
  bool cgroup_v2 = false;                       // unified: knobs that only v1 has are refused
  bool systemd_cgroup = false;                  // cgroupsPath is slice:prefix:name
  std::vector<std::string> cgroup_controllers;  // all that are mounted or enabled at the root
  std::vector<std::string> hugepage_sizes;      // "2MB", "1GB"
  bool apparmor = false, selinux = false;       // enabled in this kernel
  std::string resctrl;                          // where resctrl is mounted, or empty
  int last_capability = 40;
  // Paths of linux.namespaces that lead to the namespace the caller is in itself.
  std::vector<std::string> callers_own_namespaces;
  std::vector<NamespaceFile> namespace_files;
  int root_error = 0;  // errno of opening root.path as a directory
};

}  // namespace ocelot::oci
