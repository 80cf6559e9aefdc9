#include "cgroups/v1_freezer.hpp"

#include <algorithm>
#include <cerrno>

#include "cgroups/subtree.hpp"
#include "runtime/base/process.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::cgroups {
namespace {

constexpr const char* file = "freezer.state";
// A process that forks at the wrong moment can keep the state at FREEZING; a thaw now and then lets
// it go on.
constexpr int reads_before_a_thaw = 50;
// Who sleeps is frozen within 100 us.
constexpr std::chrono::microseconds first_nap{25}, longest_nap{1'000};

}  // namespace

bool V1Freezer::try_freeze(const Deadline& deadline) const {
  auto nap = first_nap;
  for (int reads = 0;; ++reads) {
    if (reads % reads_before_a_thaw == 0) {
      if (reads != 0) cgroup_.try_write(file, "THAWED");
      const int error_number = cgroup_.try_write(file, "FROZEN");
      if (error_number == ENOENT || error_number == ENODEV)
        return true;  // gone, and nobody with it
      if (error_number != 0) sys::fail(error_number, "write \"FROZEN\" to freezer.state");
    }
    // Reading is also what makes the kernel look whether all have frozen by now.
    const auto state = cgroup_.read(file);
    if (!state || trim(*state) == "FROZEN") return true;
    if (deadline.passed()) return false;
    wait_changed(-1, std::min(nap, deadline.left()));
    nap = std::min(2 * nap, longest_nap);
  }
}

void V1Freezer::thaw() const {
  cgroup_.write(file, "THAWED");
}

void V1Freezer::thaw_all() const {
  if (cgroup_.find() == -1) return;
  for_each_cgroup(cgroup_.fd(), [](int dir) {
    int error_number = 0;
    const UniqueFd state = try_open_file(dir, file, O_WRONLY, error_number);
    if (state) sys::try_write_value(state.get(), "THAWED");
  });
}

bool V1Freezer::frozen() const {
  const auto state = cgroup_.reread(file);
  return state && trim(*state) != "THAWED";
}

}  // namespace ocelot::cgroups
