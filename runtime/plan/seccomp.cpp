#include "runtime/plan/seccomp.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>

#include <algorithm>
#include <map>
#include <set>

#include "runtime/base/error.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/plan/seccomp_front.hpp"

namespace ocelot {
namespace {

// Since Linux 5.19, younger than libseccomp 2.5.4.
constexpr unsigned wait_killable_recv = 1u << 5;
constexpr std::uint32_t x32_bit = 0x40000000;
// ARM's own calls (cacheflush, set_tls) have numbers far above the ascending ones.
constexpr std::uint32_t arm_private_calls = 0x0f0000;

// Owns a scmp_filter_ctx.
class Filter {
 public:
  explicit Filter(std::uint32_t default_action) : context_(::seccomp_init(default_action)) {
    if (context_ == nullptr) throw Error{ErrorKind::Failed, "seccomp_init"};
  }
  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;
  ~Filter() { ::seccomp_release(context_); }
  scmp_filter_ctx get() const { return context_; }

 private:
  scmp_filter_ctx context_;
};

[[noreturn]] void refuse(std::string why) {
  throw Error{ErrorKind::InvalidSpec, std::move(why)};
}

// libseccomp answers -errno.
void check(int result, const char* doing) {
  if (result < 0)
    throw Error{ErrorKind::InvalidSpec,
                fmt::format("libseccomp {} {}", libseccomp_version(), doing), -result};
}

std::uint32_t action_value(oci::SeccompAction action,
                           const std::optional<std::uint32_t>& errno_ret) {
  using enum oci::SeccompAction;
  const bool takes_errno = action == errno_ || action == trace;
  if (errno_ret && !takes_errno)
    refuse("errnoRet goes with SCMP_ACT_ERRNO and SCMP_ACT_TRACE only");
  const std::uint32_t number = errno_ret.value_or(EPERM);
  // The kernel takes a larger errno for 4095, and libseccomp drops the high half of either.
  if (action == errno_ && number > 4095)
    refuse(fmt::format("errnoRet {} is larger than any errno (4095)", number));
  if (number > 0xffff) refuse(fmt::format("errnoRet {} does not fit in 16 bits", number));
  switch (action) {
    case kill:
    case kill_thread:
      return SCMP_ACT_KILL_THREAD;
    case kill_process:
      return SCMP_ACT_KILL_PROCESS;
    case trap:
      return SCMP_ACT_TRAP;
    case errno_:
      return SCMP_ACT_ERRNO(number);
    case trace:
      return SCMP_ACT_TRACE(number);
    case allow:
      return SCMP_ACT_ALLOW;
    case log:
      return SCMP_ACT_LOG;
    case notify:
      return SCMP_ACT_NOTIFY;
  }
  refuse("unknown action");
}

scmp_compare comparison(oci::SeccompOperator op) {
  using enum oci::SeccompOperator;
  switch (op) {
    case ne:
      return SCMP_CMP_NE;
    case lt:
      return SCMP_CMP_LT;
    case le:
      return SCMP_CMP_LE;
    case eq:
      return SCMP_CMP_EQ;
    case ge:
      return SCMP_CMP_GE;
    case gt:
      return SCMP_CMP_GT;
    case masked_eq:
      return SCMP_CMP_MASKED_EQ;
  }
  refuse("unknown operator");
}

unsigned filter_flags(const oci::Seccomp& profile) {
  if (!profile.flags) return SECCOMP_FILTER_FLAG_SPEC_ALLOW;
  unsigned flags = 0;
  for (const std::string& name : *profile.flags) {
    if (name == "SECCOMP_FILTER_FLAG_LOG") {
      flags |= SECCOMP_FILTER_FLAG_LOG;
    } else if (name == "SECCOMP_FILTER_FLAG_SPEC_ALLOW") {
      flags |= SECCOMP_FILTER_FLAG_SPEC_ALLOW;
    } else if (name == "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV") {
      flags |= wait_killable_recv;
    } else if (name !=
               "SECCOMP_FILTER_FLAG_TSYNC") {  // the process has one thread: nothing to synchronise
      refuse(fmt::format("/linux/seccomp/flags: unknown flag {}", name));
    }
  }
  return flags;
}

// 0 for one that libseccomp does not know.
std::uint32_t architecture_named(const std::string& name) {
  constexpr std::string_view prefix = "SCMP_ARCH_";
  std::string word = name.starts_with(prefix) ? name.substr(prefix.size()) : "";
  std::ranges::transform(word, word.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return word == "native" ? ::seccomp_arch_native() : ::seccomp_arch_resolve_name(word.c_str());
}

// The profile's architectures and this machine's, without which nothing could run.
std::set<std::uint32_t> add_architectures(const Filter& filter,
                                          const std::vector<std::string>& names) {
  std::set<std::uint32_t> architectures{::seccomp_arch_native()};
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::uint32_t architecture = architecture_named(names[i]);
    if (architecture == 0) {
      throw Error{ErrorKind::Unsupported,
                  fmt::format("/linux/seccomp/architectures/{}: libseccomp {} does not know {}", i,
                              libseccomp_version(), names[i])}
          .with_hint("leave the architecture out, or use a later libseccomp");
    }
    if (!architectures.insert(architecture).second) continue;
    const int result = ::seccomp_arch_add(filter.get(), architecture);
    if (result == -EDOM) {
      refuse(
          fmt::format("/linux/seccomp/architectures/{}: {} has not the byte order of this machine",
                      i, names[i]));
    }
    check(result, names[i].c_str());
  }
  return architectures;
}

// All rules on one system call in the document's order, but for unconditional ones that say what
// the default says.
struct CallRules {
  std::string name;
  std::size_t index = 0;  // in the document, of the first of them
  std::vector<ConditionalRule> rules;

