#include <fmt/core.h>

#include "runtime/base/error.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/steps/process.hpp"

namespace ocelot {

void set_limits(pid_t pid, const std::vector<RlimitStep>& limits) {
  for (const RlimitStep& limit : limits) {
    Context at{
        [&] { return fmt::format("error setting rlimits for ready process: {}", limit.type); },
        [&] { return limit.type; }};
    sys::set_limit(pid, limit.resource, limit.value);
  }
}

}  // namespace ocelot
