#include <fcntl.h>
#include <fmt/core.h>
#include <sys/sysmacros.h>

#include "runtime/base/error.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_mounts.hpp"
#include "runtime/steps/rootfs.hpp"

namespace ocelot {
namespace {

void check_node(int fd, const DeviceStep& device) {
  const struct stat facts = sys::stat(fd);
  if ((facts.st_mode & S_IFMT) == device.type &&
      (device.type == S_IFIFO || facts.st_rdev == device.number))
    return;
  throw Error{ErrorKind::InvalidSpec,
              fmt::format("{} exists and is another kind of file than the device {}:{}",
                          device.path, major(device.number), minor(device.number))}
      .with_hint("remove it from the rootfs, or leave the device out of linux.devices");
}

void make_node(const Root& root, const DeviceStep& device) {
  const UniqueFd directory = root.make_directory(parent_path(device.path));
  const std::string name = last_part(device.path);
  if (const auto there = sys::stat_if_exists(directory.get(), name)) {
    const UniqueFd node = sys::open(directory.get(), name, O_PATH | O_NOFOLLOW);
    return check_node(node.get(), device);
  }
  sys::make_node(directory.get(), name, device.type | device.mode, device.number);
  if (device.uid == 0 && device.gid == 0) return;
  const UniqueFd node = sys::open(directory.get(), name, O_PATH | O_NOFOLLOW);
  check_node(node.get(), device);
  sys::change_owner(node.get(), device.uid, device.gid);
}

void bind_node(const Root& root, const DeviceStep& device, const UniqueFd& source) {
  const UniqueFd target = root.make_file(device.path);
  sys::attach(source.get(), target.get());
}

void make_links(const Root& root, const std::vector<std::pair<std::string, std::string>>& links) {
  const UniqueFd dev = root.plain_directory("/dev");
  for (const auto& [name, target] : links) {
    Context at{[&name = name] { return fmt::format("link /dev/{}", name); }};
    if (name == "core" && !root.find(target)) continue;  // not every kernel has it
    const auto there = sys::stat_if_exists(dev.get(), name);
    if (there && S_ISLNK(there->st_mode) && sys::read_link(dev.get(), name) == target) continue;
    // ptmx must lead to the container's own devpts; the others may be what the image has in their
    // place.
    if (there && name != "ptmx") continue;
    if (there) sys::unlink(dev.get(), name);
    sys::make_symlink(target, dev.get(), name);
  }
}

}  // namespace

void make_devices(const Root& root, const RootfsPlan& plan, MountSources& sources) {
  for (const DeviceStep& device : plan.devices) {
    Context at{[&] { return fmt::format("device {}", device.path); }};
    if (plan.in_user_namespace && device.type != S_IFIFO) {
      bind_node(root, device, sources.device_nodes.at(device.path));
    } else {
      make_node(root, device);
    }
  }
  if (plan.own_dev) make_links(root, plan.links);
}

}  // namespace ocelot
