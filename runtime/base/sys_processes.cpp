#include "runtime/base/sys_processes.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <grp.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/nsfs.h>
#include <linux/sched.h>
#include <sys/eventfd.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>

#include "runtime/base/kernel_abi.hpp"
#include "runtime/base/sys.hpp"

namespace ocelot::sys {
namespace {

void control(int option, unsigned long argument, const char* name) {
  if (::prctl(option, argument, 0, 0, 0) == -1)
    fail(errno, fmt::format("prctl {} {}", name, argument));
}

}  // namespace

pid_t clone(std::uint64_t flags, int cgroup, int& pidfd) {
  clone_args arguments{};
  arguments.flags = flags | CLONE_PIDFD;
  arguments.pidfd = reinterpret_cast<std::uint64_t>(&pidfd);
  // With CLONE_PARENT the new process inherits the signal of its maker, and the kernel refuses
  // another.
  arguments.exit_signal = (flags & CLONE_PARENT) != 0 ? 0 : SIGCHLD;
  if (cgroup >= 0) {
    arguments.flags |= CLONE_INTO_CGROUP;
    arguments.cgroup = static_cast<std::uint64_t>(cgroup);
  }
  long pid = ::syscall(SYS_clone3, &arguments, sizeof arguments);
  // A container's filter may know nothing of clone3, and hooks that run inside are forked under it.
  if (pid == -1 && errno == ENOSYS && cgroup < 0) {
    pid = ::syscall(SYS_clone, arguments.flags | arguments.exit_signal, nullptr, &pidfd, nullptr,
                    nullptr);
  }
  if (pid == -1) fail(errno, fmt::format("clone3 (flags {:#x})", std::uint64_t{arguments.flags}));
  return static_cast<pid_t>(pid);
}

void clone_over(int (*run)(void*), void* argument, pid_t& pid) {
  constexpr std::size_t bytes = 256 * 1024;
  // It grows down, to a page that nobody may touch.
  void* const stack = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (stack == MAP_FAILED) fail(errno, fmt::format("mmap {} bytes", bytes));
  const auto page = static_cast<std::size_t>(::getpagesize());
  if (::mprotect(stack, page, PROT_NONE) == -1) fail(errno, "mprotect");
  constexpr int flags = CLONE_VM | CLONE_VFORK | CLONE_PARENT | CLONE_PARENT_SETTID;
  if (::clone(run, static_cast<char*>(stack) + bytes, flags, argument, &pid) == -1)
    fail(errno, fmt::format("clone (flags {:#x})", flags));
}

void exit(int status) noexcept {
  ::_exit(status);
}

void* share_memory(std::size_t bytes) {
  void* const memory =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) fail(errno, fmt::format("mmap {} bytes", bytes));
  return memory;
}

void give_back_memory(void* memory, std::size_t bytes) noexcept {
  ::munmap(memory, bytes);
}

std::optional<UniqueFd> pidfd_open_if_exists(pid_t pid) {
  const long fd = ::syscall(SYS_pidfd_open, pid, 0);
  if (fd >= 0) return UniqueFd{static_cast<int>(fd)};
  // EINVAL (seen on Linux 6.1): it is gone, but its number lives on as the session or process
  // group of its children.
  if (errno == ESRCH || (errno == EINVAL && pid > 0)) return std::nullopt;
  fail(errno, fmt::format("pidfd_open {}", pid));
}

UniqueFd pidfd_open(pid_t pid) {
  if (auto fd = pidfd_open_if_exists(pid)) return std::move(*fd);
  fail(ESRCH, fmt::format("pidfd_open {}", pid));
}

int try_pidfd_send_signal(int pidfd, int signal) noexcept {
  return ::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0) == 0 ? 0 : errno;
}

void pidfd_send_signal(int pidfd, int signal) {
  if (const int error_number = try_pidfd_send_signal(pidfd, signal)) {
    fail(error_number, fmt::format("pidfd_send_signal {}", signal));
  }
}

int try_kill(pid_t pid, int signal) noexcept {
  return ::kill(pid, signal) == 0 ? 0 : errno;
}

std::optional<siginfo_t> wait(int pidfd, int options) {
  siginfo_t info{};
  if (retry([&] { return ::waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, options); }) == -1)
    fail(errno, "waitid");
  if (info.si_pid == 0) return std::nullopt;
  return info;
}

