#include "oci/default_spec.hpp"

#include <nlohmann/json.hpp>

#include "oci/state.hpp"

namespace ocelot::oci {
namespace {

using Json = nlohmann::ordered_json;

Json process() {
  const Json capabilities = {"CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"};
  return {
      {"terminal", true},
      {"user", {{"uid", 0}, {"gid", 0}}},
      {"args", Json::array({"sh"})},
      {"env", {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"}},
      {"cwd", "/"},
      {"capabilities",
       {{"bounding", capabilities}, {"effective", capabilities}, {"permitted", capabilities}}},
      {"rlimits", {{{"type", "RLIMIT_NOFILE"}, {"hard", 1024}, {"soft", 1024}}}},
      {"noNewPrivileges", true}};
}

Json mount(const char* destination, const char* type, const char* source, Json options) {
  Json mount{{"destination", destination}, {"type", type}, {"source", source}};
  if (!options.empty()) mount["options"] = std::move(options);
  return mount;
}

Json mounts(bool rootless) {
  Json terminals = {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"};
  // The group of terminals is not mapped there, and sysfs belongs to the network namespace, which
  // is the host's.
  if (!rootless) terminals.push_back("gid=5");
  const Json sys = rootless
                       ? mount("/sys", "none", "/sys", {"rbind", "nosuid", "noexec", "nodev", "ro"})
                       : mount("/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", "ro"});
  return {
      mount("/proc", "proc", "proc", Json::array()),
      mount("/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}),
      mount("/dev/pts", "devpts", "devpts", terminals),
      mount("/dev/shm", "tmpfs", "shm", {"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}),
      mount("/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}),
      sys,
      mount("/sys/fs/cgroup", "cgroup", "cgroup", {"nosuid", "noexec", "nodev", "relatime", "ro"})};
}

Json namespaces(const DefaultSpecOptions& options) {
  Json all = Json::array();
  const auto add = [&](const char* type) { all.push_back(Json::object({{"type", type}})); };
  add("pid");
  if (!options.rootless) add("network");
  for (const char* type : {"ipc", "uts", "mount"}) add(type);
  if (options.rootless) add("user");
  if (options.cgroup_v2) add("cgroup");
  return all;
}

Json mapping(std::uint32_t host_id) {
  return Json::array({{{"containerID", 0}, {"hostID", host_id}, {"size", 1}}});
}

Json linux_part(const DefaultSpecOptions& options) {
  Json part = Json::object();
  if (options.rootless) {
    part["uidMappings"] = mapping(options.uid);
    part["gidMappings"] = mapping(options.gid);
  } else {
    part["resources"]["devices"] = Json::array({{{"allow", false}, {"access", "rwm"}}});
  }
  part["namespaces"] = namespaces(options);
  part["maskedPaths"] = {"/proc/acpi",        "/proc/asound",        "/proc/kcore",
                         "/proc/keys",        "/proc/latency_stats", "/proc/timer_list",
                         "/proc/timer_stats", "/proc/sched_debug",   "/sys/firmware",
                         "/proc/scsi"};
  part["readonlyPaths"] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                           "/proc/sysrq-trigger"};
  return part;
}

}  // namespace

std::string default_spec(const DefaultSpecOptions& options) {
  const Json spec{{"ociVersion", spec_version},
                  {"process", process()},
                  {"root", {{"path", "rootfs"}, {"readonly", true}}},
                  {"hostname", "ocelot"},
                  {"mounts", mounts(options.rootless)},
                  {"linux", linux_part(options)}};
  return spec.dump(1, '\t') + "\n";
}

}  // namespace ocelot::oci
