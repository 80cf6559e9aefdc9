#include "runtime/steps/mount_sources.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>

#include <algorithm>

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/process.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_mounts.hpp"
#include "runtime/steps/rootfs.hpp"

namespace ocelot {
namespace {

// What is copied from the host receives the host's mount events but sends none, unless the plan
// says otherwise: the copies are made outside the container's mount namespace, where they would be
// full peers of their originals.
void set_propagation(int tree, unsigned long propagation) {
  mount_attr attributes{};
  attributes.propagation = propagation;
  sys::set_mount_attributes(tree, attributes, AT_RECURSIVE);
}

UniqueFd open_rootfs(const RootfsPlan& plan) {
  Context at{[&] { return fmt::format("rootfs {}", plan.path); }};
  UniqueFd tree = sys::clone_tree(AT_FDCWD, plan.path, AT_RECURSIVE);
  if (!S_ISDIR(sys::stat(tree.get()).st_mode))
    throw Error{ErrorKind::InvalidSpec, "is no directory", ENOTDIR}.with_hint(
        "root.path names the directory that becomes / of the container");
  // Never a full peer of the host, whatever the finished root is to be: the tree is built in this
  // copy.
  set_propagation(tree.get(), plan.host_propagation == MS_PRIVATE ? MS_PRIVATE : MS_SLAVE);
  return tree;
}

void map_ids(int mount, const MountStep& step) {
  const UniqueFd userns = step.id_map_namespace.empty()
                              ? make_user_namespace(step.uid_mappings, step.gid_mappings)
                              : sys::open(AT_FDCWD, step.id_map_namespace, O_RDONLY);
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_IDMAP;
  attributes.userns_fd = static_cast<std::uint64_t>(userns.get());
  const int error_number =
      sys::try_set_mount_attributes(mount, attributes, step.options.ridmap ? AT_RECURSIVE : 0u);
  if (error_number == 0) return;
  throw Error{error_number == EINVAL ? ErrorKind::Unsupported : ErrorKind::Failed,
              fmt::format("id-map {}", step.source.empty() ? step.type : step.source), error_number}
      .with_hint(error_number == EINVAL ? "this file system does not support id-mapped mounts"
                                        : "");
}

UniqueFd open_copy(const RootfsPlan& plan, const MountStep& step) {
  const bool follow = !step.options.src_nofollow && !step.options.copy_symlink;
  UniqueFd tree = sys::clone_tree(
      AT_FDCWD, step.source,
      (step.options.recursive ? AT_RECURSIVE : 0u) | (follow ? 0u : unsigned{AT_SYMLINK_NOFOLLOW}));
  if (plan.host_propagation != MS_SHARED) set_propagation(tree.get(), plan.host_propagation);
  set_attributes(tree.get(), step.options.recursive_set, step.options.recursive_clear,
                 AT_RECURSIVE);
  set_attributes(tree.get(), step.options.set, step.options.clear);
  return tree;
}

UniqueFd open_outside(const RootfsPlan& plan, const MountStep& step) {
  Context at{[&] { return fmt::format("mounts[{}] {}", step.index, step.destination); }};
  UniqueFd mount =
      step.kind == MountKind::bind ? open_copy(plan, step) : make_filesystem(step, std::nullopt);
  if (step.id_mapped()) map_ids(mount.get(), step);
  return mount;
}

UniqueFd open_node(const std::string& path, mode_t type, dev_t number) {
  UniqueFd node = sys::clone_tree(AT_FDCWD, path);
  const struct stat facts = sys::stat(node.get());
  if ((facts.st_mode & S_IFMT) != type || facts.st_rdev != number) {
    throw Error{ErrorKind::Failed, fmt::format("{} on the host is not the device {}:{}", path,
                                               major(number), minor(number))}
        .with_hint("the host lacks it: mount a devtmpfs on its /dev, or make the node");
  }
  set_propagation(node.get(), MS_PRIVATE);
  set_attributes(node.get(), MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, 0);
  return node;
}

}  // namespace

MountSources open_mount_sources(const RootfsPlan& plan) {
  MountSources sources;
  sources.rootfs = open_rootfs(plan);
  sources.binds = open_binds(plan, 0);
  if (plan.in_user_namespace) {
    for (const DeviceStep& device : plan.devices) {
      Context at{[&] { return fmt::format("device {}", device.path); }};
      if (device.type != S_IFIFO)
        sources.device_nodes.emplace(device.path,
                                     open_node(device.path, device.type, device.number));
    }
  }
  if (!plan.masked_paths.empty()) {
    Context at{text("the device that masks files")};
    sources.null_device = open_node("/dev/null", S_IFCHR, makedev(1, 3));
    // Or the container's root could change the mode of the host's inode.
    set_attributes(sources.null_device.get(), MOUNT_ATTR_RDONLY, 0);
  }
  return sources;
}

std::deque<UniqueFd> open_binds(const RootfsPlan& plan, std::size_t first) {
  std::deque<UniqueFd> binds;
  for (std::size_t i = first; i < plan.mounts.size() && binds.size() < binds_at_once; ++i) {
    if (plan.mounts[i].made_outside()) binds.push_back(open_outside(plan, plan.mounts[i]));
  }
  return binds;
}

bool takes_covered_mode(const MountStep& step) {
  return step.type == "tmpfs" &&
         std::none_of(step.options.data.begin(), step.options.data.end(),
                      [](const std::string& option) { return option.starts_with("mode="); });
}

void set_options(sys::FilesystemContext& context, const std::vector<std::string>& flags,
                 const std::vector<std::string>& data) {
  for (const std::string& flag : flags) context.set_flag(flag);
  for (const std::string& option : data) {
    const std::size_t equals = option.find('=');
    if (equals == std::string::npos) {
      context.set_flag(option);
    } else {
      context.set_string(option.substr(0, equals), option.substr(equals + 1));
    }
  }
}

UniqueFd make_filesystem(const MountStep& step, std::optional<mode_t> mode) {
  std::vector<std::string> flags = step.options.superblock_flags;
  std::uint64_t attributes = step.options.set;
  if (step.sealed_late()) {
    std::erase(flags, "ro");
    attributes &= ~std::uint64_t{MOUNT_ATTR_RDONLY};
  }
  sys::FilesystemContext context(step.type);
  if (!step.source.empty()) context.set_string("source", step.source);
  set_options(context, flags, step.options.data);
  if (mode) context.set_string("mode", fmt::format("{:o}", *mode));
  return context.mount(static_cast<unsigned>(attributes));
}

UniqueFd make_user_namespace(const std::vector<oci::IdMapping>& uids,
                             const std::vector<oci::IdMapping>& gids) {
  // A namespace lives as long as a descriptor of it: a process only has to be in it while it is
  // made.
  sys::Pipe hold = sys::pipe();
  ChildProcess holder = spawn(
      "ocelot:[USERNS]", {.flags = CLONE_NEWUSER},
      [&] {
        hold.write_end.reset();
        char byte;
        return static_cast<int>(sys::read_some(hold.read_end.get(), {&byte, 1}));
      },
      [](const Error&) {});
  const UniqueFd process =
      sys::open(AT_FDCWD, fmt::format("/proc/{}", holder.pid()), O_PATH | O_DIRECTORY);
  write_value(process.get(), "uid_map", id_map_text(uids));
  write_value(process.get(), "gid_map", id_map_text(gids));
  return sys::open(process.get(), "ns/user", O_RDONLY);
}

std::string id_map_text(const std::vector<oci::IdMapping>& mappings) {
  std::string lines;
  for (const oci::IdMapping& mapping : mappings) {
    lines += fmt::format("{} {} {}\n", mapping.container_id, mapping.host_id, mapping.size);
  }
  return lines;
}

}  // namespace ocelot