siginfo_t wait_with_usage(int pidfd, rusage& usage) {
  siginfo_t info{};
  if (retry([&] { return ::syscall(SYS_waitid, P_PIDFD, pidfd, &info, WEXITED, &usage); }) == -1)
    fail(errno, "waitid");
  return info;
}

std::optional<int> wait_status(int pidfd) noexcept {
  pidfd_info info{.mask = pidfd_info_exit};
  if (::ioctl(pidfd, pidfd_get_info, &info) == -1) return std::nullopt;
  if ((info.mask & pidfd_info_exit) == 0) return std::nullopt;
  return info.exit_code;
}

std::optional<siginfo_t> wait_any(int options) {
  siginfo_t info{};
  if (retry([&] { return ::waitid(P_ALL, 0, &info, options); }) == -1) {
    if (errno == ECHILD) return std::nullopt;
    fail(errno, "waitid");
  }
  if (info.si_pid == 0) return std::nullopt;
  return info;
}

void set_namespace(int fd, int type) {
  if (const int error_number = try_set_namespace(fd, type))
    fail(error_number, fmt::format("setns (type {:#x})", type));
}

int try_set_namespace(int fd, int type) noexcept {
  return ::setns(fd, type) == 0 ? 0 : errno;
}

void unshare(int flags) {
  if (::unshare(flags) == -1) fail(errno, fmt::format("unshare (flags {:#x})", flags));
}

std::optional<int> namespace_type(int fd) {
  const int type = ::ioctl(fd, NS_GET_NSTYPE);
  if (type == -1) return std::nullopt;
  return type;
}

void new_session() {
  if (::setsid() == -1) fail(errno, "setsid");
}

void set_controlling_terminal(int fd) {
  if (::ioctl(fd, TIOCSCTTY, 0) == -1) fail(errno, "ioctl TIOCSCTTY");
}

void set_dumpable(bool on) {
  control(PR_SET_DUMPABLE, on ? 1 : 0, "PR_SET_DUMPABLE");
}

void set_parent_death_signal(int signal) {
  control(PR_SET_PDEATHSIG, static_cast<unsigned long>(signal), "PR_SET_PDEATHSIG");
}

void set_child_subreaper(bool on) {
  control(PR_SET_CHILD_SUBREAPER, on ? 1 : 0, "PR_SET_CHILD_SUBREAPER");
}

void set_no_new_privileges() {
  control(PR_SET_NO_NEW_PRIVS, 1, "PR_SET_NO_NEW_PRIVS");
}

void set_process_name(const char* name) {
  ::prctl(PR_SET_NAME, name, 0, 0, 0);
}

bool drop_bounding_capability(int capability) {
  if (::prctl(PR_CAPBSET_DROP, static_cast<unsigned long>(capability), 0, 0, 0) == 0) return true;
  if (errno == EINVAL) return false;
  const int error_number = errno;
  // Who may drop none may yet do without one that is not there.
  if (bounding_capability(capability) == true) fail(error_number, "prctl PR_CAPBSET_DROP");
  return true;
}

std::optional<bool> bounding_capability(int capability) {
  const int held = ::prctl(PR_CAPBSET_READ, static_cast<unsigned long>(capability), 0, 0, 0);
  if (held == -1) return std::nullopt;
  return held == 1;
}

void set_keep_capabilities(bool on) {
  control(PR_SET_KEEPCAPS, on ? 1 : 0, "PR_SET_KEEPCAPS");
}

void set_capabilities(std::uint64_t effective, std::uint64_t permitted, std::uint64_t inheritable) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const auto low = [](std::uint64_t mask) { return static_cast<std::uint32_t>(mask); };
  const auto high = [](std::uint64_t mask) { return static_cast<std::uint32_t>(mask >> 32); };
  const __user_cap_data_struct data[2] = {{low(effective), low(permitted), low(inheritable)},
                                          {high(effective), high(permitted), high(inheritable)}};
  if (::syscall(SYS_capset, &header, data) == -1) {
    fail(errno, fmt::format("capset (effective {:#x}, permitted {:#x}, inheritable {:#x})",
                            effective, permitted, inheritable));
  }
}