  bool has_unconditional() const {
    return std::ranges::any_of(rules, [](const auto& rule) { return rule.conditions.empty(); });
  }
  bool has_one_action() const {
    return std::ranges::all_of(
        rules, [this](const auto& rule) { return rule.action == rules.front().action; });
  }
  // libseccomp joins the conditions of several rules to a tree. It has no way back in that tree:
  // where the second condition of one rule fails it forgets the other rules; among rules with
  // different actions it picks in an order of its own; and it takes some for contradictory that are
  // not. So it even allows what no rule allows. One rule, or one condition a rule and one action,
  // it gets right.
  bool too_much_for_libseccomp() const {
    if (rules.size() < 2 || has_unconditional()) return false;
    return !has_one_action() ||
           std::ranges::any_of(rules, [](const auto& rule) { return rule.conditions.size() > 1; });
  }
  // x86, MIPS, PowerPC and S/390 have calls that go through one number, socketcall or ipc. Which
  // conditions can be told there, libseccomp knows.
  bool has_number_in_all(const std::set<std::uint32_t>& architectures) const {
    return std::ranges::none_of(architectures, [this](std::uint32_t architecture) {
      const int number = ::seccomp_syscall_resolve_name_arch(architecture, name.c_str());
      return number < 0 && number > -1000;  // below that: the architecture has no such call
    });
  }
};

// What the profile's rules say, by system call.
class Rules {
 public:
  explicit Rules(std::uint32_t default_action) : default_action_(default_action) {}

  void add(std::size_t index, const oci::SeccompRule& rule) {
    const std::uint32_t action = action_value(rule.action, rule.errno_ret);
    const auto conditions = alternatives(rule.args);
    for (const std::string& name : rule.names) {
      // Between loading the filter and execve the process itself makes this one call, to hand over
      // the listener.
      if (action == SCMP_ACT_NOTIFY && name == "sendmsg") {
        refuse(
            "SCMP_ACT_NOTIFY cannot be used for the sendmsg syscall, which hands the listener "
            "over");
      }
      const int number = ::seccomp_syscall_resolve_name(name.c_str());
      if (number == __NR_SCMP_ERROR) {
        unknown.insert(name);
      } else if (action != default_action_ || !rule.args.empty()) {
        CallRules& call = calls.try_emplace(number, CallRules{name, index, {}}).first->second;
        for (const auto& all : conditions) call.rules.push_back({action, all});
        notify = notify || action == SCMP_ACT_NOTIFY;
      }
    }
  }

  std::map<int, CallRules> calls;  // by the number of this machine, negative where it has none
  std::set<std::string> unknown;
  bool notify = false;

 private:
  using Conditions = std::vector<oci::SeccompArgument>;

