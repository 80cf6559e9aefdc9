#include "runtime/plan/exec.hpp"

#include <sched.h>

#include <climits>

#include "oci/lists.hpp"
#include "oci/names.hpp"

namespace ocelot {
namespace {

template <typename Value>
void append(std::vector<Value>& to, const std::vector<Value>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

CpuMask mask_of(const std::string& list) {
  constexpr unsigned bits = sizeof(unsigned long) * CHAR_BIT;
  CpuMask mask;
  for (const unsigned cpu : oci::parse_list(list).value_or(std::vector<unsigned>{})) {
    if (mask.size() <= cpu / bits) mask.resize(cpu / bits + 1);
    mask[cpu / bits] |= 1UL << cpu % bits;
  }
  return mask;
}

void plan_affinity(ExecPlan& plan, const oci::ExecCpuAffinity& affinity) {
  SchedulingPlan& scheduling = plan.process.scheduling;
  plan.initial_affinity = mask_of(affinity.initial);
  scheduling.processors = mask_of(affinity.final);
  if (!scheduling.processors.empty()) {
    scheduling.affinity = Affinity::listed;
  } else if (!plan.initial_affinity.empty()) {
    scheduling.affinity = Affinity::inherited;
  }
}

}  // namespace

oci::Process described_process(const oci::Process& container, const ExecOptions& options) {
  oci::Process process = container;
  process.args = options.args;
  process.terminal = options.tty;
  if (!options.cwd.empty()) process.cwd = options.cwd;
  append(process.env, options.env);
  if (options.uid) process.user.uid = *options.uid;
  if (options.gid) process.user.gid = *options.gid;
  append(process.user.additional_gids, options.additional_gids);
  if (!options.capabilities.empty()) {
    if (!process.capabilities) process.capabilities.emplace();
    // Never inheritable nor ambient: a program with file capabilities would gain from them
    // (CVE-2022-29162).
    append(process.capabilities->bounding, options.capabilities);
    append(process.capabilities->effective, options.capabilities);
    append(process.capabilities->permitted, options.capabilities);
  }
  if (!options.apparmor_profile.empty()) process.apparmor_profile = options.apparmor_profile;
  if (!options.selinux_label.empty()) process.selinux_label = options.selinux_label;
  if (options.no_new_privileges) process.no_new_privileges = true;
  return process;
}

oci::Process completed_process(oci::Process document, const oci::Process& container) {
  oci::Process process = std::move(document);
  if (!process.capabilities) process.capabilities = container.capabilities;
  if (process.rlimits.empty()) process.rlimits = container.rlimits;
  if (process.apparmor_profile.empty()) process.apparmor_profile = container.apparmor_profile;
  if (process.selinux_label.empty()) process.selinux_label = container.selinux_label;
  if (!process.oom_score_adj) process.oom_score_adj = container.oom_score_adj;
  if (!process.scheduler) process.scheduler = container.scheduler;
  if (!process.io_priority) process.io_priority = container.io_priority;
  if (!process.exec_cpu_affinity) process.exec_cpu_affinity = container.exec_cpu_affinity;
  return process;
}

ExecPlan plan_exec(const oci::Spec& container, const Host& host, const PlanInput& input) {
  ExecPlan plan;
  plan.id = input.id;
  plan.namespaces = plan_namespaces(*container.linux_, host);
  for (const oci::Namespace& entry : container.linux_->namespaces)
    plan.join |= static_cast<int>(oci::clone_flag(entry.type));
  plan.process = plan_process(container, plan.namespaces, host, input);
  plan.session_keyring = !input.no_new_keyring;
  if (const auto& affinity = container.process->exec_cpu_affinity) plan_affinity(plan, *affinity);
  plan.warnings = plan.process.capabilities.warnings;
  return plan;
}

}  // namespace ocelot
