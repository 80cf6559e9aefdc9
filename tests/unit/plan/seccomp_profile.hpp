#pragma once
#include <linux/audit.h>
#include <seccomp.h>

#include <algorithm>
#include <array>

#include "bpf_evaluator.hpp"
#include "runtime/plan/seccomp.hpp"

// Shorthand for profiles and calls.
namespace ocelot::test {

using oci::Seccomp;
using oci::SeccompArgument;
using oci::SeccompRule;
using Action = oci::SeccompAction;
using Operator = oci::SeccompOperator;

inline Seccomp profile(Action default_action, std::vector<SeccompRule> rules = {}) {
  Seccomp profile;
  profile.default_action = default_action;
  profile.syscalls = std::move(rules);
  return profile;
}

inline SeccompRule rule(std::vector<std::string> names, Action action,
                        std::vector<SeccompArgument> arguments = {}) {
  SeccompRule rule;
  rule.names = std::move(names);
  rule.action = action;
  rule.args = std::move(arguments);
  return rule;
}

using Arguments = std::array<std::uint64_t, 6>;

inline std::uint32_t ask(const std::string& filter, std::uint32_t arch, std::uint32_t number,
                         const Arguments& arguments = {}) {
  seccomp_data call{};
  call.nr = static_cast<int>(number);
  call.arch = arch;
  std::ranges::copy(arguments, call.args);
  return evaluate(filter, call);
}

// The number of `name` on x86_64, the machine that these tests compile for.
inline std::uint32_t number(const char* name) {
  return static_cast<std::uint32_t>(::seccomp_syscall_resolve_name_arch(SCMP_ARCH_X86_64, name));
}

inline std::uint32_t ask(const std::string& filter, const char* name,
                         const Arguments& arguments = {}) {
  return ask(filter, AUDIT_ARCH_X86_64, number(name), arguments);
}

}  // namespace ocelot::test
