#include <algorithm>
#include <limits>

#include "runtime/base/sys_files.hpp"
#include "runtime/steps/process.hpp"

namespace ocelot {

void close_other_descriptors(const ProcessPlan& plan, const std::vector<int>& keep) {
  std::vector<int> open = plan.inherited_fds;
  open.insert(open.end(), keep.begin(), keep.end());
  std::sort(open.begin(), open.end());
  unsigned next = 3;
  for (const int fd : open) {
    const auto number = static_cast<unsigned>(fd);
    if (number > next) sys::close_range(next, number - 1, 0);
    next = std::max(next, number + 1);
  }
  sys::close_range(next, std::numeric_limits<unsigned>::max(), 0);
}

}  // namespace ocelot
