// The container's cgroup in each v1 hierarchy: made, joined, removed.
#pragma once

#include <linux/fcntl.h>

#include "kernel.h"

static inline char* cgroup_path(char* path, const char* hierarchy, const char* id) {
  return append(append(append(append(path, "/sys/fs/cgroup/"), hierarchy), "/"), id);
}

static inline void allow_default_devices(long cgroup) {
  // No access but what every runtime grants: mknod of anything, the default nodes, ptys and tun.
  static const char* const kAllowed[] = {"c *:* m",   "b *:* m",   "c 1:3 rwm",   "c 1:8 rwm",
                                         "c 1:7 rwm", "c 5:0 rwm", "c 1:5 rwm",   "c 1:9 rwm",
                                         "c 5:1 rwm", "c 5:2 rwm", "c 136:* rwm", "c 10:200 rwm"};
  const long deny = MUST(openat, cgroup, "devices.deny", O_WRONLY);
  MUST(write, deny, "a", 1);
  MUST(close, deny);
  const long allow = MUST(openat, cgroup, "devices.allow", O_WRONLY);
  for (unsigned i = 0; i < sizeof kAllowed / sizeof *kAllowed; ++i)
    MUST(write, allow, kAllowed[i], length(kAllowed[i]));
  MUST(close, allow);
}

static inline void copy_from_parent(long cgroup, const char* above, const char* file) {
  char value[256];
  const long from = MUST(openat, cgroup, above, 0);
  const long bytes = MUST(read, from, value, sizeof value);
  MUST(close, from);
  const long to = MUST(openat, cgroup, file, O_WRONLY);
  MUST(write, to, value, bytes);
  MUST(close, to);
}

static inline void make_cgroups(char** hierarchies, const char* id) {
  for (; *hierarchies != NULL; ++hierarchies) {
    char path[256];
    cgroup_path(path, *hierarchies, id);
    MUST(mkdirat, AT_FDCWD, path, 0755);
    const int devices = same(*hierarchies, "devices");
    if (!devices && !same(*hierarchies, "cpuset")) continue;
    const long cgroup = MUST(openat, AT_FDCWD, path, O_PATH);
    if (devices) {
      allow_default_devices(cgroup);
    } else {
      copy_from_parent(cgroup, "../cpuset.cpus", "cpuset.cpus");
      copy_from_parent(cgroup, "../cpuset.mems", "cpuset.mems");
    }
    MUST(close, cgroup);
  }
}

// "0" into `tasks` moves the single-threaded caller without the lock that a pid, or cgroup.procs,
// takes for writing: that one waits for an RCU grace period, 10 ms on an idle machine.
static inline void join_cgroups(char** hierarchies, const char* id) {
  for (; *hierarchies != NULL; ++hierarchies) {
    char path[256];
    append(cgroup_path(path, *hierarchies, id), "/tasks");
    const long tasks = MUST(openat, AT_FDCWD, path, O_WRONLY);
    MUST(write, tasks, "0", 1);
    MUST(close, tasks);
  }
}

static inline void remove_cgroups(char** hierarchies, const char* id) {
  for (; *hierarchies != NULL; ++hierarchies) {
    char path[256];
    cgroup_path(path, *hierarchies, id);
    MUST(unlinkat, AT_FDCWD, path, AT_REMOVEDIR);
  }
}
