#include "runtime/plan/describe.hpp"

#include <fmt/format.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <string_view>

#include "cgroups/device_rules.hpp"
#include "cgroups/settings.hpp"
#include "oci/annotations.hpp"
#include "oci/names.hpp"
#include "runtime/plan/describe_words.hpp"

namespace ocelot {
namespace {

class Description {
 public:
  void phase(std::string name) { phase_ = std::move(name); }
  void step(std::string action, std::string object, std::string detail = {}) {
    steps_.push_back({phase_, std::move(action), std::move(object), std::move(detail)});
  }
  std::vector<DescribedStep> take() { return std::move(steps_); }

 private:
  std::string phase_;
  std::vector<DescribedStep> steps_;
};

void describe_intel_rdt(Description& out, const IntelRdtPlan& rdt) {
  out.step(rdt.group_must_exist ? "use" : "make or use", "resctrl group " + rdt.group_path());
  std::string_view rest = rdt.schemata;
  while (!rest.empty()) {
    out.step("write", "schemata", std::string(rest.substr(0, rest.find('\n'))));
    rest.remove_prefix(std::min(rest.size(), rest.find('\n') + 1));
  }
  if (!rdt.monitor.empty()) out.step("make", "resctrl group " + rdt.monitor_path());
}

// What is enforced: the document's rules, and what every container may use.
void describe_devices(Description& out, const std::vector<oci::DeviceRule>& rules) {
  const cgroups::DevicePolicy policy = cgroups::device_policy(rules);
  const auto step = [&](const cgroups::DeviceException& rule) {
    out.step(rule.allow ? "allow device" : "deny device", cgroups::describe(rule));
  };
  step({.allow = policy.allow});
  for (const cgroups::DeviceException& exception : policy.exceptions) step(exception);
}

void describe_cgroup(Description& out, const Plan& plan, const cgroups::Hierarchies& hierarchies) {
  out.phase("cgroup");
  if (!plan.cgroup.unit.empty()) {
    const bool users = plan.cgroup.instance == cgroups::Instance::user;
    out.step("start unit", plan.cgroup.unit, users ? "of the user" : "");
  }
  for (const cgroups::systemd::Property& property : plan.unit_properties)
    out.step("set property", property.name, fmt::format("{}", fmt::join(property.words, " ")));
  for (const auto& [hierarchy, path] : plan.cgroup.paths) {
    out.step("make", path, hierarchy.empty() ? "cgroup2" : hierarchy);
  }
  if (!plan.cgroup.subgroup.empty()) out.step("make", plan.cgroup.subgroup, "below it");
  if (!plan.cgroup.paths.empty()) describe_devices(out, plan.resources.devices);
  for (const cgroups::Setting& setting : cgroups::settings(hierarchies, plan.resources))
    out.step("write", setting.file, setting.value);
  if (plan.delegate_cgroup) out.step("give away", "the cgroup", "to the container's root");
  if (!plan.delegated_below.empty())
    out.step("move init to", plan.delegated_below, "below it, given to the container's root");
  if (plan.intel_rdt) describe_intel_rdt(out, *plan.intel_rdt);
}

// With what the stage sets of itself first, which init inherits.
void describe_stage(Description& out, const NamespacePlan& namespaces,
                    const std::optional<int>& oom_score_adj) {
  out.phase("namespaces");
  if (oom_score_adj) out.step("set", "oom_score_adj", fmt::to_string(*oom_score_adj));
  for (const NamespaceToJoin& join : namespaces.join)
    out.step("join", words::namespaces(join.flag), join.path);
  if (namespaces.new_user) {
    out.step("make", "user");
    for (const oci::IdMapping& map : namespaces.uid_mappings)
      out.step("map uids", words::mapping(map));
    for (const oci::IdMapping& map : namespaces.gid_mappings)
      out.step("map gids", words::mapping(map));
    if (namespaces.map_with_helpers) out.step("map by", "newuidmap and newgidmap");
  }
  if (namespaces.create != 0) out.step("make", words::namespaces(namespaces.create));
  if (namespaces.new_time) out.step("make", "time", namespaces.time_offsets);
  if (namespaces.new_pid) out.step("make", "pid", "init is born into it");
}

void describe_hooks(Description& out, const std::vector<oci::Hook>& hooks, const char* kind) {
  for (const oci::Hook& hook : hooks) {
    out.step(std::string("run ") + kind, hook.path,
             hook.timeout_seconds ? fmt::format("at most {} s", *hook.timeout_seconds) : "");
  }
}

// Files that what the hooks of all kinds write is appended to.
void describe_hook_output(Description& out, const Plan& plan) {
  if (!plan.hooks.any()) return;
  for (const auto& [stream, key] : {std::pair{"stdout of hooks", hooks_stdout_annotation},
                                    std::pair{"stderr of hooks", hooks_stderr_annotation}}) {
    if (const std::string* file = find_annotation(plan.annotations, key))
      out.step("append", stream, "to " + *file);
  }
}

void describe_network(Description& out, const Plan& plan) {
  out.phase("network");
  for (const NetDeviceStep& device : plan.net_devices) {
    out.step("move", device.host_name, device.name == device.host_name ? "" : "as " + device.name);
  }
  if (plan.loopback_up) out.step("bring up", "lo");
}

std::string source_of(const MountStep& step) {
  switch (step.kind) {
    case MountKind::filesystem:
      return step.type;
    case MountKind::bind:
      return "from " + step.source;
    case MountKind::cgroup:
      return step.type;
    case MountKind::remount:
      return "";
  }
  return "";
}

void describe_mount(Description& out, const MountStep& step) {
  const char* action = step.kind == MountKind::bind      ? "bind"
                       : step.kind == MountKind::remount ? "remount"
                                                         : "mount";
  std::string detail = source_of(step);
  if (const std::string options = words::mount_options(step.options); !options.empty()) {
    detail += (detail.empty() ? "" : " ") + options;
  }
  if (step.id_mapped()) detail += " id-mapped";
  out.step(action, step.destination, detail);
}

void describe_rootfs(Description& out, const Plan& plan) {
  const RootfsPlan& rootfs = plan.rootfs;
  out.phase("mounts");
  out.step("attach", rootfs.path, "as /");
  for (const MountStep& step : rootfs.mounts) describe_mount(out, step);
  out.phase("devices");
  for (const DeviceStep& device : rootfs.devices) {
    const char type = S_ISCHR(device.type) ? 'c' : S_ISBLK(device.type) ? 'b' : 'p';
    out.step(rootfs.in_user_namespace ? "bind" : "make", device.path,
             fmt::format("{} {}:{} mode {:04o} owner {}:{}", type, major(device.number),
                         minor(device.number), device.mode, device.uid, device.gid));
  }
  for (const auto& [name, target] : rootfs.links) out.step("link", name, "to " + target);
}

void describe_closing(Description& out, const Plan& plan) {
  const RootfsPlan& rootfs = plan.rootfs;
  out.phase("root");
  describe_hooks(out, plan.hooks.create_container, "createContainer");
  out.step(rootfs.no_pivot ? "chroot" : "pivot_root", "/");
  if (plan.process.stdio == Stdio::terminal)
    out.step("open", "/dev/console", "a new pseudoterminal");
  if (rootfs.readonly) out.step("remount", "/", "ro");
  for (const SysctlStep& step : plan.sysctl)
    out.step("write", "/proc/sys/" + step.path, step.value);
  if (!plan.process.apparmor_profile.empty())
    out.step("change to", "AppArmor profile", plan.process.apparmor_profile);
  if (!plan.process.selinux_label.empty())
    out.step("change to", "SELinux label", plan.process.selinux_label);
  for (const std::string& path : rootfs.masked_paths) out.step("mask", path);
  for (const std::string& path : rootfs.readonly_paths) out.step("make read-only", path);
  if (rootfs.propagation != 0)
    out.step("set propagation", "/", words::propagation(rootfs.propagation));
}

void describe_seccomp(Description& out, const std::optional<SeccompProgram>& program) {
  if (!program) return;
  constexpr std::size_t instruction_size = 8;
  out.step("load", "seccomp filter",
           fmt::format("{} instructions", program->filter.size() / instruction_size));
  if (program->notify) out.step("send", "seccomp listener", "to " + program->listener_path);
}

std::string groups(const ProcessPlan& process) {
  if (process.which_groups == Groups::kept) return "groups of the caller";
  return process.groups.empty() ? "" : fmt::format("groups {}", fmt::join(process.groups, ","));
}

void describe_credentials(Description& out, const ProcessPlan& process) {
  const CapabilityPlan& sets = process.capabilities;
  out.step("keep", "bounding", words::capabilities(sets.bounding));
  out.step("set", "effective", words::capabilities(sets.effective));
  out.step("set", "permitted", words::capabilities(sets.permitted));
  out.step("set", "inheritable", words::capabilities(sets.inheritable));
  out.step("set", "ambient", words::capabilities(sets.ambient));
  out.step("become", fmt::format("uid {} gid {}", process.uid, process.gid), groups(process));
}

void describe_process(Description& out, const Plan& plan) {
  const ProcessPlan& process = plan.process;
  out.phase("process");
  if (process.no_new_privileges) out.step("set", "no_new_privs");
  const SchedulingPlan& scheduling = process.scheduling;
  if (scheduling.scheduler) {
    out.step("set", "scheduler",
             fmt::format("policy {} nice {} priority {}", scheduling.scheduler->policy,
                         scheduling.scheduler->nice, scheduling.scheduler->priority));
  }
  if (scheduling.io_priority)
    out.step("set", "I/O priority", fmt::format("{:#x}", *scheduling.io_priority));
  if (scheduling.personality)
    out.step("set", "personality", fmt::format("{:#x}", *scheduling.personality));
  if (scheduling.memory_policy)
    out.step("set", "memory policy", fmt::format("mode {:#x}", scheduling.memory_policy->mode));
  out.step("enter", process.cwd, "made when it is missing");
  out.step("set", "umask", fmt::format("{:04o}", process.umask));
  for (const RlimitStep& limit : process.rlimits) {
    out.step("limit", limit.type,
             fmt::format("{} {}", words::limit(limit.value.rlim_cur),
                         words::limit(limit.value.rlim_max)));
  }
  if (!process.no_new_privileges) describe_seccomp(out, plan.seccomp);
  describe_credentials(out, process);
}

void describe_start(Description& out, const Plan& plan) {
  out.phase("start");
  out.step("wait", "for start");
  describe_hooks(out, plan.hooks.start_container, "startContainer");
  for (const int fd : plan.process.inherited_fds)
    out.step("pass", fmt::format("descriptor {}", fd));
  if (plan.process.no_new_privileges) describe_seccomp(out, plan.seccomp);
  out.step("execute", plan.process.args.front(),
           fmt::format("{}", fmt::join(plan.process.args, " ")));
  describe_hooks(out, plan.hooks.poststart, "poststart");
}

}  // namespace

std::vector<DescribedStep> describe(const Plan& plan, const cgroups::Hierarchies& hierarchies) {
  Description out;
  describe_cgroup(out, plan, hierarchies);
  describe_stage(out, plan.namespaces, plan.process.oom_score_adj);
  describe_network(out, plan);
  out.phase("names");
  if (plan.session_keyring) out.step("join", "session keyring", "_ses." + plan.id);
  if (!plan.hostname.empty()) out.step("set", "hostname", plan.hostname);
  if (!plan.domainname.empty()) out.step("set", "domainname", plan.domainname);
  out.phase("hooks");
  describe_hook_output(out, plan);
  describe_hooks(out, plan.hooks.prestart, "prestart");
  describe_hooks(out, plan.hooks.create_runtime, "createRuntime");
  describe_rootfs(out, plan);
  describe_closing(out, plan);
  describe_process(out, plan);
  describe_start(out, plan);
  return out.take();
}

}  // namespace ocelot