  // All conditions must hold; but engines that repeat an argument mean "one of these".
  static std::vector<Conditions> alternatives(const Conditions& conditions) {
    std::set<std::uint32_t> indices;
    for (const oci::SeccompArgument& condition : conditions) {
      if (condition.index > 5)
        refuse(fmt::format("argument index {} is larger than 5", condition.index));
      indices.insert(condition.index);
    }
    if (indices.size() == conditions.size()) return {conditions};
    std::vector<Conditions> each;
    for (const oci::SeccompArgument& condition : conditions) each.push_back({condition});
    return each;
  }

  std::uint32_t default_action_;
};

// Gives `filter` what it can be trusted with. The rest is left to put_in_front.
void add_rules(const Filter& filter, const std::set<std::uint32_t>& architectures,
               std::uint32_t default_action, const std::map<int, CallRules>& calls) {
  std::size_t count = 0;
  for (const auto& [number, call] : calls) {
    if (call.too_much_for_libseccomp() && call.has_number_in_all(architectures)) continue;
    Context at{[path = call.index, &name = call.name] {
      return fmt::format("/linux/seccomp/syscalls/{}: {}", path, name);
    }};
    for (const ConditionalRule& rule : call.rules) {
      if (rule.action == default_action) continue;  // libseccomp wants no such rule
      std::vector<scmp_arg_cmp> all;
      all.reserve(rule.conditions.size());
      for (const auto& [index, value, value_two, op] : rule.conditions) {
        all.push_back({index, comparison(op), value, value_two});
      }
      check(::seccomp_rule_add_array(filter.get(), rule.action, number,
                                     static_cast<unsigned>(all.size()), all.data()),
            "refuses the rule");
      ++count;
    }
  }
  // From here on a binary search costs the container less than a chain of comparisons.
  if (count > 32)
    check(::seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2), "cannot optimise");
}

Convention convention_of(std::uint32_t architecture) {
  const bool wide = (architecture & __AUDIT_ARCH_64BIT) != 0 &&
                    (architecture & __AUDIT_ARCH_CONVENTION_MIPS64_N32) == 0;
  switch (architecture) {
    case SCMP_ARCH_X86_64:
      return {.audit_arch = AUDIT_ARCH_X86_64, .end = x32_bit};
    case SCMP_ARCH_X32:
      return {.audit_arch = AUDIT_ARCH_X86_64, .end = UINT32_MAX, .width = Width::bits32};
    case SCMP_ARCH_ARM:
      return {.audit_arch = AUDIT_ARCH_ARM, .end = arm_private_calls, .width = Width::bits32};
    // libseccomp's number is the kernel's. The call number -1 is a tracer's way to skip a call, not
    // a new one.
    default:
      return {.audit_arch = architecture,
              .end = UINT32_MAX,
              .width = wide ? Width::bits64 : Width::bits32};
  }
}

// The newest system call that the profile names, whatever it says about it.
std::optional<std::uint32_t> newest_call(std::uint32_t architecture, std::uint32_t end,
                                         const std::vector<oci::SeccompRule>& rules) {
  std::optional<std::uint32_t> newest;
  for (const oci::SeccompRule& rule : rules) {
    for (const std::string& name : rule.names) {
      const int number = ::seccomp_syscall_resolve_name_arch(architecture, name.c_str());
      if (number < 0 || static_cast<std::uint32_t>(number) >= end)
        continue;  // negative: not a call of this architecture
      newest = std::max(newest.value_or(0), static_cast<std::uint32_t>(number));
    }
  }
  return newest;
}

// A default that lets calls pass (a tracer can answer ENOSYS itself), or says ENOSYS anyway, stays
// as it is.
bool hides_new_calls(std::uint32_t default_action) {
  const std::uint32_t kind = default_action & SECCOMP_RET_ACTION_FULL;
  return kind != SCMP_ACT_ALLOW && kind != SCMP_ACT_LOG && kind != SCMP_ACT_TRACE(0) &&
         default_action != SCMP_ACT_ERRNO(ENOSYS);
}

std::string export_program(const Filter& filter) {
  const UniqueFd file = sys::memfd("seccomp");
  check(::seccomp_export_bpf(filter.get(), file.get()), "writes the program");
  sys::seek(file.get(), 0);
  return sys::read_all(file.get());
}

}  // namespace

