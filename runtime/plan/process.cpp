#include <fmt/core.h>
#include <linux/capability.h>
#include <sched.h>

#include <string_view>
#include <unordered_map>

#include "oci/annotations.hpp"
#include "oci/names.hpp"
#include "runtime/plan/make_plan.hpp"

namespace ocelot {
namespace {

// One value a name: the last one, at the place of the first.
std::vector<std::string> deduplicated(const std::vector<std::string>& env) {
  std::vector<std::string> result;
  std::unordered_map<std::string_view, std::size_t> places;
  for (const std::string& variable : env) {
    const std::string_view name = std::string_view(variable).substr(0, variable.find('='));
    const auto [place, is_new] = places.try_emplace(name, result.size());
    if (is_new) {
      result.push_back(variable);
    } else {
      result[place->second] = variable;
    }
  }
  return result;
}

std::vector<std::string> environment(const oci::Process& process, const PlanInput& input) {
  std::vector<std::string> env = process.env;
  if (input.listen_fds > 0) {
    env.push_back(fmt::format("LISTEN_FDS={}", input.listen_fds));
    env.push_back("LISTEN_PID=1");
    if (!input.listen_fd_names.empty()) env.push_back("LISTEN_FDNAMES=" + input.listen_fd_names);
  }
  if (input.channel_fd) env.push_back(fmt::format("OCELOT_CHANNEL_FD={}", *input.channel_fd));
  return deduplicated(env);
}

std::vector<RlimitStep> limits(const oci::Process& process) {
  std::vector<RlimitStep> steps;
  for (const oci::Rlimit& limit : process.rlimits) {
    steps.push_back({.resource = oci::rlimit_number(limit.type).value_or(0),
                     .value = {limit.soft, limit.hard},
                     .type = limit.type});
  }
  return steps;
}

// An unprivileged writer of a gid map must deny setgroups first; the kernel then refuses every call
// of it.
bool may_set_groups(const NamespacePlan& namespaces, const Host& host) {
  return !host.facts.setgroups_denied && (host.facts.privileged || namespaces.map_with_helpers);
}

Groups which_groups(const oci::Spec& spec, const NamespacePlan& namespaces, const Host& host) {
  if (!may_set_groups(namespaces, host)) return Groups::denied;
  const std::string* keep = find_annotation(spec.annotations, keep_groups_annotation);
  return keep != nullptr && *keep == "1" ? Groups::kept : Groups::given;
}

}  // namespace

ProcessPlan plan_process(const oci::Spec& spec, const NamespacePlan& namespaces, const Host& host,
                         const PlanInput& input) {
  const oci::Process& process = *spec.process;
  const bool own_user_namespace = namespaces.new_user || namespaces.joins(CLONE_NEWUSER);
  ProcessPlan plan;
  plan.args = process.args;
  plan.env = environment(process, input);
  plan.cwd = process.cwd;
  plan.uid = process.user.uid;
  plan.gid = process.user.gid;
  plan.groups.assign(process.user.additional_gids.begin(), process.user.additional_gids.end());
  plan.which_groups = which_groups(spec, namespaces, host);
  plan.umask = process.user.umask.value_or(0022);
  plan.capabilities = plan_capabilities(process.capabilities, host.facts.last_capability,
                                        own_user_namespace ? ~std::uint64_t{0} : host.capabilities);
  plan.no_new_privileges = process.no_new_privileges;
  plan.rlimits = limits(process);
  plan.limits_by_runtime = own_user_namespace && !plan.rlimits.empty();
  plan.oom_score_adj = process.oom_score_adj;
  // Without AppArmor everything is unconfined.
  if (host.facts.apparmor || process.apparmor_profile != "unconfined")
    plan.apparmor_profile = process.apparmor_profile;
  plan.selinux_label = process.selinux_label;
  plan.scheduling = plan_scheduling(spec);
  plan.stdio = input.stdio;
  if (plan.stdio == Stdio::terminal) plan.console_size = process.console_size;
  plan.inherited_fds = input.inherited_fds;
  if (input.channel_fd) plan.inherited_fds.push_back(*input.channel_fd);
  return plan;
}

}  // namespace ocelot
