#include "shim/peer_packet.hpp"

#include "runtime/base/utf8.hpp"
#include "shim/control/little_endian.hpp"

namespace ocelot::shim {
namespace {

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const utf8::Character character = utf8::first_character(text);
    if (!character.valid) return false;
    text.remove_prefix(character.size);
  }
  return true;
}

}  // namespace

std::string make_peer_packet(std::uint64_t id, std::string_view text) {
  std::string packet(peer_header_bytes, '\0');
  control::put(packet.data(), id);
  packet += text;
  return packet;
}

std::optional<PeerPacket> parse_peer_packet(std::string_view bytes) {
  if (bytes.size() < peer_header_bytes) return std::nullopt;
  const PeerPacket packet{.id = control::get<std::uint64_t>(bytes.data()),
                          .text = bytes.substr(peer_header_bytes)};
  if (!is_utf8(packet.text)) return std::nullopt;
  return packet;
}

}  // namespace ocelot::shim