void clear_ambient_capabilities() {
  if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == -1)
    fail(errno, "prctl PR_CAP_AMBIENT_CLEAR_ALL");
}

int try_raise_ambient_capability(int capability) noexcept {
  return ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) == 0 ? 0 : errno;
}

std::uint64_t effective_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2]{};
  if (::syscall(SYS_capget, &header, data) == -1) fail(errno, "capget");
  return data[0].effective | std::uint64_t{data[1].effective} << 32;
}

int try_set_groups(std::span<const gid_t> groups) noexcept {
  // The raw call: glibc's would signal every thread, and there is only one.
  return ::syscall(SYS_setgroups, groups.size(), groups.data()) == 0 ? 0 : errno;
}

void set_groups(std::span<const gid_t> groups) {
  if (const int error_number = try_set_groups(groups))
    fail(error_number, fmt::format("setgroups ({} groups)", groups.size()));
}

std::vector<gid_t> groups() {
  const int count = ::getgroups(0, nullptr);
  if (count == -1) fail(errno, "getgroups");
  std::vector<gid_t> all(static_cast<std::size_t>(count));
  if (::getgroups(count, all.data()) == -1) fail(errno, "getgroups");
  return all;
}

void set_gid(gid_t gid) {
  if (::syscall(SYS_setresgid, gid, gid, gid) == -1) fail(errno, fmt::format("setresgid {}", gid));
}

void set_uid(uid_t uid) {
  if (::syscall(SYS_setresuid, uid, uid, uid) == -1) fail(errno, fmt::format("setresuid {}", uid));
}

pid_t parent_process_id() noexcept {
  return ::getppid();
}

pid_t process_id() noexcept {
  return ::getpid();
}
uid_t effective_uid() noexcept {
  return ::geteuid();
}
gid_t effective_gid() noexcept {
  return ::getegid();
}
mode_t set_umask(mode_t mask) noexcept {
  return ::umask(mask);
}
void let_owner_use_what_is_made() noexcept {
  ::umask(::umask(0077) & 0077);
}

void set_hostname(const std::string& name) {
  if (::sethostname(name.data(), name.size()) == -1)
    fail(errno, fmt::format("sethostname {}", name));
}

void set_domainname(const std::string& name) {
  if (::setdomainname(name.data(), name.size()) == -1)
    fail(errno, fmt::format("setdomainname {}", name));
}

void set_limit(pid_t pid, int resource, const rlimit& limit) {
  if (::prlimit(pid, static_cast<__rlimit_resource>(resource), &limit, nullptr) == -1) {
    fail(errno,
         fmt::format("prlimit {} (soft {}, hard {})", resource, limit.rlim_cur, limit.rlim_max));
  }
}

rlimit limit(int resource) {
  rlimit value;
  if (::prlimit(0, static_cast<__rlimit_resource>(resource), nullptr, &value) == -1)
    fail(errno, fmt::format("prlimit {}", resource));
  return value;
}

int try_set_scheduling(const SchedulingAttributes& attributes) noexcept {
  return ::syscall(SYS_sched_setattr, 0, &attributes, 0) == 0 ? 0 : errno;
}

void set_io_priority(int value) {
  constexpr int who_process = 1;
  if (::syscall(SYS_ioprio_set, who_process, 0, value) == -1)
    fail(errno, fmt::format("ioprio_set {:#x}", value));
}

void set_personality(unsigned long domain) {
  if (::personality(domain) == -1) fail(errno, fmt::format("personality {:#x}", domain));
}

void set_memory_policy(int mode, std::span<const unsigned long> nodes, unsigned long max_node) {
  if (::syscall(SYS_set_mempolicy, mode, nodes.empty() ? nullptr : nodes.data(), max_node) == -1) {
    fail(errno, fmt::format("set_mempolicy {:#x}", mode));
  }
}

int try_set_affinity(std::span<const unsigned long> mask) noexcept {
  return ::syscall(SYS_sched_setaffinity, 0, mask.size_bytes(), mask.data()) == -1 ? errno : 0;
}

