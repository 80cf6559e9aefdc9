#include "random_profile.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>

namespace ocelot::test {
namespace {

// Plain calls on all conventions below: none that x86 folds into socketcall or ipc.
constexpr const char* names[] = {"read",
                                 "write",
                                 "close",
                                 "fstat",
                                 "lseek",
                                 "mmap",
                                 "mprotect",
                                 "munmap",
                                 "brk",
                                 "ioctl",
                                 "readv",
                                 "writev",
                                 "mremap",
                                 "mincore",
                                 "madvise",
                                 "dup",
                                 "nanosleep",
                                 "getpid",
                                 "execve",
                                 "exit",
                                 "wait4",
                                 "uname",
                                 "fcntl",
                                 "flock",
                                 "fsync",
                                 "truncate",
                                 "getcwd",
                                 "chdir",
                                 "fchmod",
                                 "gettid",
                                 "umask",
                                 "times",
                                 "ptrace",
                                 "syslog",
                                 "getpgid",
                                 "capget",
                                 "personality",
                                 "prctl",
                                 "chroot",
                                 "acct",
                                 "mount",
                                 "reboot",
                                 "futex",
                                 "epoll_ctl",
                                 "tgkill",
                                 "mq_open",
                                 "keyctl",
                                 "openat",
                                 "unshare",
                                 "set_robust_list",
                                 "tee",
                                 "splice",
                                 "vmsplice",
                                 "eventfd2",
                                 "dup3",
                                 "pipe2",
                                 "preadv",
                                 "prlimit64",
                                 "setns",
                                 "kcmp",
                                 "seccomp",
                                 "getrandom",
                                 "memfd_create",
                                 "execveat",
                                 "statx",
                                 "clone3",
                                 "openat2",
                                 "pidfd_getfd",
                                 "landlock_add_rule",
                                 "futex_waitv"};
constexpr std::uint32_t conventions[] = {SCMP_ARCH_X86_64, SCMP_ARCH_X86, SCMP_ARCH_X32,
                                         SCMP_ARCH_AARCH64};
constexpr const char* convention_names[] = {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32",
                                            "SCMP_ARCH_AARCH64"};

std::uint64_t below(std::mt19937_64& random, std::uint64_t limit) {
  return random() % limit;
}

std::uint64_t random_value(std::mt19937_64& random) {
  // 32 bits: on x86 libseccomp looks at the low half of a value only. The other half is the
  // operators' own test.
  constexpr std::uint64_t corners[] = {0,    1,          2,          7,          8,
                                       0xff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};
  return below(random, 2) == 0 ? corners[below(random, std::size(corners))]
                               : below(random, 1u << 16);
}

SeccompArgument random_argument(std::mt19937_64& random, std::uint32_t index) {
  SeccompArgument argument{
      .index = index, .value = random_value(random), .op = static_cast<Operator>(below(random, 7))};
  if (argument.op == Operator::masked_eq)
    argument.value_two = random_value(random) & argument.value;
  return argument;
}

std::uint32_t answer_of(Action action, std::optional<std::uint32_t> errno_ret) {
  switch (action) {
    case Action::kill:
    case Action::kill_thread:
      return SECCOMP_RET_KILL_THREAD;
    case Action::kill_process:
      return SECCOMP_RET_KILL_PROCESS;
    case Action::trap:
      return SECCOMP_RET_TRAP;
    case Action::errno_:
      return SECCOMP_RET_ERRNO | errno_ret.value_or(EPERM);
    case Action::trace:
      return SECCOMP_RET_TRACE | errno_ret.value_or(EPERM);
    case Action::allow:
      return SECCOMP_RET_ALLOW;
    case Action::log:
      return SECCOMP_RET_LOG;
    case Action::notify:
      return SECCOMP_RET_USER_NOTIF;
  }
  return 0;
}

bool holds(const SeccompArgument& argument, std::uint64_t actual) {
  switch (argument.op) {
    case Operator::ne:
      return actual != argument.value;
    case Operator::lt:
      return actual < argument.value;
    case Operator::le:
      return actual <= argument.value;
    case Operator::eq:
      return actual == argument.value;
    case Operator::ge:
      return actual >= argument.value;
    case Operator::gt:
      return actual > argument.value;
    case Operator::masked_eq:
      return (actual & argument.value) == argument.value_two;
  }
  return false;
}

bool applies(const SeccompRule& rule, const Arguments& arguments) {
  std::set<std::uint32_t> indices;
  bool all = true, any = false;
  for (const SeccompArgument& argument : rule.args) {
    const bool one = holds(argument, arguments[argument.index]);
    all = all && one;
    any = any || one;
    indices.insert(argument.index);
  }
  return indices.size() < rule.args.size() ? any : all;
}

std::int64_t number_in(std::uint32_t convention, const std::string& name) {
  return ::seccomp_syscall_resolve_name_arch(convention, name.c_str());
}

}  // namespace

RandomProfile random_profile(std::mt19937_64& random) {
  constexpr Action defaults[] = {Action::errno_, Action::kill,  Action::kill_process,
                                 Action::trap,   Action::allow, Action::log};
  constexpr Action actions[] = {Action::allow,        Action::errno_, Action::trap,
                                Action::kill_process, Action::log,    Action::trace};
  RandomProfile made;
  made.profile = profile(defaults[below(random, std::size(defaults))]);
  made.default_answer = answer_of(made.profile.default_action, {});
  made.conventions = {SCMP_ARCH_X86_64};
  for (std::size_t i = 0; i < std::size(conventions); ++i) {
    if (below(random, 2) == 0) continue;
    made.profile.architectures.emplace_back(convention_names[i]);
    made.conventions.insert(conventions[i]);
  }
  // Few rules and many: above 32 the program is a binary tree.
  const std::uint64_t share = 1 + below(random, 10);
  const std::uint64_t reach = 1 + below(random, std::size(names));
  for (std::size_t i = 0; i < reach; ++i) {
    if (below(random, 10) >= share) continue;
    const auto random_action = [&](SeccompRule& one) {
      one.action = actions[below(random, std::size(actions))];
      one.errno_ret.reset();
      if (one.action == Action::errno_) one.errno_ret = 1 + below(random, 30);
    };
    const bool one_action = below(random, 2) == 0;
    SeccompRule one = rule({names[i]}, Action::allow);
    random_action(one);
    const std::uint64_t alternatives = below(random, 3);
    if (alternatives == 0) made.profile.syscalls.push_back(one);
    for (std::uint64_t a = 0; a < alternatives; ++a) {
      one.args.clear();
      const bool repeat = below(random, 4) == 0;
      const auto first = static_cast<std::uint32_t>(below(random, 3));
      for (std::uint32_t n = 0; n <= below(random, 3); ++n)
        one.args.push_back(random_argument(random, repeat ? first : first + n));
      // A condition of its own: equal conditions with different actions are refused.
      one.args.back() = {
          .index = one.args.back().index, .value = 1000 + 17 * a, .op = one.args.back().op};
      if (!one_action) random_action(one);
      made.profile.syscalls.push_back(one);
    }
  }
  return made;
}

Call random_call(std::mt19937_64& random, const RandomProfile& made) {
  Call call;
  const std::uint32_t convention = conventions[below(random, std::size(conventions))];
  call.arch = convention == SCMP_ARCH_X32 ? AUDIT_ARCH_X86_64 : convention;
  const auto& rules = made.profile.syscalls;
  const std::string name = !rules.empty() && below(random, 3) != 0
                               ? rules[below(random, rules.size())].names[0]
                               : names[below(random, std::size(names))];
  call.number = static_cast<std::uint32_t>(number_in(convention, name));
  if (below(random, 8) == 0) call.number += static_cast<std::uint32_t>(below(random, 200));
  for (std::uint64_t& argument : call.arguments) argument = random_value(random);
  for (const SeccompRule& rule : rules) {
    if (rule.names[0] != name) continue;
    for (const SeccompArgument& a : rule.args) {
      const std::uint64_t near =
          a.op == Operator::masked_eq ? a.value_two : a.value - 1 + below(random, 3);
      if (below(random, 2) == 0) call.arguments[a.index] = near & 0xffffffff;
    }
  }
  return call;
}

std::uint32_t convention_of(const Call& call) {
  if (call.arch == AUDIT_ARCH_X86_64)
    return call.number < 0x40000000 ? SCMP_ARCH_X86_64 : SCMP_ARCH_X32;
  return call.arch;
}

std::uint32_t expected_answer(const RandomProfile& made, const Call& call) {
  const std::uint32_t convention = convention_of(call);
  if (!made.conventions.contains(convention)) return SECCOMP_RET_KILL_THREAD;
  std::int64_t newest = -1;
  for (const SeccompRule& rule : made.profile.syscalls)
    newest = std::max(newest, number_in(convention, rule.names[0]));
  const std::uint32_t passing = made.default_answer;
  const bool passes = passing == SECCOMP_RET_ALLOW || passing == SECCOMP_RET_LOG;
  if (newest >= 0 && call.number > newest && !passes) return SECCOMP_RET_ERRNO | ENOSYS;
  for (const SeccompRule& rule : made.profile.syscalls) {
    if (number_in(convention, rule.names[0]) == call.number && applies(rule, call.arguments))
      return answer_of(rule.action, rule.errno_ret);
  }
  return made.default_answer;
}

std::string describe(const Call& call) {
  return fmt::format("arch {:#x}, number {}, arguments {:#x}", call.arch, call.number,
                     fmt::join(call.arguments, " "));
}

}  // namespace ocelot::test
