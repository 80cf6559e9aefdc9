#pragma once
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "runtime/base/fd.hpp"

namespace ocelot {

// Which process is meant, so that a stranger who got the same pid later is never taken for it.
//
// The inode of its pidfd is unique for as long as the machine runs (pidfs, Linux 6.9 on 64 bits);
// on older kernels the start time, in clock ticks after boot, has to do. man: pidfd_open(2)
struct ProcessIdentity {
  pid_t pid = 0;
  std::uint64_t pidfd_inode = 0;  // 0 where the kernel has no pidfs
  std::uint64_t start_time = 0;   // 0 where the inode is known
  std::string boot_id;            // /proc/sys/kernel/random/boot_id

  bool operator==(const ProcessIdentity&) const = default;
};

ProcessIdentity identify(pid_t pid, int pidfd);

// False after a reboot: then nothing of what that process was, nor its cgroup, is there any more.
bool is_of_this_boot(const ProcessIdentity& identity);

// A pidfd of that very process, nullopt when it is gone (a zombie is gone too).
std::optional<UniqueFd> open_process(const ProcessIdentity& identity);

// Whether it, who was forked from the runtime, has executed a program, or had when it ended; also
// true when it is gone and nobody can tell any more.
bool may_have_executed(const ProcessIdentity& identity);

}  // namespace ocelot
