#include "oci/names.hpp"

#include <fmt/core.h>
#include <linux/capability.h>
#include <linux/mempolicy.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/resource.h>

#include <array>

// What the build host's headers (Linux 6.1) lack, or cannot be included for.
namespace {
constexpr int mpol_weighted_interleave = 6;  // Linux 6.9
constexpr int sched_iso = 4;                 // reserved, never implemented
// <linux/ioprio.h>, of which some versions are not C++: a parameter there is called `class`.
constexpr int ioprio_class_rt = 1;
constexpr int ioprio_class_be = 2;
constexpr int ioprio_class_idle = 3;
}  // namespace

namespace ocelot::oci {
namespace {

template <typename T>
std::optional<T> find(std::span<const Word<T>> words, std::string_view word) {
  for (const Word<T>& known : words) {
    if (known.word == word) return known.value;
  }
  return std::nullopt;
}

}  // namespace

std::span<const Word<NamespaceType>> namespace_words() {
  using enum NamespaceType;
  static constexpr Word<NamespaceType> words[] = {
      {"pid", pid}, {"network", network}, {"mount", mount},   {"ipc", ipc},
      {"uts", uts}, {"user", user},       {"cgroup", cgroup}, {"time", time},
  };
  return words;
}

std::span<const Word<DeviceType>> device_words() {
  static constexpr Word<DeviceType> words[] = {{"c", DeviceType::character},
                                               {"u", DeviceType::character},
                                               {"b", DeviceType::block},
                                               {"p", DeviceType::fifo}};
  return words;
}

std::span<const Word<SeccompAction>> seccomp_actions() {
  using enum SeccompAction;
  static constexpr Word<SeccompAction> words[] = {
      {"SCMP_ACT_ALLOW", allow},
      {"SCMP_ACT_ERRNO", errno_},
      {"SCMP_ACT_KILL", kill},
      {"SCMP_ACT_KILL_PROCESS", kill_process},
      {"SCMP_ACT_KILL_THREAD", kill_thread},
      {"SCMP_ACT_LOG", log},
      {"SCMP_ACT_NOTIFY", notify},
      {"SCMP_ACT_TRACE", trace},
      {"SCMP_ACT_TRAP", trap},
  };
  return words;
}

std::span<const Word<SeccompOperator>> seccomp_operators() {
  using enum SeccompOperator;
  static constexpr Word<SeccompOperator> words[] = {
      {"SCMP_CMP_EQ", eq}, {"SCMP_CMP_GE", ge}, {"SCMP_CMP_GT", gt},
      {"SCMP_CMP_LE", le}, {"SCMP_CMP_LT", lt}, {"SCMP_CMP_MASKED_EQ", masked_eq},
      {"SCMP_CMP_NE", ne},
  };
  return words;
}

std::span<const std::string_view> seccomp_architectures() {
  static constexpr std::string_view words[] = {
      "SCMP_ARCH_AARCH64",  "SCMP_ARCH_ARM",         "SCMP_ARCH_LOONGARCH64", "SCMP_ARCH_M68K",
      "SCMP_ARCH_MIPS",     "SCMP_ARCH_MIPS64",      "SCMP_ARCH_MIPS64N32",   "SCMP_ARCH_MIPSEL",
      "SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPSEL64N32", "SCMP_ARCH_PARISC",      "SCMP_ARCH_PARISC64",
      "SCMP_ARCH_PPC",      "SCMP_ARCH_PPC64",       "SCMP_ARCH_PPC64LE",     "SCMP_ARCH_RISCV64",
      "SCMP_ARCH_S390",     "SCMP_ARCH_S390X",       "SCMP_ARCH_SH",          "SCMP_ARCH_SHEB",
      "SCMP_ARCH_X32",      "SCMP_ARCH_X86",         "SCMP_ARCH_X86_64",
  };
  return words;
}

std::span<const Word<unsigned>> seccomp_flags() {
  static constexpr Word<unsigned> words[] = {
      {"SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG},
      {"SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW},
      {"SECCOMP_FILTER_FLAG_TSYNC", SECCOMP_FILTER_FLAG_TSYNC},
      {"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV},
  };
  return words;
}

std::span<const Word<int>> rlimits() {
  static constexpr Word<int> words[] = {
      {"RLIMIT_AS", RLIMIT_AS},
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
      {"RLIMIT_STACK", RLIMIT_STACK},
  };
  return words;
}

std::span<const Word<int>> capabilities() {
#define WORD(name) \
  Word<int> {      \
#name, name    \
  }
  static constexpr Word<int> words[] = {
      WORD(CAP_CHOWN),
      WORD(CAP_DAC_OVERRIDE),
      WORD(CAP_DAC_READ_SEARCH),
      WORD(CAP_FOWNER),
      WORD(CAP_FSETID),
      WORD(CAP_KILL),
      WORD(CAP_SETGID),
      WORD(CAP_SETUID),
      WORD(CAP_SETPCAP),
      WORD(CAP_LINUX_IMMUTABLE),
      WORD(CAP_NET_BIND_SERVICE),
      WORD(CAP_NET_BROADCAST),
      WORD(CAP_NET_ADMIN),
      WORD(CAP_NET_RAW),
      WORD(CAP_IPC_LOCK),
      WORD(CAP_IPC_OWNER),
      WORD(CAP_SYS_MODULE),
      WORD(CAP_SYS_RAWIO),
      WORD(CAP_SYS_CHROOT),
      WORD(CAP_SYS_PTRACE),
      WORD(CAP_SYS_PACCT),
      WORD(CAP_SYS_ADMIN),
      WORD(CAP_SYS_BOOT),
      WORD(CAP_SYS_NICE),
      WORD(CAP_SYS_RESOURCE),
      WORD(CAP_SYS_TIME),
      WORD(CAP_SYS_TTY_CONFIG),
      WORD(CAP_MKNOD),
      WORD(CAP_LEASE),
      WORD(CAP_AUDIT_WRITE),
      WORD(CAP_AUDIT_CONTROL),
      WORD(CAP_SETFCAP),
      WORD(CAP_MAC_OVERRIDE),
      WORD(CAP_MAC_ADMIN),
      WORD(CAP_SYSLOG),
      WORD(CAP_WAKE_ALARM),
      WORD(CAP_BLOCK_SUSPEND),
      WORD(CAP_AUDIT_READ),
      WORD(CAP_PERFMON),
      WORD(CAP_BPF),
      WORD(CAP_CHECKPOINT_RESTORE),
  };
#undef WORD
  return words;
}

std::span<const Word<int>> scheduler_policies() {
  static constexpr Word<int> words[] = {
      {"SCHED_OTHER", SCHED_NORMAL},      {"SCHED_FIFO", SCHED_FIFO}, {"SCHED_RR", SCHED_RR},
      {"SCHED_BATCH", SCHED_BATCH},       {"SCHED_ISO", sched_iso},   {"SCHED_IDLE", SCHED_IDLE},
      {"SCHED_DEADLINE", SCHED_DEADLINE},
  };
  return words;
}

std::span<const Word<std::uint64_t>> scheduler_flags() {
  static constexpr Word<std::uint64_t> words[] = {
      {"SCHED_FLAG_RESET_ON_FORK", SCHED_FLAG_RESET_ON_FORK},
      {"SCHED_FLAG_RECLAIM", SCHED_FLAG_RECLAIM},
      {"SCHED_FLAG_DL_OVERRUN", SCHED_FLAG_DL_OVERRUN},
      {"SCHED_FLAG_KEEP_POLICY", SCHED_FLAG_KEEP_POLICY},
      {"SCHED_FLAG_KEEP_PARAMS", SCHED_FLAG_KEEP_PARAMS},
      {"SCHED_FLAG_UTIL_CLAMP_MIN", SCHED_FLAG_UTIL_CLAMP_MIN},
      {"SCHED_FLAG_UTIL_CLAMP_MAX", SCHED_FLAG_UTIL_CLAMP_MAX},
  };
  return words;
}

std::span<const Word<int>> io_priority_classes() {
  static constexpr Word<int> words[] = {{"IOPRIO_CLASS_RT", ioprio_class_rt},
                                        {"IOPRIO_CLASS_BE", ioprio_class_be},
                                        {"IOPRIO_CLASS_IDLE", ioprio_class_idle}};
  return words;
}

std::span<const Word<int>> memory_policy_modes() {
  static constexpr Word<int> words[] = {
      {"MPOL_DEFAULT", MPOL_DEFAULT},       {"MPOL_BIND", MPOL_BIND},
      {"MPOL_INTERLEAVE", MPOL_INTERLEAVE}, {"MPOL_WEIGHTED_INTERLEAVE", mpol_weighted_interleave},
      {"MPOL_PREFERRED", MPOL_PREFERRED},   {"MPOL_PREFERRED_MANY", MPOL_PREFERRED_MANY},
      {"MPOL_LOCAL", MPOL_LOCAL},
  };
  return words;
}

std::span<const Word<unsigned>> memory_policy_flags() {
  static constexpr Word<unsigned> words[] = {{"MPOL_F_NUMA_BALANCING", MPOL_F_NUMA_BALANCING},
                                             {"MPOL_F_RELATIVE_NODES", MPOL_F_RELATIVE_NODES},
                                             {"MPOL_F_STATIC_NODES", MPOL_F_STATIC_NODES}};
  return words;
}

std::span<const Word<unsigned long>> personality_domains() {
  static constexpr Word<unsigned long> words[] = {{"LINUX", PER_LINUX}, {"LINUX32", PER_LINUX32}};
  return words;
}

std::span<const Word<unsigned long>> rootfs_propagations() {
  static constexpr Word<unsigned long> words[] = {
      {"shared", MS_SHARED},         {"rshared", MS_SHARED | MS_REC},
      {"slave", MS_SLAVE},           {"rslave", MS_SLAVE | MS_REC},
      {"private", MS_PRIVATE},       {"rprivate", MS_PRIVATE | MS_REC},
      {"unbindable", MS_UNBINDABLE}, {"runbindable", MS_UNBINDABLE | MS_REC},
  };
  return words;
}

std::string_view word_of(NamespaceType type) {
  for (const auto& [word, value] : namespace_words()) {
    if (value == type) return word;
  }
  return {};
}

std::string_view file_of(NamespaceType type) {
  if (type == NamespaceType::network) return "net";
  if (type == NamespaceType::mount) return "mnt";
  return word_of(type);
}

std::uint64_t clone_flag(NamespaceType type) {
  switch (type) {
    case NamespaceType::pid:
      return CLONE_NEWPID;
    case NamespaceType::network:
      return CLONE_NEWNET;
    case NamespaceType::mount:
      return CLONE_NEWNS;
    case NamespaceType::ipc:
      return CLONE_NEWIPC;
    case NamespaceType::uts:
      return CLONE_NEWUTS;
    case NamespaceType::user:
      return CLONE_NEWUSER;
    case NamespaceType::cgroup:
      return CLONE_NEWCGROUP;
    case NamespaceType::time:
      return CLONE_NEWTIME;
  }
  return 0;
}

std::optional<unsigned> seccomp_flag(std::string_view word) {
  return find(seccomp_flags(), word);
}
std::optional<int> rlimit_number(std::string_view word) {
  return find(rlimits(), word);
}
std::optional<int> capability_number(std::string_view word) {
  return find(capabilities(), word);
}
std::optional<int> scheduler_policy_number(std::string_view word) {
  return find(scheduler_policies(), word);
}
std::optional<std::uint64_t> scheduler_flag(std::string_view word) {
  return find(scheduler_flags(), word);
}
std::optional<int> io_priority_class_number(std::string_view word) {
  return find(io_priority_classes(), word);
}
std::optional<int> memory_policy_mode(std::string_view word) {
  return find(memory_policy_modes(), word);
}
std::optional<unsigned> memory_policy_flag(std::string_view word) {
  return find(memory_policy_flags(), word);
}
std::optional<unsigned long> personality_number(std::string_view domain) {
  return find(personality_domains(), domain);
}
std::optional<unsigned long> propagation_flags(std::string_view word) {
  return find(rootfs_propagations(), word);
}

}  // namespace ocelot::oci
