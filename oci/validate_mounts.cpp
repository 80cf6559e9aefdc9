#include <fmt/core.h>

#include <algorithm>

#include "oci/checker.hpp"
#include "oci/idmap_option.hpp"
#include "oci/mount_options.hpp"
#include "oci/paths.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::oci {
namespace {

constexpr const char* section = "config.md#mounts";

// Files of /proc that lxcfs and others put their own in place of. All else of /proc is how the
// runtime and the container's programs see processes and labels, and must be what the kernel shows.
constexpr std::string_view coverable[] = {
    "/proc/cpuinfo",
    "/proc/diskstats",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/swaps",
    "/proc/uptime",
    "/proc/loadavg",
    "/proc/slabinfo",
    "/proc/sys/kernel/ns_last_pid",
    "/proc/sys/crypto/fips_enabled",
};

bool is_bind(const Mount& mount, const MountOptions& options) {
  return options.bind || mount.type == "bind";
}

void check_destination(Checker& check, const std::string& at, const Mount& mount, bool bind) {
  if (mount.destination.empty()) {
    return check.refuse(at, "required", "is required: write the absolute path in the container",
                        section);
  }
  if (mount.destination[0] != '/') {
    check.warn(
        at, "mount-destination-absolute",
        fmt::format("a relative destination is deprecated and taken from \"/\": write \"/{}\"",
                    printable(mount.destination)),
        section);
  }
  const std::string clean = clean_path(mount.destination);
  if (clean == "/") {
    return check.refuse(at, "mount-over-root",
                        "a mount over the container's root would hide it: set root.path instead",
                        section);
  }
  if (clean == "/proc") {
    // Whether what is bound is a procfs is seen when it is mounted.
    if (mount.type != "proc" && !bind) {
      check.refuse(
          at, "mount-over-proc",
          fmt::format("\"/proc\" cannot be mounted because it is not of type proc but \"{}\"",
                      printable(mount.type)),
          section);
    }
  } else if (clean.starts_with("/proc/") &&
             std::find(std::begin(coverable), std::end(coverable), clean) == std::end(coverable)) {
    check.refuse(at, "mount-inside-proc",
                 fmt::format("\"{}\" cannot be mounted because it is inside /proc: use "
                             "linux.maskedPaths or linux.readonlyPaths",
                             printable(mount.destination)),
                 section);
  }
}

void check_idmap_ranges(Checker& check, const std::string& at, const Mount& mount,
                        const std::string& ranges, const Spec& spec) {
  if (!mount.uid_mappings.empty() || !mount.gid_mappings.empty()) {
    return check.refuse(
        at + "/options", "mount-idmap-twice",
        "the option \"idmap=...\" stands beside uidMappings and gidMappings: remove "
        "either",
        section);
  }
  const std::vector<IdMapping> none;
  const auto option = parse_idmap_option(ranges, spec.linux_ ? spec.linux_->uid_mappings : none,
                                         spec.linux_ ? spec.linux_->gid_mappings : none);
  if (!option) {
    return check.refuse(
        at + "/options", "mount-idmap-ranges",
        fmt::format("\"idmap={}\" is no mapping: write idmap=uids=0-1000-10;gids=0-1000-10, more "
                    "ranges behind '#', and '@' before a range whose second number is an id of the "
                    "container's user namespace, all of it in one mapping there",
                    printable(ranges)),
        section);
  }
  check_mappings(check, at + "/options", option->uids, section);
  check_mappings(check, at + "/options", option->gids, section);
}

// Nothing else is known to be impossible: what a file system supports the kernel says.
void check_can_be_idmapped(Checker& check, const std::string& at, const Mount& mount,
                           const MountOptions& options) {
  if (options.remount) {
    return check.refuse(at, "mount-idmap-remount",
                        "what is mounted already cannot be id-mapped: give the mappings to the "
                        "mount that is remounted",
                        section);
  }
  if (is_bind(mount, options)) return;
  for (const std::string_view type : {"proc", "sysfs", "mqueue", "devpts", "cgroup", "cgroup2"}) {
    if (mount.type != type) continue;
    check.refuse(at, "mount-idmap-type",
                 fmt::format("a file system of type {} cannot be id-mapped: leave idmap, "
                             "uidMappings and gidMappings out",
                             type),
                 section);
  }
}

void check_idmap(Checker& check, const std::string& at, const Mount& mount,
                 const MountOptions& options, const Spec& spec) {
  if (mount.uid_mappings.empty() != mount.gid_mappings.empty()) {
    const bool uids_missing = mount.uid_mappings.empty();
    check.refuse(fmt::format("{}/{}", at, uids_missing ? "uidMappings" : "gidMappings"),
                 "mount-mappings-both", "uidMappings and gidMappings must be given together",
                 section);
  }
  check_mappings(check, at + "/uidMappings", mount.uid_mappings, section);
  check_mappings(check, at + "/gidMappings", mount.gid_mappings, section);
  if (options.idmap || options.ridmap || !mount.uid_mappings.empty())
    check_can_be_idmapped(check, at, mount, options);
  if (options.idmap_ranges)
    return check_idmap_ranges(check, at, mount, *options.idmap_ranges, spec);
  const bool asked = options.idmap || options.ridmap;
  if (asked && mount.uid_mappings.empty() && mount.gid_mappings.empty() &&
      find_namespace(spec, NamespaceType::user) == nullptr) {
    check.refuse(
        at + "/options", "mount-idmap-mappings",
        fmt::format(
            "\"{}\" needs uidMappings and gidMappings, or a user namespace whose mappings it takes",
            options.ridmap ? "ridmap" : "idmap"),
        section);
  }
}

void check_mount(Checker& check, const std::string& at, const Mount& mount, const Spec& spec) {
  const MountOptions options = parse_mount_options(mount.options);
  const bool bind = is_bind(mount, options);
  check_destination(check, at + "/destination", mount, bind);
  if (bind && mount.source.empty()) {
    check.refuse(at + "/source", "required",
                 "is required for a bind mount: write the path on the host", section);
  }
  if (bind && !options.data.empty()) {
    std::string words;
    for (const std::string& word : options.data)
      words.append(words.empty() ? "" : ", ").append(printable(word));
    check.refuse(at + "/options", "mount-bind-data",
                 fmt::format("a bind mount takes no options of a file system: remove {}", words),
                 section);
  }
  if (!bind && !options.remount && (mount.type.empty() || mount.type == "none")) {
    check.refuse(at + "/type", "mount-type",
                 "is required: write a file system of /proc/filesystems, or \"bind\" with the "
                 "option \"bind\" or \"rbind\"",
                 section);
  }
  if (options.tmpcopyup && mount.type != "tmpfs") {
    check.warn(at + "/options", "mount-tmpcopyup",
               "tmpcopyup is ignored: only a tmpfs can copy what it covers", section);
  }
  check_idmap(check, at, mount, options, spec);
}

}  // namespace

void check_mounts(Checker& check, const std::string& at, const std::vector<Mount>& mounts,
                  const Spec& spec) {
  for (std::size_t i = 0; i < mounts.size(); ++i) {
    check_mount(check, fmt::format("{}/{}", at, i), mounts[i], spec);
  }
}

}  // namespace ocelot::oci
