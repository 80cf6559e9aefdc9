// The least a runtime can do: the kernel's work for the default specification of `runc spec` (with
// "terminal": false and "args": ["true"]) on a host with v1 hierarchies, and nothing else. No
// JSON, no state, no checks, no hooks. What a runtime takes beyond this is its own.
//
//   floor run    ROOTFS ID HIERARCHY...
//   floor create ROOTFS ID HIERARCHY...
//   floor start  ID
//   floor delete ID HIERARCHY...
//
// HIERARCHY is a directory of /sys/fs/cgroup, ID the name of the container's cgroup in each.
// A created container waits for a byte in the fifo /run/ID.floor.
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/fcntl.h>
#include <linux/keyctl.h>
#include <linux/mount.h>
#include <linux/prctl.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/stat.h>
#include <signal.h>

#include "floor_cgroups.h"
#include "floor_mounts.h"
#include "kernel.h"

enum { kDetach = 2 };  // MNT_DETACH

static void identity(const char* id) {
  MUST(setsid, 0);
  MUST(keyctl, KEYCTL_JOIN_SESSION_KEYRING, id);
  MUST(sethostname, "container", 9);
  struct rlimit {
    unsigned long soft, hard;
  } files = {1024, 1024};
  MUST(prlimit64, 0, RLIMIT_NOFILE, &files, 0);
  const unsigned kept = 1u << CAP_AUDIT_WRITE | 1u << CAP_KILL | 1u << CAP_NET_BIND_SERVICE;
  for (unsigned cap = 0; cap <= CAP_LAST_CAP; ++cap)
    if (cap >= 32 || (kept >> cap & 1) == 0) MUST(prctl, PR_CAPBSET_DROP, cap);
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct sets[2] = {{kept, kept, 0}, {0, 0, 0}};
  MUST(capset, &header, sets);
  MUST(prctl, PR_SET_NO_NEW_PRIVS, 1);
  MUST(close_range, 3, ~0u, CLOSE_RANGE_CLOEXEC);
}

_Noreturn static void execute(void) {
  static const char* const kArgs[] = {"true", NULL};
  static const char* const kEnvironment[] = {
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm", NULL};
  static const char* const kPath[] = {"/usr/local/sbin/true", "/usr/local/bin/true",
                                      "/usr/sbin/true",       "/usr/bin/true",
                                      "/sbin/true",           "/bin/true"};
  long error = 0;
  for (unsigned i = 0; i < sizeof kPath / sizeof *kPath; ++i)
    error = KERNEL(execve, kPath[i], kArgs, kEnvironment);
  complain("execve", error);
  leave(127);
}

struct Container {
  const char* rootfs;
  const char* id;
  char** hierarchies;
};

static void enter(const struct Container* container) {
  MUST(unshare, CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS);
  join_cgroups(container->hierarchies, container->id);
  mount_all(container->rootfs, container->hierarchies, container->id);
  MUST(pivot_root, ".", ".");
  MUST(umount2, ".", kDetach);
  MUST(chdir, "/");
  identity(container->id);
}

static long birth(void) {
  // The other namespaces are made by the child: the parent need not wait for them.
  struct clone_args args = {.flags = CLONE_NEWPID, .exit_signal = SIGCHLD};
  return MUST(clone3, &args, sizeof args);
}

static int run(const struct Container* container) {
  make_cgroups(container->hierarchies, container->id);
  const long init = birth();
  if (init == 0) {
    enter(container);
    execute();
  }
  int status = 0;
  MUST(wait4, init, &status, 0, 0);
  remove_cgroups(container->hierarchies, container->id);
  return status == 0 ? 0 : 1;
}

static void fifo_of(char* path, const char* id) {
  append(append(append(path, "/run/"), id), ".floor");
}

static int create(const struct Container* container) {
  char fifo[128];
  fifo_of(fifo, container->id);
  MUST(mknodat, AT_FDCWD, fifo, S_IFIFO | 0600, 0);
  int ready[2];
  MUST(pipe2, ready, O_CLOEXEC);
  make_cgroups(container->hierarchies, container->id);
  if (birth() == 0) {
    // Opened for both, so that neither this open nor that of `start` waits for the other end.
    const long gate = MUST(openat, AT_FDCWD, fifo, O_RDWR | O_CLOEXEC);
    enter(container);
    char byte = 0;
    MUST(write, ready[1], &byte, 1);
    MUST(close, ready[1]);
    MUST(read, gate, &byte, 1);
    execute();
  }
  MUST(close, ready[1]);
  char byte = 0;
  return MUST(read, ready[0], &byte, 1) == 1 ? 0 : 1;
}

static int start(const char* id) {
  char fifo[128];
  fifo_of(fifo, id);
  const long gate = MUST(openat, AT_FDCWD, fifo, O_WRONLY);
  MUST(write, gate, "", 1);
  MUST(unlinkat, AT_FDCWD, fifo, 0);
  return 0;
}

void entered(long* stack) {
  const long argc = stack[0];
  char** argv = (char**)(stack + 1);
  if (argc == 3 && same(argv[1], "start")) leave(start(argv[2]));
  if (argc > 3 && same(argv[1], "delete")) {
    remove_cgroups(argv + 3, argv[2]);
    leave(0);
  }
  if (argc > 4) {
    const struct Container container = {argv[2], argv[3], argv + 4};
    if (same(argv[1], "run")) leave(run(&container));
    if (same(argv[1], "create")) leave(create(&container));
  }
  if (argc == 2 && same(argv[1], "--version")) leave(0);
  complain("usage: floor run|create ROOTFS ID HIERARCHY... | start ID | delete ID HIERARCHY...", 0);
  leave(2);
}
