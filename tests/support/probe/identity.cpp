#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <map>
#include <sstream>

#include "tests/support/probe/probe.hpp"

namespace probe {
namespace {

constexpr const char* kCapabilities[] = {"CAP_CHOWN",
                                         "CAP_DAC_OVERRIDE",
                                         "CAP_DAC_READ_SEARCH",
                                         "CAP_FOWNER",
                                         "CAP_FSETID",
                                         "CAP_KILL",
                                         "CAP_SETGID",
                                         "CAP_SETUID",
                                         "CAP_SETPCAP",
                                         "CAP_LINUX_IMMUTABLE",
                                         "CAP_NET_BIND_SERVICE",
                                         "CAP_NET_BROADCAST",
                                         "CAP_NET_ADMIN",
                                         "CAP_NET_RAW",
                                         "CAP_IPC_LOCK",
                                         "CAP_IPC_OWNER",
                                         "CAP_SYS_MODULE",
                                         "CAP_SYS_RAWIO",
                                         "CAP_SYS_CHROOT",
                                         "CAP_SYS_PTRACE",
                                         "CAP_SYS_PACCT",
                                         "CAP_SYS_ADMIN",
                                         "CAP_SYS_BOOT",
                                         "CAP_SYS_NICE",
                                         "CAP_SYS_RESOURCE",
                                         "CAP_SYS_TIME",
                                         "CAP_SYS_TTY_CONFIG",
                                         "CAP_MKNOD",
                                         "CAP_LEASE",
                                         "CAP_AUDIT_WRITE",
                                         "CAP_AUDIT_CONTROL",
                                         "CAP_SETFCAP",
                                         "CAP_MAC_OVERRIDE",
                                         "CAP_MAC_ADMIN",
                                         "CAP_SYSLOG",
                                         "CAP_WAKE_ALARM",
                                         "CAP_BLOCK_SUSPEND",
                                         "CAP_AUDIT_READ",
                                         "CAP_PERFMON",
                                         "CAP_BPF",
                                         "CAP_CHECKPOINT_RESTORE"};

constexpr std::pair<const char*, int> kLimits[] = {{"RLIMIT_AS", RLIMIT_AS},
                                                   {"RLIMIT_CORE", RLIMIT_CORE},
                                                   {"RLIMIT_CPU", RLIMIT_CPU},
                                                   {"RLIMIT_DATA", RLIMIT_DATA},
                                                   {"RLIMIT_FSIZE", RLIMIT_FSIZE},
                                                   {"RLIMIT_LOCKS", RLIMIT_LOCKS},
                                                   {"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK},
                                                   {"RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE},
                                                   {"RLIMIT_NICE", RLIMIT_NICE},
                                                   {"RLIMIT_NOFILE", RLIMIT_NOFILE},
                                                   {"RLIMIT_NPROC", RLIMIT_NPROC},
                                                   {"RLIMIT_RSS", RLIMIT_RSS},
                                                   {"RLIMIT_RTPRIO", RLIMIT_RTPRIO},
                                                   {"RLIMIT_RTTIME", RLIMIT_RTTIME},
                                                   {"RLIMIT_SIGPENDING", RLIMIT_SIGPENDING},
                                                   {"RLIMIT_STACK", RLIMIT_STACK}};

// /proc/self/status without proc would be empty; the numbers that matter come from system calls.
std::map<std::string, std::string> status() {
  std::map<std::string, std::string> fields;
  std::istringstream lines{slurp("/proc/self/status")};
  for (std::string line; std::getline(lines, line);) {
    size_t colon = line.find(':');
    size_t value = line.find_first_not_of(" \t", colon + 1);
    if (value != std::string::npos) fields[line.substr(0, colon)] = line.substr(value);
  }
  return fields;
}

Json capability_names(const std::string& hex) {
  Json names = Json::array();
  if (hex.empty()) return names;
  const unsigned long long bits = std::stoull(hex, nullptr, 16);
  for (unsigned bit = 0; bit < 64; ++bit)
    if ((bits >> bit & 1) != 0)
      names.push_back(bit < std::size(kCapabilities) ? kCapabilities[bit]
                                                     : "CAP_" + std::to_string(bit));
  return names;
}

Json descriptors() {
  Json fds = Json::object();
  DIR* directory = ::opendir("/proc/self/fd");
  if (directory == nullptr) return fds;
  while (dirent* entry = ::readdir(directory)) {
    std::string name = entry->d_name;
    if (name == "." || name == ".." || std::stoi(name) == ::dirfd(directory)) continue;
    fds[name] = link_target("/proc/self/fd/" + name);
  }
  ::closedir(directory);
  return fds;
}

Json groups() {
  gid_t list[256];
  int count = ::getgroups(256, list);
  return count < 0 ? Json::array() : Json(std::vector<gid_t>(list, list + count));
}

mode_t current_umask() {
  mode_t mask = ::umask(0);
  ::umask(mask);
  return mask;
}

}  // namespace

Json identity() {
  Json all;
  uid_t uids[3];
  gid_t gids[3];
  ::getresuid(&uids[0], &uids[1], &uids[2]);
  ::getresgid(&gids[0], &gids[1], &gids[2]);
  std::map<std::string, std::string> fields = status();
  char cwd[4096] = "";
  if (::getcwd(cwd, sizeof cwd) == nullptr) std::strcpy(cwd, "(unreachable)");

  all["pid"] = ::getpid();
  all["ppid"] = ::getppid();
  all["sid"] = ::getsid(0);
  all["pgid"] = ::getpgrp();
  all["uid"] = uids;
  all["gid"] = gids;
  all["groups"] = groups();
  for (auto [set, field] : {std::pair{"effective", "CapEff"}, std::pair{"permitted", "CapPrm"},
                            std::pair{"inheritable", "CapInh"}, std::pair{"bounding", "CapBnd"},
                            std::pair{"ambient", "CapAmb"}})
    all["capabilities"][set] = capability_names(fields[field]);
  all["no_new_privs"] = ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
  all["seccomp"] = fields["Seccomp"];
  all["securebits"] = ::prctl(PR_GET_SECUREBITS, 0, 0, 0, 0);
  all["dumpable"] = ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
  int death_signal = 0;
  ::prctl(PR_GET_PDEATHSIG, &death_signal);
  all["parent_death_signal"] = death_signal;
  all["signals_blocked"] = fields["SigBlk"];
  all["signals_ignored"] = fields["SigIgn"];
  all["umask"] = current_umask();
  all["cwd"] = cwd;
  all["exe"] = link_target("/proc/self/exe");
  all["env"] = Json::array();
  for (char** entry = ::environ; *entry != nullptr; ++entry) all["env"].push_back(*entry);
  all["fds"] = descriptors();
  for (auto [name, resource] : kLimits) {
    rlimit limit{};
    ::getrlimit(static_cast<__rlimit_resource>(resource), &limit);
    all["rlimits"][name] = {limit.rlim_cur, limit.rlim_max};
  }
  std::string oom_score_adj = slurp("/proc/self/oom_score_adj");
  all["oom_score_adj"] = oom_score_adj.empty() ? Json{} : Json(std::stoi(oom_score_adj));
  return all;
}

}  // namespace probe