bool seccomp_knows_architecture(const std::string& word) {
  return architecture_named(word) != 0;
}

// The kernel looks at the flags first (one of them goes only with a listener), and then for the
// filter, which is where nothing can be read.
bool kernel_knows_seccomp_flag(unsigned flag) {
  const unsigned flags =
      flag == wait_killable_recv ? flag | SECCOMP_FILTER_FLAG_NEW_LISTENER : flag;
  const void* nowhere = reinterpret_cast<const void*>(std::uintptr_t{1});
  return sys::try_load_seccomp_filter(flags, 1, nowhere) != -EINVAL;
}

std::string libseccomp_version() {
  const scmp_version* version = ::seccomp_version();
  return fmt::format("{}.{}.{}", version->major, version->minor, version->micro);
}

std::string seccomp_compiler() {
  // One more whenever the same profile is to become another program.
  constexpr int ours = 1;
  return fmt::format("libseccomp {}, architecture {:#x}, ocelot {}", libseccomp_version(),
                     ::seccomp_arch_native(), ours);
}

SeccompProgram compile_seccomp(const oci::Seccomp& profile) {
  // What the kernel can do shows when it takes the program: without this, libseccomp probes it with
  // a dozen system calls.
  ::seccomp_api_set(6);

  if (profile.default_action == oci::SeccompAction::notify) {
    refuse("/linux/seccomp/defaultAction: SCMP_ACT_NOTIFY cannot be used as default action");
  }
  const std::uint32_t default_action = [&] {
    Context at{text("/linux/seccomp/defaultErrnoRet")};
    return action_value(profile.default_action, profile.default_errno_ret);
  }();
  SeccompProgram program;
  program.flags = filter_flags(profile);

  const Filter filter{default_action};
  const auto architectures = add_architectures(filter, profile.architectures);
  Rules rules{default_action};
  for (std::size_t i = 0; i < profile.syscalls.size(); ++i) {
    Context at{[&] { return fmt::format("/linux/seccomp/syscalls/{}", i); }};
    rules.add(i, profile.syscalls[i]);
  }
  add_rules(filter, architectures, default_action, rules.calls);

  std::vector<Convention> conventions;
  for (const std::uint32_t architecture : architectures) {
    Convention convention = convention_of(architecture);
    if (hides_new_calls(default_action))
      convention.newest = newest_call(architecture, convention.end, profile.syscalls);
    for (const auto& [native_number, call] : rules.calls) {
      if (!call.too_much_for_libseccomp()) continue;
      const int number = ::seccomp_syscall_resolve_name_arch(architecture, call.name.c_str());
      if (number >= 0) convention.calls.emplace(number, call.rules);
    }
    conventions.push_back(std::move(convention));
  }
  program.filter = put_in_front(conventions, default_action, export_program(filter));
  if (const auto count = program.filter.size() / sizeof(sock_filter); count > BPF_MAXINSNS) {
    refuse(fmt::format("/linux/seccomp: {} instructions, more than the kernel takes ({})", count,
                       BPF_MAXINSNS));
  }

  if (rules.notify) {
    if (profile.listener_path.empty())
      refuse("/linux/seccomp/listenerPath: is required by the rules with SCMP_ACT_NOTIFY");
    program.notify = true;
    program.flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
    program.listener_path = profile.listener_path;
    program.listener_metadata = profile.listener_metadata;
  } else if ((program.flags & wait_killable_recv) != 0) {
    program.flags &= ~wait_killable_recv;  // the kernel refuses it where nobody listens
    program.warnings.emplace_back(
        "seccomp: SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV has no effect without SCMP_ACT_NOTIFY");
  }
  if (!rules.unknown.empty()) {
    program.warnings.push_back(
        fmt::format("seccomp: libseccomp {} does not know, and the default action applies to: {}",
                    libseccomp_version(), fmt::join(rules.unknown, ", ")));
  }
  for (const auto& [number, call] : rules.calls) {
    if (!call.has_unconditional() || call.has_one_action()) continue;
    program.warnings.push_back(fmt::format(
        "seccomp: {}: rules with conditions have no effect beside one without", call.name));
  }
  return program;
}

}  // namespace ocelot
