#include <fmt/core.h>
#include <linux/sched.h>

#include <string_view>

#include "oci/checker.hpp"
#include "oci/lists.hpp"
#include "oci/names.hpp"
#include "runtime/base/text.hpp"

// process.scheduler, process.ioPriority, process.execCPUAffinity.
namespace ocelot::oci {
namespace {

constexpr const char* section = "config.md#linux-process";

template <typename T>
std::string one_of(std::span<const Word<T>> words) {
  std::string text;
  for (const auto& known : words) text.append(text.empty() ? "" : ", ").append(known.word);
  return text;
}

void check_deadline(Checker& check, const std::string& at, const Scheduler& scheduler) {
  constexpr std::uint64_t shortest = 1024;  // ns; the kernel's own limit
  const std::uint64_t runtime = scheduler.runtime.value_or(0),
                      deadline = scheduler.deadline.value_or(0);
  const std::uint64_t period = scheduler.period.value_or(0) == 0 ? deadline : *scheduler.period;
  if (runtime < shortest || runtime > deadline || deadline > period || period >> 63 != 0) {
    check.refuse(at + "/runtime", "scheduler-deadline",
                 "SCHED_DEADLINE needs 1024 <= runtime <= deadline <= period, in nanoseconds",
                 section);
  }
}

void check_scheduler(Checker& check, const std::string& at, const Scheduler& scheduler) {
  const auto policy = scheduler_policy_number(scheduler.policy);
  if (!policy) {
    check.refuse(at + "/policy", "scheduler-policy",
                 fmt::format("\"{}\" is unknown: write one of {}", printable(scheduler.policy),
                             one_of(scheduler_policies())),
                 section);
  }
  for (std::size_t i = 0; i < scheduler.flags.size(); ++i) {
    if (scheduler_flag(scheduler.flags[i])) continue;
    check.refuse(fmt::format("{}/flags/{}", at, i), "scheduler-flag",
                 fmt::format("\"{}\" is unknown: write one of {}", printable(scheduler.flags[i]),
                             one_of(scheduler_flags())),
                 section);
  }
  if (scheduler.nice && (*scheduler.nice < -20 || *scheduler.nice > 19)) {
    check.refuse(at + "/nice", "scheduler-nice",
                 fmt::format("{} is outside -20 to 19", *scheduler.nice), section);
  }
  if (!policy) return;

  const bool realtime = *policy == SCHED_FIFO || *policy == SCHED_RR;
  const std::int32_t priority = scheduler.priority.value_or(0);
  if (!realtime && priority != 0) {
    check.refuse(at + "/priority", "scheduler-priority",
                 "a priority needs the policy SCHED_FIFO or SCHED_RR", section);
  } else if (realtime && (priority < 1 || priority > 99)) {
    check.refuse(
        at + "/priority", "scheduler-priority",
        fmt::format("{} needs a priority from 1 to 99, not {}", scheduler.policy, priority),
        section);
  }
  if (*policy == SCHED_DEADLINE) {
    check_deadline(check, at, scheduler);
  } else if (scheduler.runtime.value_or(0) != 0 || scheduler.deadline.value_or(0) != 0 ||
             scheduler.period.value_or(0) != 0) {
    check.refuse(at, "scheduler-deadline",
                 "runtime, deadline and period need the policy SCHED_DEADLINE", section);
  }
}

void check_affinity(Checker& check, const std::string& path, const std::string& list) {
  if (list.empty() || parse_list(list)) return;
  check.refuse(path, "cpu-list",
               fmt::format("\"{}\" is no list of CPUs: write one like \"0-3,7\"", printable(list)),
               section);
}

}  // namespace

void check_scheduling(Checker& check, const std::string& at, const Process& process) {
  if (process.scheduler) check_scheduler(check, at + "/scheduler", *process.scheduler);
  if (process.io_priority) {
    const IoPriority& io_priority = *process.io_priority;
    if (!io_priority_class_number(io_priority.io_class)) {
      check.refuse(at + "/ioPriority/class", "io-priority-class",
                   fmt::format("\"{}\" is unknown: write one of {}",
                               printable(io_priority.io_class), one_of(io_priority_classes())),
                   section);
    }
    if (io_priority.priority < 0 || io_priority.priority > 7) {
      check.refuse(at + "/ioPriority/priority", "io-priority-range",
                   fmt::format("{} is outside 0 (highest) to 7", io_priority.priority), section);
    }
  }
  if (process.exec_cpu_affinity) {
    check_affinity(check, at + "/execCPUAffinity/initial", process.exec_cpu_affinity->initial);
    check_affinity(check, at + "/execCPUAffinity/final", process.exec_cpu_affinity->final);
  }
}

}  // namespace ocelot::oci
