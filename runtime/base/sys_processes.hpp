#pragma once
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/fd.hpp"

// Processes and what belongs to one: identity, credentials, limits, scheduling, signals.
namespace ocelot::sys {

// clone3(2), called only by `spawn` (process.hpp). Returns the pid, 0 in the new process; `pidfd`
// receives its pidfd. `cgroup` is a cgroup v2 directory to be born in, or -1.
pid_t clone(std::uint64_t flags, int cgroup, int& pidfd);

// clone(2) with CLONE_VM, CLONE_VFORK and CLONE_PARENT, called only by `succeed` (process.hpp): the
// new process calls `run` with `argument`, on a stack of its own, and finds its pid in `pid`, as
// this process knows it. Returns when it has executed a program or ended.
void clone_over(int (*run)(void*), void* argument, pid_t& pid);
[[noreturn]] void exit(int status) noexcept;
// mmap(2): zeroed memory that processes forked from here on share with this one, until execve.
void* share_memory(std::size_t bytes);
void give_back_memory(void* memory, std::size_t bytes) noexcept;

[[nodiscard]] UniqueFd pidfd_open(pid_t pid);
[[nodiscard]] std::optional<UniqueFd> pidfd_open_if_exists(pid_t pid);
void pidfd_send_signal(int pidfd, int signal);
// errno or 0; ESRCH when the process is gone.
int try_pidfd_send_signal(int pidfd, int signal) noexcept;
// errno or 0. Only for a pid read from a cgroup that is frozen or being killed; elsewhere hold a
// pidfd.
int try_kill(pid_t pid, int signal) noexcept;
// waitid(P_PIDFD); nullopt when WNOHANG is in `options` and the process has not changed state.
std::optional<siginfo_t> wait(int pidfd, int options);
// The same for a child that has ended, with the resources that it and its reaped descendants used.
// man: waitid(2) tells of the fifth argument of the system call
siginfo_t wait_with_usage(int pidfd, rusage& usage);
// How a process ended that was somebody else's child, as wait(2) encodes it: known once it has been
// reaped, to pidfds opened before (Linux 6.15). nullopt: not reaped yet, or not told by this
// kernel.
std::optional<int> wait_status(int pidfd) noexcept;
// A child of any kind that has ended, or nullopt: for a subreaper that collects orphans.
std::optional<siginfo_t> wait_any(int options);

void set_namespace(int fd, int type);
// errno or 0.
int try_set_namespace(int fd, int type) noexcept;
void unshare(int flags);
// NS_GET_NSTYPE: a CLONE_NEW* flag; nullopt when `fd` is no namespace.
std::optional<int> namespace_type(int fd);

void new_session();
void set_controlling_terminal(int fd);
void set_dumpable(bool on);
// Signal to get when the parent ends; 0 for none.
void set_parent_death_signal(int signal);
void set_child_subreaper(bool on);
void set_no_new_privileges();
void set_process_name(const char* name);
// False when this kernel does not know the capability.
bool drop_bounding_capability(int capability);
// nullopt when this kernel does not know the capability.
std::optional<bool> bounding_capability(int capability);
void set_keep_capabilities(bool on);
void set_capabilities(std::uint64_t effective, std::uint64_t permitted, std::uint64_t inheritable);
void clear_ambient_capabilities();
// errno or 0: EPERM when it is not both permitted and inheritable.
int try_raise_ambient_capability(int capability) noexcept;
std::uint64_t effective_capabilities();

void set_groups(std::span<const gid_t> groups);
int try_set_groups(std::span<const gid_t> groups) noexcept;
std::vector<gid_t> groups();
void set_gid(gid_t gid);  // real, effective and saved
void set_uid(uid_t uid);
pid_t process_id() noexcept;
pid_t parent_process_id() noexcept;
uid_t effective_uid() noexcept;
gid_t effective_gid() noexcept;
mode_t set_umask(mode_t mask) noexcept;
// Takes the owner's bits out of the umask.
void let_owner_use_what_is_made() noexcept;

void set_hostname(const std::string& name);
void set_domainname(const std::string& name);
void set_limit(pid_t pid, int resource, const rlimit& limit);
rlimit limit(int resource);

// The argument of sched_setattr(2), as the kernel lays it out.
struct SchedulingAttributes {
  std::uint32_t size = 48;
  std::uint32_t policy = 0;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime = 0, deadline = 0, period = 0;  // nanoseconds
};
int try_set_scheduling(const SchedulingAttributes& attributes) noexcept;
void set_io_priority(int value);
void set_personality(unsigned long domain);
// set_mempolicy(2): `nodes` is a bit mask, `max_node` the number of its bits.
void set_memory_policy(int mode, std::span<const unsigned long> nodes, unsigned long max_node);
// A mask of any size, one bit a processor.
std::vector<unsigned long> affinity();
void set_affinity(std::span<const unsigned long> mask);
int try_set_affinity(std::span<const unsigned long> mask) noexcept;

// keyctl(KEYCTL_JOIN_SESSION_KEYRING); errno or 0 (ENOSYS where keyrings are not built in), with
// the serial in `serial`.
int try_join_session_keyring(const std::string& name, std::int32_t& serial) noexcept;
void set_key_permissions(std::int32_t serial, std::uint32_t permissions);
std::uint32_t key_permissions(std::int32_t serial);

// seccomp(SECCOMP_SET_MODE_FILTER) with `count` sock_filter instructions; returns the listener or
// 0. errno as -errno.
int try_load_seccomp_filter(unsigned flags, std::uint16_t count, const void* filter) noexcept;

// bpf(2); -errno on failure. `attributes` is a union bpf_attr of `size` bytes.
int try_bpf(int command, void* attributes, unsigned size) noexcept;

// execve(2) and execveat(2) return only to report errno.
int execute(const char* path, char* const argv[], char* const envp[]) noexcept;
int execute_fd(int fd, char* const argv[], char* const envp[]) noexcept;

void block_signals(const sigset_t& set);
// The blocked signals, and to set them.
sigset_t signal_mask();
void set_signal_mask(const sigset_t& set);
void unblock_all_signals();
void reset_signal_handlers();
void ignore_signal(int signal);
// Ends this process as a shell reports it (128 + signal), also where the kernel spares it the
// default action: as init of a pid namespace. Until it executes a program.
void end_on_signal(int signal);
[[nodiscard]] UniqueFd signal_descriptor(const sigset_t& set);
// The next signal that waits in one; nullopt when none does.
std::optional<int> next_signal(int descriptor) noexcept;
// eventfd(2), non-blocking, at 0.
[[nodiscard]] UniqueFd event_descriptor();

}  // namespace ocelot::sys
