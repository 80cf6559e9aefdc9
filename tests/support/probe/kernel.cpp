#include <dirent.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <sstream>

#include "tests/support/probe/probe.hpp"

namespace probe {
namespace {

struct SchedAttr {  // struct sched_attr of the kernel
  uint32_t size, policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime, deadline, period;
  uint32_t util_min, util_max;
};

Json scheduler() {
  SchedAttr attr{};
  if (::syscall(SYS_sched_getattr, 0, &attr, sizeof attr, 0) == -1) return outcome(-1);
  return {{"policy", attr.policy},     {"flags", attr.flags},     {"nice", attr.nice},
          {"priority", attr.priority}, {"runtime", attr.runtime}, {"deadline", attr.deadline},
          {"period", attr.period}};
}

Json affinity() {
  std::vector<unsigned char> mask(8192);
  long bytes = ::syscall(SYS_sched_getaffinity, 0, mask.size(), mask.data());
  Json cpus = Json::array();
  for (long i = 0; i < bytes * 8; ++i)
    if ((mask[static_cast<size_t>(i / 8)] >> (i % 8) & 1) != 0) cpus.push_back(i);
  return cpus;
}

Json memory_policy() {
  int mode = 0;
  std::vector<unsigned long> nodes(16);
  if (::syscall(SYS_get_mempolicy, &mode, nodes.data(), nodes.size() * 64, nullptr, 0) == -1)
    return outcome(-1);
  Json list = Json::array();
  for (size_t i = 0; i < nodes.size() * 64; ++i)
    if ((nodes[i / 64] >> (i % 64) & 1) != 0) list.push_back(i);
  constexpr int kFlags = 0xE000;  // MPOL_F_STATIC_NODES, RELATIVE_NODES, NUMA_BALANCING
  return {{"mode", mode & ~kFlags}, {"flags", mode & kFlags}, {"nodes", list}};
}

Json mounts() {
  Json all = Json::array();
  std::istringstream lines{slurp("/proc/self/mountinfo")};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream in{line};
    std::string id, parent, device, root, point, options, word, type, source, super;
    in >> id >> parent >> device >> root >> point >> options;
    Json tags = Json::array();
    while (in >> word && word != "-") tags.push_back(word);
    in >> type >> source >> super;
    all.push_back({{"id", std::stoi(id)},
                   {"parent", std::stoi(parent)},
                   {"device", device},
                   {"root", root},
                   {"point", point},
                   {"options", options},
                   {"propagation", tags},
                   {"type", type},
                   {"source", source},
                   {"super", super}});
  }
  return all;
}

Json namespaces() {
  Json all = Json::object();
  for (const char* type : {"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"})
    all[type] = link_target(std::string{"/proc/self/ns/"} + type);
  return all;
}

Json directory_of(const std::string& path) {
  Json entries = Json::object();
  DIR* directory = ::opendir(path.c_str());
  if (directory == nullptr) return entries;
  std::vector<std::string> names;
  while (dirent* entry = ::readdir(directory)) names.emplace_back(entry->d_name);
  ::closedir(directory);
  std::sort(names.begin(), names.end());
  for (const std::string& name : names)
    if (name != "." && name != "..") entries[name] = stat_of(path + "/" + name);
  return entries;
}

Json keyring() {
  long id = ::syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);
  if (id == -1) return outcome(-1);
  char description[256] = "";
  ::syscall(SYS_keyctl, KEYCTL_DESCRIBE, id, description, sizeof description - 1);
  return {{"id", id}, {"description", description}};
}

Json terminal() {
  Json all;
  int fd = ::open("/dev/tty", O_RDWR | O_CLOEXEC);
  all["controlling"] = fd != -1;
  if (fd != -1) ::close(fd);
  for (int number : {0, 1, 2}) all["isatty"].push_back(::isatty(number) == 1);
  all["foreground"] = ::tcgetpgrp(0);
  winsize size{};
  if (::ioctl(0, TIOCGWINSZ, &size) == 0)
    all["size"] = {{"height", size.ws_row}, {"width", size.ws_col}};
  return all;
}

Json lines_of(const std::string& path) {
  Json lines = Json::array();
  std::istringstream in{slurp(path)};
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

double seconds(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

}  // namespace

Json stat_of(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) == -1) return outcome(-1);
  const char* type = S_ISREG(status.st_mode)    ? "file"
                     : S_ISDIR(status.st_mode)  ? "directory"
                     : S_ISLNK(status.st_mode)  ? "link"
                     : S_ISCHR(status.st_mode)  ? "c"
                     : S_ISBLK(status.st_mode)  ? "b"
                     : S_ISFIFO(status.st_mode) ? "p"
                                                : "socket";
  Json all{{"ok", true},
           {"type", type},
           {"mode", status.st_mode & 07777},
           {"uid", status.st_uid},
           {"gid", status.st_gid},
           {"size", status.st_size},
           {"device", status.st_dev},
           {"inode", status.st_ino}};
  if (*type == 'c' || *type == 'b')
    all["rdev"] = {::major(status.st_rdev), ::minor(status.st_rdev)};
  if (S_ISLNK(status.st_mode)) all["target"] = link_target(path);
  return all;
}

Json scheduling() {
  Json all;
  all["scheduler"] = scheduler();
  long ioprio = ::syscall(SYS_ioprio_get, 1, 0);
  all["ioprio"] = {{"class", ioprio >> 13}, {"priority", ioprio & 7}};
  all["affinity"] = affinity();
  all["mempolicy"] = memory_policy();
  all["personality"] = ::personality(0xffffffff);
  return all;
}

Json surroundings(const Words& sysctls) {
  Json all;
  utsname names{};
  ::uname(&names);
  all["hostname"] = names.nodename;
  all["domainname"] = names.domainname;
  all["machine"] = names.machine;
  all["namespaces"] = namespaces();
  all["uid_map"] = lines_of("/proc/self/uid_map");
  all["gid_map"] = lines_of("/proc/self/gid_map");
  all["setgroups"] = slurp("/proc/self/setgroups");
  all["cgroup"] = lines_of("/proc/self/cgroup");
  all["mounts"] = mounts();
  all["dev"] = directory_of("/dev");
  all["interfaces"] = directory_of("/sys/class/net");
  all["keyring"] = keyring();
  all["terminal"] = terminal();
  all["monotonic"] = seconds(CLOCK_MONOTONIC);
  all["boottime"] = seconds(CLOCK_BOOTTIME);
  all["lsm_label"] = slurp("/proc/self/attr/current");
  all["sysctls"] = Json::object();
  for (const std::string& name : sysctls) {
    std::string path = name;
    std::replace(path.begin(), path.end(), '.', '/');
    std::string value = slurp("/proc/sys/" + path);
    while (!value.empty() && value.back() == '\n') value.pop_back();
    all["sysctls"][name] = value;
  }
  return all;
}

}  // namespace probe
