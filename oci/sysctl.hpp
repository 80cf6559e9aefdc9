#pragma once
#include <string>
#include <string_view>

namespace ocelot::oci {

// The file of a sysctl below /proc/sys. The first '.' or '/' in the key tells which of the two
// separates its parts, as sysctl.d(5) has it: "net.ipv4.ip_forward",
// "net/ipv4/conf/eth0.100/forwarding", "net.ipv4.conf.eth0/100.forwarding".
std::string sysctl_path(std::string_view key);

}  // namespace ocelot::oci
