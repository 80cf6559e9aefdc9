#include "runtime/plan/checkpoint.hpp"

#include <fmt/core.h>
#include <sched.h>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"
#include "runtime/plan/cgroup_views.hpp"

namespace ocelot {
namespace {

[[noreturn]] void refuse(const std::string& member, const char* hint) {
  throw Error{ErrorKind::Unsupported, fmt::format("{} cannot be checkpointed or restored", member)}
      .with_hint(hint);
}

const char* word(int flag) {
  switch (flag) {
    case CLONE_NEWNS:
      return "mount";
    case CLONE_NEWUTS:
      return "uts";
    case CLONE_NEWIPC:
      return "ipc";
    case CLONE_NEWUSER:
      return "user";
    case CLONE_NEWCGROUP:
      return "cgroup";
    default:
      return "time";
  }
}

}  // namespace

std::vector<HostMount> host_mounts(const Plan& plan, const cgroups::Hierarchies& hierarchies) {
  std::vector<HostMount> mounts;
  for (const MountStep& step : plan.rootfs.mounts) {
    if (step.kind == MountKind::bind)
      mounts.push_back({step.destination, step.destination, step.source});
    if (step.kind != MountKind::cgroup) continue;
    for (const CgroupView& view : cgroup_views(step, plan, hierarchies)) {
      const std::string place =
          view.name.empty() ? step.destination : fmt::format("{}/{}", step.destination, view.name);
      mounts.push_back({place, place, view.source});
    }
  }
  if (plan.rootfs.in_user_namespace) {
    for (const DeviceStep& device : plan.rootfs.devices)
      mounts.push_back({device.path, device.path, device.path});
  }
  return mounts;
}

const char* name_of_shared_namespace(int flag) {
  if (flag == CLONE_NEWNET) return "extRootNetNS";
  if (flag == CLONE_NEWPID) return "extRootPidNS";
  return nullptr;
}

void refuse_what_criu_cannot_keep(const oci::Spec& spec, const Plan& plan) {
  for (const MountStep& step : plan.rootfs.mounts) {
    if (step.id_mapped())
      refuse(fmt::format("mounts[{}] {} with mapped ids", step.index, step.destination),
             "criu would mount it without the mapping");
  }
  if (spec.linux_->seccomp && !spec.linux_->seccomp->listener_path.empty())
    refuse("linux.seccomp.listenerPath", "criu cannot keep what connects the filter to its agent");
  if (!plan.net_devices.empty()) refuse("linux.netDevices", "criu cannot keep devices of the host");
  if (plan.intel_rdt) refuse("linux.intelRdt", "criu does not know of it");
}

std::vector<std::string> lost_by_restore(const Plan& plan) {
  std::vector<std::string> lost;
  const auto tell = [&lost](std::string_view what, std::string_view why) {
    lost.push_back(fmt::format("{} {}", what, why));
  };
  for (const NamespaceToJoin& entry : plan.namespaces.join) {
    if (name_of_shared_namespace(entry.flag) == nullptr)
      tell(fmt::format("linux.namespaces: the {} namespace", word(entry.flag)),
           "to join is not joined: the restored container has a copy of its own");
  }
  if (!plan.hooks.create_container.empty())
    tell("hooks.createContainer", "is not run: criu makes the container's mounts");
  if (!plan.hooks.start_container.empty())
    tell("hooks.startContainer", "is not run: the container's program runs already");
  if (plan.process.scheduling.io_priority) tell("process.ioPriority", "is not restored");
  if (plan.process.scheduling.memory_policy) tell("linux.memoryPolicy", "is not restored");
  return lost;
}

std::string freezer_directory(const cgroups::Location& cgroup,
                              const cgroups::Hierarchies& hierarchies) {
  const cgroups::Hierarchy* hierarchy = hierarchies.with_controller("freezer");
  if (hierarchy == nullptr) hierarchy = hierarchies.unified_one();
  if (hierarchy == nullptr) return {};
  const auto path = cgroup.paths.find(hierarchy->name);
  return path == cgroup.paths.end() ? std::string{} : hierarchy->mount_point + path->second;
}

std::vector<criu::CgroupRoot> cgroup_roots(const cgroups::Location& cgroup) {
  std::vector<criu::CgroupRoot> roots;
  for (const auto& [hierarchy, path] : cgroup.paths) {
    for (const std::string_view controller : split(hierarchy, ','))
      roots.push_back({std::string(controller), cgroup.home(path)});
  }
  return roots;
}

}  // namespace ocelot
