#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "oci/checker.hpp"
#include "oci/names.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::oci {
namespace {

constexpr const char* process_section = "config.md#process";
constexpr const char* linux_section = "config.md#linux-process";

void check_env(Checker& check, const std::string& at, const std::vector<std::string>& env) {
  for (std::size_t i = 0; i < env.size(); ++i) {
    const std::size_t equals = env[i].find('=');
    if (equals != 0 && equals != std::string::npos) continue;
    // The text is not repeated: it may be a secret.
    check.refuse(fmt::format("{}/env/{}", at, i), "env-name-value",
                 "invalid environment variable: write NAME=VALUE", process_section);
  }
}

void check_rlimits(Checker& check, const std::string& at, const std::vector<Rlimit>& rlimits) {
  constexpr const char* section = "config.md#posix-process";
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < rlimits.size(); ++i) {
    const Rlimit& rlimit = rlimits[i];
    const std::string path = fmt::format("{}/rlimits/{}", at, i);
    if (!rlimit_number(rlimit.type)) {
      check.refuse(
          path + "/type", "rlimit-type",
          fmt::format(
              "wrong rlimit value: \"{}\" is no limit of this kernel; getrlimit(2) lists them",
              printable(rlimit.type)),
          section);
    } else if (!seen.insert(rlimit.type).second) {
      check.refuse(path + "/type", "rlimit-twice",
                   fmt::format("{} stands twice: keep one entry", rlimit.type), section);
    }
    if (rlimit.soft > rlimit.hard) {
      check.refuse(
          path + "/soft", "rlimit-soft-hard",
          fmt::format("soft limit {} is above the hard limit {}", rlimit.soft, rlimit.hard),
          section);
    }
  }
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words)
    text.append(text.empty() ? "" : ", ").append(printable(word));
  return text;
}

// Capabilities that cannot be had are for a warning, not an error: the specification wants the
// container to run without them.
void check_capabilities(Checker& check, const std::string& at, const Capabilities& sets) {
  const auto warn = [&](const char* set, const char* rule, const std::vector<std::string>& words,
                        const char* why) {
    if (words.empty()) return;
    check.warn(fmt::format("{}/capabilities/{}", at, set), rule,
               fmt::format("{}: {}", joined(words), why), linux_section);
  };
  const auto check_set = [&](const char* set, const std::vector<std::string>& words) {
    std::vector<std::string> unknown, newer;
    for (const std::string& word : words) {
      const auto number = capability_number(word);
      if (!number) {
        unknown.push_back(word);
      } else if (*number > check.host.last_capability) {
        newer.push_back(word);
      }
    }
    warn(set, "capability-unknown", unknown, "unknown, ignored");
    warn(set, "capability-newer", newer, "this kernel does not have it, ignored");
  };
  check_set("bounding", sets.bounding);
  check_set("effective", sets.effective);
  check_set("inheritable", sets.inheritable);
  check_set("permitted", sets.permitted);
  check_set("ambient", sets.ambient);

  const auto missing_from = [](const std::vector<std::string>& words,
                               const std::vector<std::string>& other) {
    const std::set<std::string_view> present(other.begin(), other.end());
    std::vector<std::string> missing;
    for (const std::string& word : words) {
      if (capability_number(word) && !present.contains(word)) missing.push_back(word);
    }
    return missing;
  };
  warn("effective", "capability-effective", missing_from(sets.effective, sets.permitted),
       "not in permitted, so it cannot be effective");
  std::vector<std::string> ungrantable = missing_from(sets.ambient, sets.permitted);
  for (const std::string& word : missing_from(sets.ambient, sets.inheritable)) {
    if (std::find(ungrantable.begin(), ungrantable.end(), word) == ungrantable.end())
      ungrantable.push_back(word);
  }
  warn("ambient", "capability-ambient", ungrantable,
       "not in both permitted and inheritable, so it cannot be ambient");
}

