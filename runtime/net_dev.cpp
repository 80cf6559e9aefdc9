#include "runtime/net_dev.hpp"

#include "runtime/base/text.hpp"

namespace ocelot {

// Behind the name and a colon stand eight counters of what was received, and eight of what was
// sent.
std::vector<InterfaceStats> parse_net_dev(std::string_view text) {
  std::vector<InterfaceStats> interfaces;
  for (const std::string_view line : split(text, '\n')) {
    const std::size_t colon = line.rfind(':');  // an interface's name may hold one
    if (colon == std::string_view::npos) continue;
    std::vector<std::uint64_t> counters;
    for (const std::string_view word : words(line.substr(colon + 1))) {
      if (const auto number = parse_integer<std::uint64_t>(word)) counters.push_back(*number);
    }
    const std::string_view name = trim(line.substr(0, colon));
    if (counters.size() < 12 || name == "lo") continue;
    interfaces.push_back({.name = std::string(name),
                          .rx_bytes = counters[0],
                          .rx_packets = counters[1],
                          .rx_errors = counters[2],
                          .rx_dropped = counters[3],
                          .tx_bytes = counters[8],
                          .tx_packets = counters[9],
                          .tx_errors = counters[10],
                          .tx_dropped = counters[11]});
  }
  return interfaces;
}

}  // namespace ocelot
