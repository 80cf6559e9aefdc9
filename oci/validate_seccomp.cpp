#include <fmt/core.h>

#include <algorithm>

#include "oci/checker.hpp"
#include "oci/names.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::oci {
namespace {

constexpr const char* section = "config-linux.md#seccomp";

void check_errno(Checker& check, const std::string& path, SeccompAction action,
                 const std::optional<std::uint32_t>& number) {
  if (!number) return;
  if (action != SeccompAction::errno_ && action != SeccompAction::trace) {
    check.refuse(path, "seccomp-errno-action",
                 "only SCMP_ACT_ERRNO and SCMP_ACT_TRACE take a number: leave it out", section);
  } else if (action == SeccompAction::errno_ ? *number > 4095
                                             : *number > 65535) {  // MAX_ERRNO, SECCOMP_RET_DATA
    check.refuse(path, "seccomp-errno-range", fmt::format("{} is no errno", *number), section);
  }
}

void check_rule(Checker& check, const std::string& at, const SeccompRule& rule,
                const Seccomp& seccomp) {
  if (rule.names.empty()) {
    check.refuse(at + "/names", "seccomp-names", "must have at least one name of a system call",
                 section);
  }
  check_errno(check, at + "/errnoRet", rule.action, rule.errno_ret);
  if (rule.action == SeccompAction::notify) {
    if (seccomp.listener_path.empty()) {
      check.refuse(at + "/action", "seccomp-listener",
                   "SCMP_ACT_NOTIFY needs listenerPath, the socket of who will answer", section);
    }
    // The filter is there before its descriptor is sent, and sending it must not wait for an
    // answer.
    if (std::find(rule.names.begin(), rule.names.end(), "write") != rule.names.end()) {
      check.refuse(at + "/names", "seccomp-notify-write",
                   "SCMP_ACT_NOTIFY cannot be used for the write syscall", section);
    }
  }
  for (std::size_t i = 0; i < rule.args.size(); ++i) {
    if (rule.args[i].index <= 5) continue;
    check.refuse(
        fmt::format("{}/args/{}/index", at, i), "seccomp-argument-index",
        fmt::format("{} is outside 0 to 5: a system call has six arguments", rule.args[i].index),
        section);
  }
}

}  // namespace

void check_seccomp(Checker& check, const std::string& at, const Seccomp& seccomp) {
  check_errno(check, at + "/defaultErrnoRet", seccomp.default_action, seccomp.default_errno_ret);
  if (seccomp.default_action == SeccompAction::notify) {
    check.refuse(at + "/defaultAction", "seccomp-notify-default",
                 "SCMP_ACT_NOTIFY cannot be used as default action", section);
  }
  const auto known = seccomp_architectures();
  for (std::size_t i = 0; i < seccomp.architectures.size(); ++i) {
    if (std::find(known.begin(), known.end(), seccomp.architectures[i]) != known.end()) continue;
    check.refuse(fmt::format("{}/architectures/{}", at, i), "seccomp-architecture",
                 fmt::format("\"{}\" is unknown: write one like SCMP_ARCH_X86_64",
                             printable(seccomp.architectures[i])),
                 section);
  }
  if (seccomp.flags) {
    for (std::size_t i = 0; i < seccomp.flags->size(); ++i) {
      if (seccomp_flag((*seccomp.flags)[i])) continue;
      check.refuse(fmt::format("{}/flags/{}", at, i), "seccomp-flag",
                   fmt::format("\"{}\" is unknown: write SECCOMP_FILTER_FLAG_TSYNC, _LOG, "
                               "_SPEC_ALLOW or _WAIT_KILLABLE_RECV",
                               printable((*seccomp.flags)[i])),
                   section);
    }
  }
  if (!seccomp.listener_metadata.empty() && seccomp.listener_path.empty()) {
    check.refuse(at + "/listenerMetadata", "seccomp-metadata",
                 "must not be set without listenerPath", section);
  }
  for (std::size_t i = 0; i < seccomp.syscalls.size(); ++i) {
    check_rule(check, fmt::format("{}/syscalls/{}", at, i), seccomp.syscalls[i], seccomp);
  }
}

}  // namespace ocelot::oci
