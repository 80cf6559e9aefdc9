#pragma once
#include <linux/openat2.h>
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
