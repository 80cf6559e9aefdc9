#include "runtime/plan/devices.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>

#include "oci/paths.hpp"

namespace ocelot {
namespace {

DeviceStep node(const char* path, unsigned major_number, unsigned minor_number) {
  return {.path = path, .type = S_IFCHR, .number = makedev(major_number, minor_number)};
}

mode_t file_type(oci::DeviceType type) {
  switch (type) {
    case oci::DeviceType::block:
      return S_IFBLK;
    case oci::DeviceType::fifo:
      return S_IFIFO;
    case oci::DeviceType::character:
      break;
  }
  return S_IFCHR;
}

DeviceStep configured(const oci::Device& device) {
  return {.path = oci::clean_path(device.path),
          .type = file_type(device.type),
          .number = makedev(static_cast<unsigned>(device.major.value_or(0)),
                            static_cast<unsigned>(device.minor.value_or(0))),
          .mode = device.file_mode.value_or(0666) & 07777,  // engines send the type's bits along
          .uid = device.uid.value_or(0),
          .gid = device.gid.value_or(0)};
}

}  // namespace

std::vector<DeviceStep> plan_devices(const oci::Linux& linux_part, bool own_dev) {
  std::vector<DeviceStep> devices;
  if (own_dev) {
    devices = {node("/dev/null", 1, 3),   node("/dev/zero", 1, 5),    node("/dev/full", 1, 7),
               node("/dev/random", 1, 8), node("/dev/urandom", 1, 9), node("/dev/tty", 5, 0)};
  }
  for (const oci::Device& entry : linux_part.devices) {
    const DeviceStep device = configured(entry);
    // /dev/ptmx is a link into the container's own devpts.
    if (own_dev && device.path == "/dev/ptmx") continue;
    const auto same = std::find_if(devices.begin(), devices.end(), [&](const DeviceStep& other) {
      return other.path == device.path;
    });
    if (same == devices.end()) {
      devices.push_back(device);
    } else {
      *same = device;
    }
  }
  return devices;
}

std::vector<std::pair<std::string, std::string>> plan_device_links() {
  return {{"fd", "/proc/self/fd"},       {"stdin", "/proc/self/fd/0"},
          {"stdout", "/proc/self/fd/1"}, {"stderr", "/proc/self/fd/2"},
          {"core", "/proc/kcore"},       {"ptmx", "pts/ptmx"}};
}

namespace {

// Before 1.3 it was no limit, and engines write it for that. Since, it leaves room for one process,
// as in runc: with none there would be no container.
void plan_no_pids(const std::string& version, std::optional<oci::PidsResources>& pids) {
  if (!pids || pids->limit != 0) return;
  const bool means_none =
      version.starts_with("1.0.") || version.starts_with("1.1.") || version.starts_with("1.2.");
  if (means_none) {
    pids.reset();
  } else {
    pids->limit = 1;
  }
}

}  // namespace

oci::Resources plan_resources(const oci::Spec& spec) {
  const oci::Linux& linux_part = *spec.linux_;
  oci::Resources resources = linux_part.resources.value_or(oci::Resources{});
  plan_no_pids(spec.oci_version, resources.pids);
  for (const oci::Device& device : linux_part.devices) {
    if (device.type == oci::DeviceType::fifo) continue;
    resources.devices.push_back({.allow = true,
                                 .type = device.type == oci::DeviceType::block ? 'b' : 'c',
                                 .major = device.major,
                                 .minor = device.minor,
                                 .access = "rwm"});
  }
  return resources;
}

}  // namespace ocelot
