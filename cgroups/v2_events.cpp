#include "cgroups/v2_events.hpp"

#include <array>
#include <cerrno>

#include "runtime/base/process.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"

namespace ocelot::cgroups {

bool wait_for_event(const Cgroup& cgroup, std::string_view key, bool value, const Deadline& deadline) {
  if (cgroup.find() == -1) return !value;
  int error_number = 0;
  const UniqueFd events = try_open_file(cgroup.fd(), "cgroup.events", O_RDONLY, error_number);
  if (!events && error_number != ENOENT && error_number != ENODEV) sys::fail(error_number, "openat cgroup.events");
  while (events) {
    std::array<char, 256> text;
    sys::seek(events.get(), 0);
    const ssize_t count = sys::try_read(events.get(), text);
    if (count == -ENODEV) break;
    if (count < 0) sys::fail(static_cast<int>(-count), "read cgroup.events");
    const auto found = value_of({text.data(), static_cast<std::size_t>(count)}, key);
    if (found == std::uint64_t{value}) return true;
    if (deadline.passed()) return false;
    wait_changed(events.get(), deadline.left_ms());
  }
  return !value;
}

}  // namespace ocelot::cgroups
