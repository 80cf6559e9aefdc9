#include <fmt/core.h>

#include "runtime/base/error.hpp"
#include "runtime/steps/process.hpp"

namespace ocelot {

void write_sysctls(const Procfs& proc, const Plan& plan) {
  for (const auto& [path, value] : plan.sysctl) {
    Context at{[&path = path] { return fmt::format("sysctl {}", path); }};
    proc.write("sys/" + path, value);
  }
}

}  // namespace ocelot
