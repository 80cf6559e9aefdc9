#include "runtime/host.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <linux/capability.h>
#include <sys/stat.h>

#include <algorithm>

#include "oci/names.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/kernel_abi.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/base/text.hpp"

namespace ocelot {
namespace {

constexpr const char* initial_user_namespace = "user:[4026531837]";

// "hugepages-2048kB" -> "2MB", as config.json and the hugetlb controller spell it.
std::vector<std::string> hugepage_sizes() {
  std::vector<std::string> sizes;
  const auto directory =
      sys::open_if_exists(AT_FDCWD, "/sys/kernel/mm/hugepages", O_RDONLY | O_DIRECTORY);
  if (!directory) return sizes;
  for (const sys::DirectoryEntry& entry : sys::list_directory(directory->get())) {
    std::string_view name = entry.name;
    if (!name.starts_with("hugepages-") || !name.ends_with("kB")) continue;
    name.remove_prefix(sizeof "hugepages-" - 1);
    name.remove_suffix(2);
    const auto kib = parse_integer<std::uint64_t>(name);
    if (!kib) continue;
    if (*kib >= 1u << 20) {
      sizes.push_back(fmt::format("{}GB", *kib >> 20));
    } else if (*kib >= 1u << 10) {
      sizes.push_back(fmt::format("{}MB", *kib >> 10));
    } else {
      sizes.push_back(fmt::format("{}KB", *kib));
    }
  }
  return sizes;
}

bool apparmor_enabled() {
  const auto enabled = read_file_if_exists(AT_FDCWD, "/sys/module/apparmor/parameters/enabled");
  return enabled && enabled->starts_with("Y");
}

bool selinux_enabled() {
  return sys::open_if_exists(AT_FDCWD, "/sys/fs/selinux/enforce", O_PATH).has_value();
}

std::string resctrl_mount_point() {
  const std::string mounts = read_file(AT_FDCWD, "/proc/self/mountinfo");
  for (const std::string_view line : split(mounts, '\n')) {
    if (line.find(" - resctrl ") == std::string_view::npos) continue;
    const auto fields = split(line, ' ');
    if (fields.size() > 4) return std::string(fields[4]);
  }
  return {};
}

int last_capability() {
  for (int capability = CAP_LAST_CAP;; ++capability) {
    if (!sys::bounding_capability(capability + 1)) return capability;
  }
}

bool callers_own(int file, oci::NamespaceType type) {
  int ignored = 0;
  const UniqueFd ours = sys::try_openat2(
      AT_FDCWD, fmt::format("/proc/self/ns/{}", oci::file_of(type)), O_PATH, 0, ignored);
  if (!ours) return false;
  return sys::same_file(sys::stat(file), sys::stat(ours.get()));
}

// 0 for what is none. It is opened for reading only when it is known to be a namespace.
int clone_flag_of(int file) {
  if (static_cast<unsigned long>(sys::statfs(file).f_type) != nsfs_super_magic) return 0;
  int ignored = 0;
  const UniqueFd readable = sys::try_openat2(AT_FDCWD, fmt::format("/proc/self/fd/{}", file),
                                             O_RDONLY | O_NONBLOCK, 0, ignored);
  return readable ? sys::namespace_type(readable.get()).value_or(0) : 0;
}

void look_at_namespaces(const std::vector<oci::Namespace>& namespaces, oci::HostFacts& facts) {
  for (const oci::Namespace& joined : namespaces) {
    if (!joined.path.starts_with('/')) continue;
    oci::NamespaceFile file{.path = joined.path};
    const UniqueFd there = sys::try_openat2(AT_FDCWD, joined.path, O_PATH, 0, file.error_number);
    if (there) {
      file.clone_flag = clone_flag_of(there.get());
      if (callers_own(there.get(), joined.type))
        facts.callers_own_namespaces.push_back(joined.path);
    }
    facts.namespace_files.push_back(std::move(file));
  }
}

}  // namespace

bool in_user_namespace() {
  return sys::read_link(AT_FDCWD, "/proc/self/ns/user") != initial_user_namespace;
}

void look_at_labels(const oci::Spec& spec, oci::HostFacts& facts) {
  if (spec.process && !spec.process->apparmor_profile.empty()) facts.apparmor = apparmor_enabled();
  const bool selinux_asked = (spec.process && !spec.process->selinux_label.empty()) ||
                             (spec.linux_ && !spec.linux_->mount_label.empty());
  if (selinux_asked) facts.selinux = selinux_enabled();
}

Host gather_host(const oci::Spec& spec, const GlobalOptions& global) {
  Host host;
  host.uid = sys::effective_uid();
  host.gid = sys::effective_gid();
  host.capabilities = sys::effective_capabilities();
  host.hierarchies = cgroups::detect();

  oci::HostFacts& facts = host.facts;
  facts.in_user_namespace = in_user_namespace();
  if (facts.in_user_namespace) {
    const auto setgroups = read_file_if_exists(AT_FDCWD, "/proc/self/setgroups");
    facts.setgroups_denied = setgroups && setgroups->starts_with("deny");
  }
  facts.privileged = (host.capabilities >> CAP_SYS_ADMIN & 1) != 0;
  facts.cgroup_v2 = host.hierarchies.mode == cgroups::Mode::unified;
  facts.systemd_cgroup = global.cgroup_manager == cgroups::Manager::systemd;
  if (facts.systemd_cgroup) host.systemd = cgroups::find_systemd(host.hierarchies);
  for (const cgroups::Hierarchy& hierarchy : host.hierarchies.all) {
    facts.cgroup_controllers.insert(facts.cgroup_controllers.end(), hierarchy.controllers.begin(),
                                    hierarchy.controllers.end());
  }
  facts.last_capability = last_capability();

  look_at_labels(spec, facts);
  if (!spec.linux_) return host;
  if (spec.linux_->resources && !spec.linux_->resources->hugepage_limits.empty())
    facts.hugepage_sizes = hugepage_sizes();
  if (spec.linux_->intel_rdt) facts.resctrl = resctrl_mount_point();
  look_at_namespaces(spec.linux_->namespaces, facts);
  return host;
}

Host gather_host(const oci::Bundle& bundle, const GlobalOptions& global) {
  const trace::Span span{text("facts about the host")};
  Host host = gather_host(bundle.spec, global);
  if (bundle.spec.root && !bundle.spec.root->path.empty()) {
    sys::try_openat2(bundle.directory.get(), bundle.spec.root->path, O_PATH | O_DIRECTORY, 0,
                     host.facts.root_error)
        .reset();
  }
  return host;
}

}  // namespace ocelot
