#include <fmt/core.h>

#include <map>

#include "oci/checker.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::oci {
namespace {

constexpr const char* section = "config-linux.md#network-devices";

// What the kernel takes as a name: see dev_valid_name().
bool is_interface_name(std::string_view name) {
  if (name.empty() || name.size() >= 16 || name == "." || name == "..") return false;  // IFNAMSIZ
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '/' || c == ':' || byte <= ' ' || byte == 0x7f) return false;
  }
  return true;
}

// At most one "%d", for which the kernel puts in the first free number.
bool is_new_interface_name(std::string_view name) {
  const std::size_t percent = name.find('%');
  if (percent != std::string_view::npos &&
      (name.substr(percent, 2) != "%d" || name.find('%', percent + 1) != name.npos)) {
    return false;
  }
  return is_interface_name(name);
}

}  // namespace

void check_net_devices(Checker& check, const Spec& spec) {
  const auto& devices = spec.linux_->net_devices;
  if (devices.empty()) return;
  if (!has_own_namespace(check.host, spec, NamespaceType::network)) {
    check.refuse("/linux/netDevices", "net-device-namespace",
                 "unable to move network devices without a private NET namespace: add {\"type\": "
                 "\"network\"} to linux.namespaces",
                 section);
  }
  if (!check.host.privileged) {
    check.refuse("/linux/netDevices", "net-device-privilege",
                 "network devices are not supported for rootless containers", section);
  }
  std::map<std::string_view, std::string_view> taken;
  for (const auto& [host_name, device] : devices) {
    const std::string path = "/linux/netDevices" + json_pointer_part(host_name);
    if (!is_interface_name(host_name)) {
      check.refuse(path, "net-device-name",
                   fmt::format("\"{}\" is no name of a network interface", printable(host_name)),
                   section);
    }
    if (!device.name.empty() && !is_new_interface_name(device.name)) {
      check.refuse(path + "/name", "net-device-name",
                   fmt::format("\"{}\" is no name for a network interface: at most 15 bytes "
                               "without '/', ':' and blanks",
                               printable(device.name)),
                   section);
    }
    const std::string_view name =
        device.name.empty() ? std::string_view(host_name) : std::string_view(device.name);
    const auto [other, is_new] = taken.emplace(name, host_name);
    if (!is_new && name.find('%') == std::string_view::npos) {
      check.refuse(
          path + "/name", "net-device-twice",
          fmt::format("\"{}\" is also the name of {}", printable(name), printable(other->second)),
          section);
    }
  }
}

}  // namespace ocelot::oci
