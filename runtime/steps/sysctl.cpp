#include <fmt/core.h>

#include "runtime/base/error.hpp"
#include "runtime/steps/process.hpp"

namespace ocelot {

void write_sysctls(const Procfs& proc, const Plan& plan) {
  for (const SysctlStep& step : plan.sysctl) {
    Context at{[&] { return fmt::format("sysctl {}", step.key); }};
    proc.write("sys/" + step.path, step.value);
  }
}

}  // namespace ocelot