void check_labels(Checker& check, const std::string& at, const Process& process) {
  // "unconfined" asks for what a kernel without AppArmor gives.
  if (!process.apparmor_profile.empty() && process.apparmor_profile != "unconfined" &&
      !check.host.apparmor) {
    check.refuse(at + "/apparmorProfile", "apparmor-disabled",
                 "apparmor profile is specified in config, but apparmor is disabled or not "
                 "supported by this kernel: leave it out",
                 linux_section);
  }
  if (!process.selinux_label.empty() && !check.host.selinux) {
    check.refuse(at + "/selinuxLabel", "selinux-disabled",
                 "selinux label is specified in config, but selinux is disabled or not supported: "
                 "leave it out",
                 linux_section);
  }
}

}  // namespace

void check_user(Checker& check, const std::string& at, const User& user, const Spec& spec) {
  constexpr const char* section = "config.md#posix-platform-user";
  const Namespace* user_namespace = find_namespace(spec, NamespaceType::user);
  const bool maps_known = user_namespace != nullptr && user_namespace->path.empty();
  const auto check_id = [&](const std::string& path, std::uint32_t id,
                            const std::vector<IdMapping>& mappings, const char* kind) {
    // The kernel takes (uid_t)-1 as "leave it as it is", which here would be the runtime's own.
    if (id == UINT32_MAX) {
      check.refuse(path, "id-reserved", "4294967295 is no id: write one from 0 to 4294967294",
                   section);
    } else if (maps_known && !mappings.empty() && !is_mapped(mappings, id)) {
      check.refuse(path, "id-unmapped",
                   fmt::format("{} {} is in no range of linux.{}Mappings", kind, id, kind),
                   section);
    }
  };
  static const std::vector<IdMapping> none;
  const auto& uids = spec.linux_ ? spec.linux_->uid_mappings : none;
  const auto& gids = spec.linux_ ? spec.linux_->gid_mappings : none;
  check_id(at + "/uid", user.uid, uids, "uid");
  check_id(at + "/gid", user.gid, gids, "gid");
  for (std::size_t i = 0; i < user.additional_gids.size(); ++i) {
    check_id(fmt::format("{}/additionalGids/{}", at, i), user.additional_gids[i], gids, "gid");
  }
  if (user.additional_gids.size() > 65536) {  // NGROUPS_MAX
    check.refuse(at + "/additionalGids", "groups-number", "the kernel takes at most 65536 groups",
                 section);
  }
  if (user.umask && *user.umask > 0777) {
    check.warn(at + "/umask", "umask-bits",
               fmt::format("{} (octal {:04o}) has more than the permission bits: is it octal "
                           "digits written as decimal?",
                           *user.umask, *user.umask),
               section);
  }
}

void check_process(Checker& check, const std::string& at, const Process& process,
                   const Spec& spec) {
  if (process.args.empty()) {
    check.refuse(at + "/args", "required",
                 "args must not be empty: write the program and its arguments", process_section);
  }
  if (process.cwd.empty()) {
    check.refuse(at + "/cwd", "required", "Cwd property must not be empty: write \"/\"",
                 process_section);
  } else if (process.cwd[0] != '/') {
    check.refuse(at + "/cwd", "cwd-absolute",
                 fmt::format("Cwd must be an absolute path: write \"/{}\"", printable(process.cwd)),
                 process_section);
  }
  check_env(check, at, process.env);
  check_user(check, at + "/user", process.user, spec);
  check_rlimits(check, at, process.rlimits);
  if (process.capabilities) check_capabilities(check, at, *process.capabilities);
  check_labels(check, at, process);
  if (process.oom_score_adj && (*process.oom_score_adj < -1000 || *process.oom_score_adj > 1000)) {
    check.refuse(at + "/oomScoreAdj", "oom-score-range",
                 fmt::format("{} is outside -1000 to 1000", *process.oom_score_adj), linux_section);
  }
  check_scheduling(check, at, process);
}

}  // namespace ocelot::oci
