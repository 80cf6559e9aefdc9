#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// `linux.seccomp`. Spec: config-linux.md#seccomp
namespace ocelot::oci {

enum class SeccompAction {
  kill,
  kill_process,
  kill_thread,
  trap,
  errno_,
  trace,
  allow,
  log,
  notify
};
enum class SeccompOperator { ne, lt, le, eq, ge, gt, masked_eq };

struct SeccompArgument {
  std::uint32_t index = 0;
  std::uint64_t value = 0, value_two = 0;
  SeccompOperator op{};
};

struct SeccompRule {
  std::vector<std::string> names;
  SeccompAction action{};
  std::optional<std::uint32_t> errno_ret;
  std::vector<SeccompArgument> args;
};

struct Seccomp {
  SeccompAction default_action{};
  std::optional<std::uint32_t> default_errno_ret;
  std::vector<std::string> architectures;  // "SCMP_ARCH_X86_64"
  std::optional<std::vector<std::string>>
      flags;  // "SECCOMP_FILTER_FLAG_LOG"; absent and empty differ
  std::string listener_path;
  std::string listener_metadata;
  std::vector<SeccompRule> syscalls;
};

}  // namespace ocelot::oci
