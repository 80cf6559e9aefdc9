#include "runtime/plan/cgroup_views.hpp"

#include <fmt/core.h>
#include <sched.h>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"
#include "runtime/root.hpp"

namespace ocelot {
namespace {

const std::string* container_path(const Plan& plan, const cgroups::Hierarchy& hierarchy) {
  const auto found = plan.cgroup.paths.find(hierarchy.name);
  return found == plan.cgroup.paths.end() ? nullptr : &found->second;
}

CgroupView unified_view(const Plan& plan, const cgroups::Hierarchy& hierarchy) {
  const bool own_view =
      plan.namespaces.makes(CLONE_NEWCGROUP) || plan.namespaces.joins(CLONE_NEWCGROUP);
  const std::string* path = container_path(plan, hierarchy);
  if (own_view && path != nullptr)
    return {.source = hierarchy.mount_point + plan.cgroup.home(*path)};
  // Without a view of its own the container sees the host's whole tree: an unprivileged one must
  // not be able to change it (CVE-2023-25809).
  return {.source = hierarchy.mount_point, .readonly = plan.rootfs.in_user_namespace};
}

std::vector<CgroupView> legacy_views(const Plan& plan, const cgroups::Hierarchies& hierarchies) {
  std::vector<CgroupView> views;
  for (const cgroups::Hierarchy& hierarchy : hierarchies.all) {
    const std::string* path = container_path(plan, hierarchy);
    if (hierarchy.unified || path == nullptr) continue;
    CgroupView view{.name = last_part(hierarchy.mount_point),
                    .source = hierarchy.mount_point + *path};
    for (const std::string& controller : hierarchy.controllers) {
      if (hierarchy.controllers.size() > 1 && controller != view.name)
        view.links.push_back(controller);
    }
    views.push_back(std::move(view));
  }
  return views;
}

}  // namespace

std::vector<CgroupView> cgroup_views(const MountStep& step, const Plan& plan,
                                     const cgroups::Hierarchies& hierarchies) {
  const cgroups::Hierarchy* unified = hierarchies.unified_one();
  if (hierarchies.mode == cgroups::Mode::unified || (step.type == "cgroup2" && unified != nullptr))
    return {unified_view(plan, *unified)};
  if (hierarchies.mode != cgroups::Mode::none && step.type == "cgroup")
    return legacy_views(plan, hierarchies);
  throw Error{ErrorKind::Unsupported, fmt::format("this host has no {} hierarchy", step.type)}
      .with_hint("leave the mount out, or mount the hierarchy on the host");
}

}  // namespace ocelot
