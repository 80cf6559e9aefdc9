#include <fmt/core.h>
#include <sched.h>
#include <sys/mount.h>

#include <algorithm>

#include "oci/annotations.hpp"
#include "oci/idmap_option.hpp"
#include "oci/names.hpp"
#include "oci/paths.hpp"
#include "runtime/base/error.hpp"
#include "runtime/plan/devices.hpp"
#include "runtime/plan/make_plan.hpp"

namespace ocelot {
namespace {

std::string absolute(const std::string& path, const std::string& directory) {
  return path.starts_with('/') ? path : directory + "/" + path;
}

MountKind kind_of(const oci::Mount& mount, const oci::MountOptions& options) {
  if (options.remount) return MountKind::remount;
  if (options.bind || mount.type == "bind") return MountKind::bind;
  if (mount.type == "cgroup" || mount.type == "cgroup2") return MountKind::cgroup;
  return MountKind::filesystem;
}

// A sysfs shows the network devices of the network namespace that mounts it, which must belong to
// the user namespace; where it does not, the host's own is shown instead.
void show_host_sysfs(MountStep& step) {
  step.kind = MountKind::bind;
  step.source = "/sys";
  step.options.bind = step.options.recursive = true;
  // Everything below it as read-only as it is.
  if ((step.options.set & MOUNT_ATTR_RDONLY) != 0) step.options.recursive_set |= MOUNT_ATTR_RDONLY;
  step.options.data.clear();
}

bool user_namespace(const NamespacePlan& namespaces) {
  return namespaces.new_user || namespaces.joins(CLONE_NEWUSER);
}

void plan_id_mapping(MountStep& step, const oci::Mount& mount, const NamespacePlan& namespaces) {
  const bool asked = step.options.idmap || step.options.ridmap;
  if (!asked && mount.uid_mappings.empty()) return;
  if (step.options.idmap_ranges) {
    auto ranges = oci::parse_idmap_option(*step.options.idmap_ranges, namespaces.uid_mappings,
                                          namespaces.gid_mappings);
    step.uid_mappings = std::move(ranges->uids);  // validated
    step.gid_mappings = std::move(ranges->gids);
    return;
  }
  step.uid_mappings = mount.uid_mappings;
  step.gid_mappings = mount.gid_mappings;
  if (!step.uid_mappings.empty()) return;
  step.uid_mappings = namespaces.uid_mappings;
  step.gid_mappings = namespaces.gid_mappings;
  for (const NamespaceToJoin& entry : namespaces.join) {
    if (entry.flag == CLONE_NEWUSER) step.id_map_namespace = entry.path;
  }
}

// The group "tty" of the host may not exist in the container's user namespace.
void drop_unmapped_tty_group(MountStep& step, const NamespacePlan& namespaces) {
  if (step.type != "devpts" || is_mapped(namespaces.gid_mappings, 5)) return;
  std::erase(step.options.data, "gid=5");
}

// Flags of mount(2) that fsconfig(2) lacks. The one keeps the kernel's log quiet; the other, to
// count changes, file systems do without being asked, or not at all.
void drop_old_flags(std::vector<std::string>& superblock_flags) {
  std::erase(superblock_flags, "silent");
  std::erase(superblock_flags, "iversion");
}

bool takes_label(const MountStep& step) {
  return step.kind == MountKind::filesystem && step.type != "proc" && step.type != "sysfs";
}

MountStep plan_mount(std::size_t index, const oci::Mount& mount, const NamespacePlan& namespaces,
                     const std::string& bundle, const std::string& label_option) {
  MountStep step{.index = index,
                 .destination = oci::clean_path(mount.destination),
                 .type = mount.type,
                 .source = mount.source,
                 .options = oci::parse_mount_options(mount.options)};
  drop_old_flags(step.options.superblock_flags);
  step.kind = kind_of(mount, step.options);
  if (step.type == "sysfs" && user_namespace(namespaces) && !namespaces.makes(CLONE_NEWNET))
    show_host_sysfs(step);
  if (step.kind == MountKind::bind) step.source = absolute(step.source, bundle);
  drop_unmapped_tty_group(step, namespaces);
  plan_id_mapping(step, mount, namespaces);
  if (!label_option.empty() && takes_label(step)) step.options.data.push_back(label_option);
  return step;
}

bool owns_dev(const std::vector<MountStep>& mounts) {
  return std::none_of(mounts.begin(), mounts.end(), [](const MountStep& step) {
    return step.kind == MountKind::bind && step.destination == "/dev";
  });
}

}  // namespace

// The mount propagation of the container's namespace and of what it takes from the host.
unsigned long host_propagation(const std::string& word) {
  if (word == "shared" || word == "rshared") return MS_SHARED;
  if (word == "private" || word == "rprivate") return MS_PRIVATE;
  return MS_SLAVE;
}

std::string label_option(const oci::Spec& spec) {
  if (spec.linux_->mount_label.empty()) return {};
  const std::string* type = find_annotation(spec.annotations, mount_context_annotation);
  return fmt::format("{}={}", type == nullptr ? "context" : *type, spec.linux_->mount_label);
}

std::vector<MountStep> plan_mounts(const std::vector<oci::Mount>& mounts,
                                   const NamespacePlan& namespaces, const std::string& bundle,
                                   const std::string& label_option) {
  std::vector<MountStep> steps;
  for (std::size_t i = 0; i < mounts.size(); ++i)
    steps.push_back(plan_mount(i, mounts[i], namespaces, bundle, label_option));
  return steps;
}

RootfsPlan plan_rootfs(const oci::Spec& spec, const NamespacePlan& namespaces, const Host& host,
                       const PlanInput& input) {
  const oci::Linux& linux_part = *spec.linux_;
  RootfsPlan plan;
  plan.path = absolute(spec.root->path, input.bundle);
  plan.readonly = spec.root->readonly;
  plan.no_pivot = input.no_pivot;
  plan.host_propagation = host_propagation(linux_part.rootfs_propagation);
  plan.propagation = linux_part.rootfs_propagation.empty()
                         ? 0
                         : oci::propagation_flags(linux_part.rootfs_propagation).value_or(0);
  plan.mounts = plan_mounts(spec.mounts, namespaces, input.bundle, label_option(spec));
  plan.own_dev = owns_dev(plan.mounts);
  plan.in_user_namespace = user_namespace(namespaces) || host.facts.in_user_namespace;
  plan.devices = plan_devices(linux_part, plan.own_dev);
  if (plan.own_dev) plan.links = plan_device_links();
  plan.masked_paths = linux_part.masked_paths;
  plan.readonly_paths = linux_part.readonly_paths;
  plan.sources_opened_by = host.facts.privileged ? SourcesOpenedBy::runtime : SourcesOpenedBy::init;
  return plan;
}

}  // namespace ocelot
