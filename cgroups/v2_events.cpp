#include "cgroups/v2_events.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "runtime/base/process.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"

namespace ocelot::cgroups {

bool wait_for_event(const Cgroup& cgroup, std::string_view key, bool value,
                    const Deadline& deadline) {
  // The kernel announces nothing less than 10 ms after the last time (CGROUP_FILE_NOTIFY_MIN_INTV);
  // mostly it is done in one.
  std::chrono::microseconds patience = std::chrono::milliseconds{1};
  while (cgroup.find() != -1) {
    // Opened anew each time: seeking in the old one fails when the cgroup is gone.
    int error_number = 0;
    const UniqueFd events = try_open_file(cgroup.fd(), "cgroup.events", O_RDONLY, error_number);
    if (!events && (error_number == ENOENT || error_number == ENODEV)) break;
    if (!events)
      sys::fail(error_number, fmt::format("openat {}/cgroup.events", cgroup.directory()));
    std::array<char, 256> text;
    const ssize_t count = sys::try_read(events.get(), text);
    if (count == -ENODEV) break;
    if (count < 0)
      sys::fail(static_cast<int>(-count), fmt::format("read {}/cgroup.events", cgroup.directory()));
    if (value_of({text.data(), static_cast<std::size_t>(count)}, key) == std::uint64_t{value})
      return true;
    if (deadline.passed()) return false;
    wait_changed(events.get(), std::min(deadline.left(), patience));
    patience *= 2;
  }
  return !value;
}

}  // namespace ocelot::cgroups
