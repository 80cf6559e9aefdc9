#include <fcntl.h>
#include <fmt/core.h>

#include "cgroups/driver.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::cgroups {
namespace {

// The machine's id for the caller, who may be root of a user namespace that an ordinary user made.
std::uint64_t outer_uid() {
  const std::uint64_t own = sys::effective_uid();
  const std::string map = read_file(AT_FDCWD, "/proc/self/uid_map");
  for (const std::string_view line : split(map, '\n')) {
    const auto fields = words(line);
    if (fields.size() != 3) continue;
    const auto inside = parse_integer<std::uint64_t>(fields[0]);
    const auto outside = parse_integer<std::uint64_t>(fields[1]);
    const auto count = parse_integer<std::uint64_t>(fields[2]);
    if (inside && outside && count && own >= *inside && own - *inside < *count)
      return *outside + (own - *inside);
  }
  return own;
}

// The machine's service manager is the first process, in a cgroup of its own beside the slices.
std::string root_of_system(const Hierarchies& hierarchies) {
  constexpr std::string_view own = "/init.scope";
  const std::string tracking = hierarchies.unified_one() != nullptr ? "" : "name=systemd";
  const auto paths = memberships(read_file(AT_FDCWD, "/proc/1/cgroup"));
  const auto found = paths.find(tracking);
  if (found == paths.end() || found->second == "/" || found->second.starts_with("/..")) return {};
  std::string path = found->second;
  if (path.ends_with(own)) path.resize(path.size() - own.size());
  return path;
}

}  // namespace

Systemd find_systemd(const Hierarchies& hierarchies) {
  Systemd systemd{.root = root_of_system(hierarchies)};
  if (const std::uint64_t uid = outer_uid(); uid != 0) {
    systemd.instance = Instance::user;
    systemd.root += fmt::format("/user.slice/user-{0}.slice/user@{0}.service", uid);
  }
  return systemd;
}

}  // namespace ocelot::cgroups
