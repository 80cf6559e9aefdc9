#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ocelot {

// What a network interface has carried, since it was made.
struct InterfaceStats {
  std::string name;
  std::uint64_t rx_bytes = 0, rx_packets = 0, rx_errors = 0, rx_dropped = 0;
  std::uint64_t tx_bytes = 0, tx_packets = 0, tx_errors = 0, tx_dropped = 0;
  bool operator==(const InterfaceStats&) const = default;
};

// The lines of /proc/PID/net/dev, but for the loopback interface.
std::vector<InterfaceStats> parse_net_dev(std::string_view text);

}  // namespace ocelot
