#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"
#include "runtime/plan/exec.hpp"

namespace ocelot {
namespace {

[[noreturn]] void refuse(std::string_view argument, const std::string& why) {
  throw Error{ErrorKind::InvalidArgument,
              fmt::format("invalid --cgroup argument: {}: {}", printable(argument), why)}
      .with_hint(
          "write a path below the container's cgroup, on v1 also "
          "controller[,controller]:path");
}

// "/a/b" for "a//b/": below the container's cgroup, or it itself.
std::string below(std::string_view argument, std::string_view path) {
  std::string clean;
  for (const std::string_view name : split(path, '/')) {
    if (name.empty() || name == ".") continue;
    if (name == "..") refuse(argument, fmt::format("{} is not a sub cgroup path", printable(path)));
    clean.append("/").append(name);
  }
  return clean;
}

bool names_controller(const std::string& hierarchy, std::string_view controller) {
  if (hierarchy == controller) return true;  // "name=systemd"
  const auto controllers = split(hierarchy, ',');
  return std::find(controllers.begin(), controllers.end(), controller) != controllers.end();
}

class SubCgroups {
 public:
  SubCgroups(const cgroups::Location& container, cgroups::Location& location)
      : container_(container), location_(location) {}

  void in_all(std::string_view argument, std::string_view path) {
    for (const auto& [hierarchy, own] : container_.paths)
      location_.paths[hierarchy] = container_.home(own) + below(argument, path);
  }

  void in_some(std::string_view argument, std::string_view controllers, std::string_view path) {
    for (const std::string_view controller : split(controllers, ',')) {
      if (!named_.insert(std::string(controller)).second)
        refuse(argument, fmt::format("controller {} is named twice", printable(controller)));
      const auto own =
          std::find_if(container_.paths.begin(), container_.paths.end(), [&](const auto& entry) {
            return !entry.first.empty() && names_controller(entry.first, controller);
          });
      if (own == container_.paths.end())
        refuse(argument, fmt::format("unknown controller {}", printable(controller)));
      location_.paths[own->first] = own->second + below(argument, path);
    }
  }

 private:
  const cgroups::Location& container_;
  cgroups::Location& location_;
  std::set<std::string> named_;
};

}  // namespace

cgroups::Location exec_cgroup(const cgroups::Location& container, std::string_view membership,
                              const std::vector<std::string>& sub_cgroups) {
  if (container.manager == cgroups::Manager::disabled) {
    if (!sub_cgroups.empty()) refuse(sub_cgroups.front(), "this container has no cgroup");
    return container;
  }
  // Whoever made the directories: to join them needs nobody's help.
  cgroups::Location location{.manager = cgroups::Manager::cgroupfs};
  for (const auto& [hierarchy, path] : container.paths)
    location.paths[hierarchy] = container.home(path);
  for (const auto& [hierarchy, path] : cgroups::memberships(membership)) {
    const auto known = location.paths.find(hierarchy);
    // "/.." is what the kernel tells of a cgroup outside the reader's cgroup namespace.
    if (known != location.paths.end() && !path.starts_with("/..")) known->second = path;
  }
  SubCgroups sub{container, location};
  for (const std::string_view argument : sub_cgroups) {
    const std::size_t colon = argument.find(':');
    if (colon != std::string_view::npos) {
      sub.in_some(argument, argument.substr(0, colon), argument.substr(colon + 1));
    } else if (sub_cgroups.size() == 1) {
      sub.in_all(argument, argument);
    } else {
      refuse(argument, "missing controller: prefix");
    }
  }
  return location;
}

}  // namespace ocelot
