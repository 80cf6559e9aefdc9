#include "runtime/plan/make_plan.hpp"

#include <fmt/core.h>
#include <sched.h>
#include <sys/mount.h>

#include "cgroups/systemd/unit_properties.hpp"
#include "cgroups/v1_settings.hpp"
#include "cgroups/v2_settings.hpp"
#include "oci/annotations.hpp"
#include "oci/sysctl.hpp"
#include "runtime/base/error.hpp"
#include "runtime/plan/devices.hpp"
#include "runtime/plan/intel_rdt.hpp"

namespace ocelot {
namespace {

// A rule that denies all devices is in every configuration; an ordinary user's container has no
// others to lose.
bool asks_for_limits(const oci::Linux& linux_part) {
  if (!linux_part.resources) return false;
  const oci::Resources& asked = *linux_part.resources;
  return asked.memory || asked.cpu || asked.pids || asked.block_io || asked.network ||
         !asked.hugepage_limits.empty() || !asked.rdma.empty() || !asked.unified.empty();
}

// The container's root owns its cgroup when it has a view of its own on it that it may write to.
bool delegates_cgroup(const Plan& plan) {
  if (!plan.namespaces.makes(CLONE_NEWCGROUP)) return false;
  for (const MountStep& step : plan.rootfs.mounts) {
    if (step.kind == MountKind::cgroup && (step.attributes() & MOUNT_ATTR_RDONLY) == 0) return true;
  }
  return false;
}

cgroups::systemd::Properties plan_unit_properties(const oci::Spec& spec, const Host& host,
                                                  const std::string& id,
                                                  const oci::Resources& resources) {
  const bool unified = host.hierarchies.mode == cgroups::Mode::unified;
  cgroups::systemd::Properties limits = cgroups::systemd::properties_of(
      unified ? cgroups::v2::settings(resources) : cgroups::v1::settings(resources), unified);
  if (!unified) {
    for (auto& property :
         cgroups::systemd::device_properties(cgroups::device_policy(resources.devices)))
      limits.push_back(std::move(property));
  }
  return cgroups::systemd::unit_properties(
      cgroups::systemd::unit_name(spec.linux_->cgroups_path, id, host.systemd.instance), id,
      unified, spec.annotations, limits);
}

}  // namespace

Plan make_plan(const oci::Spec& spec, const Host& host, const PlanInput& input) {
  const trace::Span span{text("plan")};
  const oci::Linux& linux_part = *spec.linux_;
  Plan plan;
  plan.id = input.id;
  plan.bundle = input.bundle;
  plan.namespaces = plan_namespaces(linux_part, host);
  if (!plan.namespaces.makes(CLONE_NEWNS) && !plan.namespaces.joins(CLONE_NEWNS)) {
    throw Error{ErrorKind::InvalidSpec,
                "config.json: /linux/namespaces: has no mount namespace, so the rootfs cannot be "
                "set up safely"}
        .with_hint("add {\"type\": \"mount\"}");
  }
  plan.rootfs = plan_rootfs(spec, plan.namespaces, host, input);
  if (plan.rootfs.no_pivot && plan.rootfs.host_propagation == MS_PRIVATE) {
    throw Error{ErrorKind::InvalidSpec,
                "rootfsPropagation of [r]private is not safe without pivot_root"}
        .with_hint("leave --no-pivot out, or write \"rslave\" for linux.rootfsPropagation");
  }
  plan.process = plan_process(spec, plan.namespaces, host, input);
  plan.cgroup = cgroups::locate(host.hierarchies, input.cgroup_manager, linux_part.cgroups_path,
                                input.id, host.systemd);
  plan.resources = plan_resources(spec);
  if (input.cgroup_manager == cgroups::Manager::systemd) {
    if (const std::string* name = find_annotation(spec.annotations, systemd_subgroup_annotation))
      plan.cgroup.subgroup = *name;
    plan.unit_properties = plan_unit_properties(spec, host, input.id, plan.resources);
  }
  const std::string* delegated = find_annotation(spec.annotations, delegate_cgroup_annotation);
  if (delegated != nullptr && input.cgroup_manager != cgroups::Manager::disabled)
    plan.delegated_below = *delegated;
  // podman's ordinary user is root of a user namespace when it calls.
  const bool ordinary_user = host.uid != 0 || host.facts.in_user_namespace;
  plan.cgroup_optional = ordinary_user && linux_part.cgroups_path.empty() &&
                         !asks_for_limits(linux_part) && plan.delegated_below.empty();
  plan.delegate_cgroup = delegates_cgroup(plan);
  plan.hostname = spec.hostname;
  plan.domainname = spec.domainname;
  for (const auto& [key, value] : linux_part.sysctl)
    plan.sysctl.push_back({key, oci::sysctl_path(key), value});
  plan.loopback_up = plan.namespaces.makes(CLONE_NEWNET);
  for (const auto& [host_name, device] : linux_part.net_devices) {
    plan.net_devices.push_back({host_name, device.name.empty() ? host_name : device.name});
  }
  plan.intel_rdt = plan_intel_rdt(linux_part.intel_rdt, input.id, host.facts.resctrl);
  plan.session_keyring = !input.no_new_keyring;
  plan.hooks = spec.hooks;
  plan.annotations = spec.annotations;
  plan.warnings = plan.process.capabilities.warnings;
  return plan;
}

}  // namespace ocelot
