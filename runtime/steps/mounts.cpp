#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <optional>

#include "runtime/base/error.hpp"
#include "runtime/base/kernel_abi.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_mounts.hpp"
#include "runtime/steps/rootfs.hpp"

namespace ocelot {
namespace {

// The files of /proc that lxcfs and its like lay themselves over; everything else there is what the
// runtime and the masks rely on (CVE-2015-3631, CVE-2019-16884).
bool may_cover(const std::string& proc_path) {
  static constexpr std::array allowed{"/proc/cpuinfo",
                                      "/proc/diskstats",
                                      "/proc/meminfo",
                                      "/proc/stat",
                                      "/proc/swaps",
                                      "/proc/uptime",
                                      "/proc/loadavg",
                                      "/proc/slabinfo",
                                      "/proc/sys/kernel/ns_last_pid",
                                      "/proc/sys/crypto/fips_enabled"};
  return std::find(allowed.begin(), allowed.end(), proc_path) != allowed.end();
}

UniqueFd directory_target(const Root& root, const MountStep& step) {
  UniqueFd target = root.make_directory(step.destination);
  if (step.type == "proc" || step.type == "sysfs") return root.plain_directory(step.destination);
  return target;
}

// A tmpfs that was made before it was known what it covers gets the mode now. Where its root
// belongs to nobody whose id is mapped, it stays as it was made.
void change_mode(const MountStep& step, int mount, mode_t mode) {
  const int error_number = sys::try_change_mode(mount, mode);
  if (error_number != 0 && error_number != EPERM)
    sys::fail(error_number, fmt::format("chmod {}", step.destination));
}

// That of the directory, unless it is made only now: a tmpfs is then as the kernel makes one.
std::optional<mode_t> covered_mode(const Root& root, const MountStep& step) {
  if (!takes_covered_mode(step)) return std::nullopt;
  const auto there = root.find(step.destination);
  return there ? std::optional<mode_t>{sys::stat(there->get()).st_mode & 07777} : std::nullopt;
}

std::uint64_t late_attributes(const MountStep& step) {
  return step.sealed_late() ? step.attributes() & MOUNT_ATTR_RDONLY : 0;
}

// `made` is an id-mapped one; else it is made here.
void attach_filesystem(const Root& root, const MountStep& step, UniqueFd made,
                       std::vector<UniqueFd>& to_seal) {
  const std::optional<mode_t> mode = covered_mode(root, step);
  const UniqueFd target = directory_target(root, step);
  refuse_covering_root(root, step, target.get());
  refuse_covering_proc(step, target.get());
  UniqueFd mount = std::move(made);
  if (!mount) {
    mount = make_filesystem(step, mode);
  } else if (mode) {
    change_mode(step, mount.get(), *mode);
  }
  if (step.options.tmpcopyup && step.type == "tmpfs") copy_up(target.get(), mount.get());
  set_attributes(mount.get(), step.options.recursive_set & ~late_attributes(step),
                 step.options.recursive_clear);
  sys::attach(mount.get(), target.get());
  if (late_attributes(step) != 0) to_seal.push_back(std::move(mount));
}

// What mount(2) would take along: of a bind mount it changes the attributes alone.
void reconfigure(const MountStep& step, int mount) {
  std::vector<std::string> flags = step.options.superblock_flags;
  std::erase(flags, "ro");  // of the mount; others may have the same file system
  if (step.options.bind || (flags.empty() && step.options.data.empty())) return;
  sys::FilesystemContext context = sys::FilesystemContext::of_mount(step.type, mount);
  set_options(context, flags, step.options.data);
  context.reconfigure();
}

void change_existing(const Root& root, const MountStep& step, std::vector<UniqueFd>& to_seal) {
  auto target = root.find(step.destination);
  if (!target) sys::fail(ENOENT, fmt::format("remount {}", step.destination));
  reconfigure(step, target->get());
  const std::uint64_t late = late_attributes(step);
  set_attributes(target->get(), step.options.set & ~late, step.options.clear);
  set_attributes(target->get(), step.options.recursive_set & ~late, step.options.recursive_clear,
                 AT_RECURSIVE);
  if (late != 0) to_seal.push_back(std::move(*target));
}

void set_propagation_of(const Root& root, const MountStep& step) {
  if (step.options.propagation.empty()) return;
  const auto target = root.find(step.destination);
  if (!target) sys::fail(ENOENT, fmt::format("propagation of {}", step.destination));
  set_mount_propagation(target->get(), step);
}

}  // namespace

bool on_procfs(int fd) {
  return static_cast<unsigned long>(sys::statfs(fd).f_type) == proc_super_magic;
}

bool is_root(const Root& root, int fd) {
  return sys::same_file(sys::stat(root.fd()), sys::stat(fd));
}

void refuse_covering_root(const Root& root, const MountStep& step, int target) {
  if (!is_root(root, target)) return;
  throw Error{ErrorKind::InvalidSpec,
              fmt::format("{} leads to the root of the container, which a mount would not cover",
                          step.destination)}
      .with_hint("a symbolic link in the rootfs leads there: set root.path instead");
}

void refuse_covering_proc(const MountStep& step, int target) {
  if (step.type == "proc" || !on_procfs(target) || may_cover(step.destination)) return;
  throw Error{ErrorKind::InvalidSpec, fmt::format("{} lies in /proc", step.destination)}.with_hint(
      "only files such as /proc/meminfo may be mounted over, by that very path");
}

void set_mount_propagation(int mount, const MountStep& step) {
  for (const unsigned long flags : step.options.propagation) {
    mount_attr attributes{};
    attributes.propagation = flags & ~static_cast<unsigned long>(MS_REC);
    sys::set_mount_attributes(mount, attributes, (flags & MS_REC) != 0 ? AT_RECURSIVE : 0u);
  }
}

std::vector<UniqueFd> attach_mounts(const Root& root, const Plan& plan, MountSources& sources,
                                    const OpenBinds& more,
                                    const cgroups::Hierarchies& hierarchies) {
  std::vector<UniqueFd> to_seal;
  for (std::size_t i = 0; i < plan.rootfs.mounts.size(); ++i) {
    const MountStep& step = plan.rootfs.mounts[i];
    Context at{[&] {
                 return fmt::format("error mounting \"{}\" to rootfs at \"{}\": mounts[{}]",
                                    step.source, step.destination, step.index);
               },
               [&] { return fmt::format("mounts[{}] {}", step.index, step.destination); }};
    UniqueFd made;
    if (step.made_outside()) {
      if (sources.binds.empty()) sources.binds = more(i);
      made = std::move(sources.binds.front());
      sources.binds.pop_front();
    }
    switch (step.kind) {
      case MountKind::filesystem:
        attach_filesystem(root, step, std::move(made), to_seal);
        break;
      case MountKind::bind:
        attach_bind(root, step, made.get());
        continue;
      case MountKind::cgroup:
        attach_cgroup_mount(root, step, plan, hierarchies);
        break;
      case MountKind::remount:
        change_existing(root, step, to_seal);
        break;
    }
    set_propagation_of(root, step);
  }
  return to_seal;
}

void seal(const std::vector<UniqueFd>& mounts) {
  Context at{text("make what was mounted with \"ro\" read-only")};
  for (const UniqueFd& mount : mounts) set_attributes(mount.get(), MOUNT_ATTR_RDONLY, 0);
}

}  // namespace ocelot
