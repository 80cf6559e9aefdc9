#include <fmt/core.h>
#include <sched.h>

#include <array>
#include <cerrno>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/steps/process.hpp"

namespace ocelot {
namespace {

void reset_affinity() {
  // The kernel takes what it has and cuts the rest; 8192 processors are more than it can be built
  // for.
  std::array<unsigned long, 128> all;
  all.fill(~0UL);
  // EINVAL: the cpuset leaves none of them, which cannot be; anything else is a host that forbids
  // the call, where the inherited mask stays.
  if (const int error_number = sys::try_set_affinity(all); error_number == EINVAL)
    sys::fail(error_number, "sched_setaffinity (all)");
}

void set_scheduler(const sys::SchedulingAttributes& scheduler) {
  const int error_number = sys::try_set_scheduling(scheduler);
  if (error_number == 0) return;
  Error error{ErrorKind::Failed,
              fmt::format("sched_setattr (policy {}, nice {}, priority {})", scheduler.policy,
                          scheduler.nice, scheduler.priority),
              error_number};
  const bool real_time = scheduler.policy == SCHED_FIFO || scheduler.policy == SCHED_RR;
  if (error_number != EPERM || !real_time) throw error;
  throw std::move(error).with_hint(
      "a cpu cgroup on v1 has no real-time share unless linux.resources.cpu.realtimeRuntime gives "
      "it one, out of that of its parent");
}

}  // namespace

void set_affinity(const SchedulingPlan& plan) {
  switch (plan.affinity) {
    case Affinity::all:
      return reset_affinity();
    case Affinity::inherited:
      return;
    case Affinity::listed: {
      Context at{text("process.execCPUAffinity.final")};
      return sys::set_affinity(plan.processors);
    }
  }
}

void apply_scheduling(const SchedulingPlan& plan) {
  if (plan.scheduler) {
    Context at{text("process.scheduler")};
    set_scheduler(*plan.scheduler);
  }
  if (plan.io_priority) {
    Context at{text("process.ioPriority")};
    sys::set_io_priority(*plan.io_priority);
  }
  if (plan.personality) {
    Context at{text("linux.personality")};
    sys::set_personality(*plan.personality);
  }
  if (plan.memory_policy) {
    Context at{text("linux.memoryPolicy")};
    const auto bits = plan.memory_policy->nodes.size() * sizeof(unsigned long) * 8;
    sys::set_memory_policy(plan.memory_policy->mode, plan.memory_policy->nodes,
                           bits == 0 ? 0 : bits + 1);
  }
}

}  // namespace ocelot