std::vector<unsigned long> affinity() {
  // The kernel refuses a mask that cannot hold all processors it could have.
  for (std::vector<unsigned long> mask(16);; mask.resize(mask.size() * 2)) {
    const long bytes =
        ::syscall(SYS_sched_getaffinity, 0, mask.size() * sizeof(unsigned long), mask.data());
    if (bytes == -1 && errno != EINVAL) fail(errno, "sched_getaffinity");
    if (bytes == -1) continue;
    mask.resize(static_cast<std::size_t>(bytes) / sizeof(unsigned long));
    return mask;
  }
}

void set_affinity(std::span<const unsigned long> mask) {
  if (const int error_number = try_set_affinity(mask)) fail(error_number, "sched_setaffinity");
}

int try_join_session_keyring(const std::string& name, std::int32_t& serial) noexcept {
  const long result = ::syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name.c_str(), 0, 0, 0);
  if (result == -1) return errno;
  serial = static_cast<std::int32_t>(result);
  return 0;
}

void set_key_permissions(std::int32_t serial, std::uint32_t permissions) {
  if (::syscall(SYS_keyctl, KEYCTL_SETPERM, serial, permissions, 0, 0) == -1)
    fail(errno, "keyctl KEYCTL_SETPERM");
}

std::uint32_t key_permissions(std::int32_t serial) {
  char text[256];
  const long length = ::syscall(SYS_keyctl, KEYCTL_DESCRIBE, serial, text, sizeof text, 0);
  if (length == -1) fail(errno, "keyctl KEYCTL_DESCRIBE");
  unsigned permissions = 0;
  if (std::sscanf(text, "%*[^;];%*[^;];%*[^;];%x;", &permissions) != 1)
    fail(EPROTO, "keyctl KEYCTL_DESCRIBE");
  return permissions;
}

int try_load_seccomp_filter(unsigned flags, std::uint16_t count, const void* filter) noexcept {
  struct {
    unsigned short length;
    const void* filter;
  } program{count, filter};
  constexpr unsigned set_mode_filter = 1;
  const long result = ::syscall(SYS_seccomp, set_mode_filter, flags, &program);
  return result == -1 ? -errno : static_cast<int>(result);
}

int try_bpf(int command, void* attributes, unsigned size) noexcept {
  const long result = ::syscall(SYS_bpf, command, attributes, size);
  return result == -1 ? -errno : static_cast<int>(result);
}

int execute(const char* path, char* const argv[], char* const envp[]) noexcept {
  ::execve(path, argv, envp);
  return errno;
}

int execute_fd(int fd, char* const argv[], char* const envp[]) noexcept {
  ::syscall(SYS_execveat, fd, "", argv, envp, AT_EMPTY_PATH);
  return errno;
}

void block_signals(const sigset_t& set) {
  if (::sigprocmask(SIG_BLOCK, &set, nullptr) == -1) fail(errno, "sigprocmask");
}

sigset_t signal_mask() {
  sigset_t mask;
  if (::sigprocmask(SIG_BLOCK, nullptr, &mask) == -1) fail(errno, "sigprocmask");
  return mask;
}

void set_signal_mask(const sigset_t& set) {
  if (::sigprocmask(SIG_SETMASK, &set, nullptr) == -1) fail(errno, "sigprocmask");
}

void unblock_all_signals() {
  sigset_t none;
  ::sigemptyset(&none);
  if (::sigprocmask(SIG_SETMASK, &none, nullptr) == -1) fail(errno, "sigprocmask");
}

void reset_signal_handlers() {
  for (int signal = 1; signal < NSIG; ++signal) {
    if (signal != SIGKILL && signal != SIGSTOP) ::signal(signal, SIG_DFL);
  }
}

void ignore_signal(int signal) {
  ::signal(signal, SIG_IGN);
}

void end_on_signal(int signal) {
  ::signal(signal, [](int received) { ::_exit(128 + received); });
}

UniqueFd signal_descriptor(const sigset_t& set) {
  const int fd = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  if (fd == -1) fail(errno, "signalfd");
  return UniqueFd{fd};
}

std::optional<int> next_signal(int descriptor) noexcept {
  signalfd_siginfo info{};
  if (retry([&] { return ::read(descriptor, &info, sizeof info); }) != sizeof info)
    return std::nullopt;
  return static_cast<int>(info.ssi_signo);
}

UniqueFd event_descriptor() {
  const int fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd == -1) fail(errno, "eventfd");
  return UniqueFd{fd};
}

}  // namespace ocelot::sys
