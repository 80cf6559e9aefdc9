#pragma once
#include <linux/openat2.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/syscall.h>

#include <cstdint>

// Numbers of the kernel's interface that the headers of the build host (glibc 2.36, Linux 6.1)
// lack.
namespace ocelot {

inline constexpr unsigned long proc_super_magic = 0x9fa0;
inline constexpr unsigned long cgroup2_super_magic = 0x63677270;
inline constexpr unsigned long cgroup_super_magic = 0x27e0eb;
inline constexpr unsigned long devpts_super_magic = 0x1cd1;
inline constexpr unsigned long sysfs_super_magic = 0x62656572;
inline constexpr unsigned long tmpfs_super_magic = 0x01021994;
inline constexpr unsigned long nsfs_super_magic = 0x6e736673;
inline constexpr unsigned long pidfs_super_magic = 0x50494446;

// Of the flags in /proc/PID/stat: forked, and has executed nothing since.
inline constexpr std::uint64_t pf_forknoexec = 0x40;

// PIDFD_GET_INFO of <linux/pidfd.h>, first version (64 bytes); PIDFD_INFO_EXIT since Linux 6.15.
struct pidfd_info {
  std::uint64_t mask = 0;
  std::uint64_t cgroup_id = 0;
  std::uint32_t pid = 0, tgid = 0, ppid = 0;
  std::uint32_t ruid = 0, rgid = 0, euid = 0, egid = 0, suid = 0, sgid = 0, fsuid = 0, fsgid = 0;
  std::int32_t exit_code = 0;  // as wait(2) gives it
};
inline constexpr unsigned long pidfd_get_info = _IOWR(0xff, 11, pidfd_info);
inline constexpr std::uint64_t pidfd_info_exit = 1u << 3;

// fchmodat2(2), Linux 6.6.
inline constexpr long sys_fchmodat2 = 452;

// Socket options: SO_PEERPIDFD, Linux 6.5; SO_PASSRIGHTS, 6.16. SCM_PIDFD, 6.5.
inline constexpr int so_peerpidfd = 77;
inline constexpr int so_passrights = 83;
inline constexpr int scm_pidfd = 4;

// ioctl(2) of a pidfd, Linux 6.11: PIDFD_GET_*_NAMESPACE.
inline constexpr unsigned long pidfd_get_pid_namespace = 0xff05;
inline constexpr unsigned long pidfd_get_user_namespace = 0xff09;

}  // namespace ocelot
