#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "shim/control/limits.hpp"

// A packet between the shim and the process of a container: u64 id, little endian, then text in
// UTF-8, which may be empty. A reply has the id of its command; 0 is the id of a command that wants
// no reply, and of what the container sends unasked.
namespace ocelot::shim {

inline constexpr std::size_t peer_header_bytes = sizeof(std::uint64_t);
inline constexpr std::size_t max_peer_text = control::max_packet_bytes - peer_header_bytes;

struct PeerPacket {
  std::uint64_t id = 0;
  std::string_view text;  // within what was parsed
};

std::string make_peer_packet(std::uint64_t id, std::string_view text);
// nullopt: too short, or its text is not UTF-8.
std::optional<PeerPacket> parse_peer_packet(std::string_view bytes);

}  // namespace ocelot::shim
