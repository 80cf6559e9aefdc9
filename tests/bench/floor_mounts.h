// The mounts, nodes, masks and read-only paths of the default specification, made in a new mount
// namespace; leaves the container's root as working directory.
#pragma once

#include <linux/fcntl.h>
#include <linux/mount.h>
#include <linux/stat.h>

#include "floor_cgroups.h"
#include "kernel.h"

enum { kClone = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC };

static inline void set(long tree, unsigned long long attributes, unsigned flags) {
  const struct mount_attr attr = {.attr_set = attributes};
  MUST(mount_setattr, tree, "", AT_EMPTY_PATH | flags, &attr, sizeof attr);
}

static inline void attach(long tree, long dir, const char* path) {
  MUST(move_mount, tree, "", dir, path, MOVE_MOUNT_F_EMPTY_PATH);
}

static inline void fill_dev(void) {
  static const struct {
    const char* path;
    unsigned char major, minor;
  } kNodes[] = {{"dev/null", 1, 3}, {"dev/zero", 1, 5},   {"dev/full", 1, 7},
                {"dev/tty", 5, 0},  {"dev/random", 1, 8}, {"dev/urandom", 1, 9}};
  static const char* const kLinks[][2] = {
      {"/proc/self/fd", "dev/fd"},       {"/proc/self/fd/0", "dev/stdin"},
      {"/proc/self/fd/1", "dev/stdout"}, {"/proc/self/fd/2", "dev/stderr"},
      {"/proc/kcore", "dev/core"},       {"pts/ptmx", "dev/ptmx"}};
  MUST(umask, 0);
  for (unsigned i = 0; i < sizeof kNodes / sizeof *kNodes; ++i)
    MUST(mknodat, AT_FDCWD, kNodes[i].path, S_IFCHR | 0666, kNodes[i].major << 8 | kNodes[i].minor);
  MUST(umask, 022);
  for (unsigned i = 0; i < sizeof kLinks / sizeof *kLinks; ++i)
    MUST(symlinkat, kLinks[i][0], AT_FDCWD, kLinks[i][1]);
}

static inline void mount_filesystems(void) {
  const unsigned long quiet = MS_NOSUID | MS_NODEV | MS_NOEXEC;
  MUST(mount, "proc", "proc", "proc", 0, 0);
  MUST(mount, "tmpfs", "dev", "tmpfs", MS_NOSUID | MS_STRICTATIME, "mode=755,size=65536k");
  MUST(mkdirat, AT_FDCWD, "dev/pts", 0755);
  MUST(mkdirat, AT_FDCWD, "dev/shm", 0755);
  MUST(mkdirat, AT_FDCWD, "dev/mqueue", 0755);
  fill_dev();
  MUST(mount, "devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
       "newinstance,ptmxmode=0666,mode=0620,gid=5");
  MUST(mount, "shm", "dev/shm", "tmpfs", quiet, "mode=1777,size=65536k");
  MUST(mount, "mqueue", "dev/mqueue", "mqueue", quiet, 0);
  MUST(mount, "sysfs", "sys", "sysfs", quiet | MS_RDONLY, 0);
}

static inline void mount_cgroups(char** hierarchies, const char* id) {
  MUST(mount, "cgroup", "sys/fs/cgroup", "tmpfs", 0, "mode=755");
  const long top = MUST(openat, AT_FDCWD, "sys/fs/cgroup", O_PATH);
  for (; *hierarchies != NULL; ++hierarchies) {
    char path[256];
    cgroup_path(path, *hierarchies, id);
    MUST(mkdirat, top, *hierarchies, 0755);
    const long tree = MUST(open_tree, AT_FDCWD, path, kClone);
    attach(tree, top, *hierarchies);
    MUST(close, tree);
  }
  set(top, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
      AT_RECURSIVE);
  MUST(close, top);
}

// Those of the default lists that this kernel has.
static inline void hide(void) {
  static const char* const kReadonly[] = {"proc/bus", "proc/fs", "proc/irq", "proc/sys",
                                          "proc/sysrq-trigger"};
  for (unsigned i = 0; i < sizeof kReadonly / sizeof *kReadonly; ++i) {
    const long tree = KERNEL(open_tree, AT_FDCWD, kReadonly[i], kClone);
    if (tree < 0) continue;
    set(tree, MOUNT_ATTR_RDONLY, 0);
    attach(tree, AT_FDCWD, kReadonly[i]);
    MUST(close, tree);
  }
  static const char* const kFiles[] = {"proc/kcore",      "proc/keys",        "proc/latency_stats",
                                       "proc/timer_list", "proc/timer_stats", "proc/sched_debug"};
  static const char* const kDirectories[] = {"proc/acpi", "proc/asound", "sys/firmware",
                                             "proc/scsi"};
  for (unsigned i = 0; i < sizeof kFiles / sizeof *kFiles; ++i)
    KERNEL(mount, "dev/null", kFiles[i], 0, MS_BIND, 0);
  for (unsigned i = 0; i < sizeof kDirectories / sizeof *kDirectories; ++i)
    KERNEL(mount, "tmpfs", kDirectories[i], "tmpfs", MS_RDONLY, "nr_blocks=1,nr_inodes=1");
}

static inline void mount_all(const char* rootfs, char** hierarchies, const char* id) {
  MUST(mount, 0, "/", 0, MS_REC | MS_SLAVE, 0);
  const long root = MUST(open_tree, AT_FDCWD, rootfs, kClone | AT_RECURSIVE);
  set(root, MOUNT_ATTR_RDONLY, 0);
  attach(root, AT_FDCWD, rootfs);
  MUST(fchdir, root);
  MUST(close, root);
  mount_filesystems();
  mount_cgroups(hierarchies, id);
  hide();
}
