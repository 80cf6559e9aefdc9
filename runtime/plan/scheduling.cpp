#include <climits>

#include "oci/lists.hpp"
#include "oci/names.hpp"
#include "runtime/plan/make_plan.hpp"

namespace ocelot {
namespace {

constexpr int io_class_shift = 13;

sys::SchedulingAttributes attributes(const oci::Scheduler& scheduler) {
  sys::SchedulingAttributes result;
  result.policy =
      static_cast<std::uint32_t>(oci::scheduler_policy_number(scheduler.policy).value_or(0));
  for (const std::string& flag : scheduler.flags)
    result.flags |= oci::scheduler_flag(flag).value_or(0);
  result.nice = scheduler.nice.value_or(0);
  result.priority = static_cast<std::uint32_t>(scheduler.priority.value_or(0));
  result.runtime = scheduler.runtime.value_or(0);
  result.deadline = scheduler.deadline.value_or(0);
  result.period = scheduler.period.value_or(0);
  return result;
}

MemoryPolicyStep memory_policy(const oci::MemoryPolicy& policy) {
  MemoryPolicyStep step{.mode = oci::memory_policy_mode(policy.mode).value_or(0), .nodes = {}};
  for (const std::string& flag : policy.flags)
    step.mode |= static_cast<int>(oci::memory_policy_flag(flag).value_or(0));
  constexpr unsigned bits = sizeof(unsigned long) * CHAR_BIT;
  for (const unsigned node : oci::parse_list(policy.nodes).value_or(std::vector<unsigned>{})) {
    if (step.nodes.size() <= node / bits) step.nodes.resize(node / bits + 1);
    step.nodes[node / bits] |= 1UL << node % bits;
  }
  return step;
}

}  // namespace

SchedulingPlan plan_scheduling(const oci::Spec& spec) {
  SchedulingPlan plan;
  if (spec.process->scheduler) {
    plan.scheduler = attributes(*spec.process->scheduler);
    plan.affinity = Affinity::inherited;
  }
  if (const auto& priority = spec.process->io_priority) {
    plan.io_priority = oci::io_priority_class_number(priority->io_class).value_or(0)
                           << io_class_shift |
                       priority->priority;
  }
  if (spec.linux_->personality)
    plan.personality = oci::personality_number(spec.linux_->personality->domain);
  if (spec.linux_->memory_policy) plan.memory_policy = memory_policy(*spec.linux_->memory_policy);
  return plan;
}

}  // namespace ocelot
