#include <fmt/core.h>

#include <algorithm>

#include "oci/checker.hpp"
#include "oci/names.hpp"
#include "oci/paths.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::oci {
namespace {

void check_devices(Checker& check, const std::vector<Device>& devices) {
  constexpr const char* section = "config-linux.md#devices";
  for (std::size_t i = 0; i < devices.size(); ++i) {
    const Device& device = devices[i];
    const std::string at = fmt::format("/linux/devices/{}", i);
    if (device.path.empty()) {
      check.refuse(at + "/path", "required",
                   "is required: write the absolute path in the container", section);
    } else if (device.path[0] != '/') {
      check.refuse(at + "/path", "device-path-absolute",
                   fmt::format("\"{}\" must be an absolute path: write \"/dev/{}\"",
                               printable(device.path), printable(device.path)),
                   section);
    }
    if (device.type == DeviceType::fifo) continue;
    const auto check_number = [&](const char* name, const std::optional<std::int64_t>& number,
                                  std::int64_t max) {
      if (!number) {
        check.refuse(fmt::format("{}/{}", at, name), "required",
                     "is required unless the type is \"p\"", section);
      } else if (*number < 0 || *number > max) {
        check.refuse(fmt::format("{}/{}", at, name), "device-number",
                     fmt::format("{} is outside 0 to {}", *number, max), section);
      }
    };
    check_number("major", device.major, (1 << 12) - 1);  // the kernel's dev_t: 12 and 20 bits
    check_number("minor", device.minor, (1 << 20) - 1);
  }
}

void check_paths(Checker& check, const char* member, const std::vector<std::string>& paths,
                 const char* section) {
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (paths[i].starts_with('/')) continue;
    check.refuse(
        fmt::format("/linux/{}/{}", member, i), "path-absolute",
        fmt::format("\"{}\" must be an absolute path in the container", printable(paths[i])),
        section);
  }
}

// What systemd takes: "slice:prefix:name", the slice empty or ending in .slice.
void check_systemd_path(Checker& check, const std::string& path) {
  constexpr const char* section = "config-linux.md#cgroups-path";
  const auto parts = split(path, ':');
  const bool three = parts.size() == 3 && !parts[2].empty();
  const bool slice = three && (parts[0].empty() || parts[0] == "-.slice" ||
                               (parts[0].ends_with(".slice") && parts[0].size() > 6));
  if (!three || !slice || path.find('/') != std::string::npos) {
    check.refuse("/linux/cgroupsPath", "cgroups-path-systemd",
                 fmt::format("expected cgroupsPath to be of format \"slice:prefix:name\" for "
                             "systemd cgroups, got \"{}\" instead",
                             printable(path)),
                 section);
  }
}

void check_cgroups_path(Checker& check, const std::string& path) {
  constexpr const char* section = "config-linux.md#cgroups-path";
  if (path.empty()) return;
  if (path.size() > 4096 ||
      std::any_of(path.begin(), path.end(), [](char c) { return c == '\n' || c == '\0'; })) {
    return check.refuse("/linux/cgroupsPath", "cgroups-path",
                        "is longer than 4096 bytes or has a line break", section);
  }
  if (check.host.systemd_cgroup) return check_systemd_path(check, path);
  if (path[0] != '/' && std::count(path.begin(), path.end(), ':') == 2 &&
      path.find(".slice:") != std::string::npos) {
    return check.refuse("/linux/cgroupsPath", "cgroups-path-systemd",
                        fmt::format("\"{}\" is a path for systemd: run with --systemd-cgroup, or "
                                    "write a path like \"/group/name\"",
                                    printable(path)),
                        section);
  }
  const std::string_view below =
      path[0] == '/' ? std::string_view(path).substr(1) : std::string_view(path);
  for (const std::string_view part : split(below, '/')) {
    if (!part.empty() && part != "." && part != ".." && part.size() <= 255) continue;
    return check.refuse(
        "/linux/cgroupsPath", "cgroups-path",
        fmt::format("\"{}\" must not have empty, \".\", \"..\" or more than 255 bytes long parts",
                    printable(path)),
        section);
  }
}

void check_personality(Checker& check, const Personality& personality) {
  constexpr const char* section = "config-linux.md#personality";
  if (!personality_number(personality.domain)) {
    check.refuse(
        "/linux/personality/domain", "personality-domain",
        fmt::format("\"{}\" is unknown: write LINUX or LINUX32", printable(personality.domain)),
        section);
  }
  if (!personality.flags.empty()) {
    check.refuse("/linux/personality/flags", "personality-flags",
                 "no flag is defined: leave it out", section);
  }
}

}  // namespace

void check_linux(Checker& check, const Spec& spec) {
  const Linux& linux_ = *spec.linux_;
  check_devices(check, linux_.devices);
  check_cgroups_path(check, linux_.cgroups_path);
  if (linux_.resources)
    check_resources(check, "/linux/resources", *linux_.resources, Purpose::create);
  check_sysctl(check, spec);
  if (linux_.seccomp) check_seccomp(check, "/linux/seccomp", *linux_.seccomp);
  if (!linux_.rootfs_propagation.empty() && !propagation_flags(linux_.rootfs_propagation)) {
    check.refuse("/linux/rootfsPropagation", "rootfs-propagation",
                 fmt::format("\"{}\" is unknown: write shared, slave, private or unbindable",
                             printable(linux_.rootfs_propagation)),
                 "config-linux.md#rootfs-mount-propagation");
  }
  check_paths(check, "maskedPaths", linux_.masked_paths, "config-linux.md#masked-paths");
  for (std::size_t i = 0; i < linux_.masked_paths.size(); ++i) {
    if (clean_path(linux_.masked_paths[i]) != "/") continue;
    check.refuse(fmt::format("/linux/maskedPaths/{}", i), "masked-root",
                 "\"/\" is all that the container has: name what is to be hidden",
                 "config-linux.md#masked-paths");
  }
  check_paths(check, "readonlyPaths", linux_.readonly_paths, "config-linux.md#readonly-paths");
  if (!linux_.mount_label.empty() && !check.host.selinux) {
    check.refuse("/linux/mountLabel", "selinux-disabled",
                 "selinux label is specified in config, but selinux is disabled or not supported: "
                 "leave it out",
                 "config-linux.md#mount-label");
  }
  if (linux_.intel_rdt) check_intel_rdt(check, *linux_.intel_rdt);
  if (linux_.memory_policy) check_memory_policy(check, *linux_.memory_policy);
  if (linux_.personality) check_personality(check, *linux_.personality);
}

}  // namespace ocelot::oci
