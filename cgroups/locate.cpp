#include <fmt/core.h>

#include "cgroups/driver.hpp"
#include "cgroups/systemd/unit.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::cgroups {
namespace {

constexpr std::size_t longest_path = 4096 - 1;
constexpr std::size_t longest_name = 255;

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw Error{ErrorKind::InvalidSpec, fmt::format("cgroupsPath \"{}\" {}", printable(path), why)}
      .with_hint("leave it out, and the container's id is the name of its cgroup");
}

// "/a/b" for "a//b/." and "/a/b"; empty for "/". Refuses what could lead elsewhere or that the
// kernel does not take as a name.
std::string normalised(const std::string& path) {
  if (path.size() > longest_path)
    refuse(path.substr(0, 32) + "...", fmt::format("is longer than {} bytes", longest_path));
  if (path.find('\0') != std::string::npos || path.find('\n') != std::string::npos) {
    refuse(path, "holds a NUL or a line break");
  }
  std::string clean;
  for (const std::string_view name : split(path, '/')) {
    if (name.empty() || name == ".") continue;
    if (name == "..") refuse(path, "must not contain \"..\"");
    if (name.size() > longest_name)
      refuse(path, fmt::format("has a name longer than {} bytes", longest_name));
    clean.append("/").append(name);
  }
  return clean;
}

std::string parent(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

// Where relative paths begin. On v2 alone that is beside the caller's own cgroup: below it no
// controller could be enabled, since it holds a process.
std::string base(const Hierarchy& hierarchy, Mode mode) {
  const std::string own = hierarchy.own_path == "/" ? std::string() : hierarchy.own_path;
  return mode == Mode::unified ? parent(own) : own;
}

}  // namespace

Location locate(const Hierarchies& hierarchies, Manager manager, const std::string& cgroups_path,
                const std::string& id, const Systemd& systemd) {
  Location location{.manager = manager};
  if (manager == Manager::disabled) return location;
  if (manager == Manager::systemd) {
    const systemd::UnitName name = systemd::unit_name(cgroups_path, id, systemd.instance);
    location.unit = name.unit;
    location.instance = systemd.instance;
    for (const Hierarchy& hierarchy : hierarchies.all)
      location.paths[hierarchy.name] = systemd.root + name.path;
    return location;
  }
  const std::string path = normalised(cgroups_path.empty() ? id : cgroups_path);
  if (path.empty()) refuse(cgroups_path, "names a root cgroup, which holds processes of the host");
  for (const Hierarchy& hierarchy : hierarchies.all) {
    const bool absolute = cgroups_path.starts_with('/');
    location.paths[hierarchy.name] = absolute ? path : base(hierarchy, hierarchies.mode) + path;
  }
  return location;
}

}  // namespace ocelot::cgroups
