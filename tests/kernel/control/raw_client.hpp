#pragma once
#include <cerrno>
#include <string>

#include "runtime/base/error.hpp"
#include "runtime/base/unix_socket.hpp"
#include "shim/control/frame.hpp"
#include "shim/control/limits.hpp"

// Packets by hand, for what the Client would never send.
namespace ocelot::test {

inline std::string packet(const control::Header& header, std::string_view payload) {
  const control::HeaderBytes bytes = control::encode(header, payload);
  return std::string{bytes.data(), bytes.size()}.append(payload);
}

inline std::string hello_packet() {
  return packet({.type = control::Type::Hello}, std::string(16, 's'));
}

inline std::string request_packet(std::uint64_t id, std::string_view document) {
  return packet({.type = control::Type::Request, .id = id}, document);
}

struct RawReply {
  control::Frame frame;
  Packet packet;  // what the frame points into
};

// The next packet, waited for; nullopt at the end of the connection. A reset is told once, and
// then comes what was sent before it.
inline std::optional<RawReply> receive(int socket) {
  for (;;) {
    try {
      auto packet = receive_packet(socket, control::max_packet_bytes);
      if (!packet) return std::nullopt;
      RawReply reply{{}, std::move(*packet)};
      reply.frame = control::decode(reply.packet.bytes);
      return reply;
    } catch (const Error& error) {
      if (error.error_number() != ECONNRESET) throw;
    }
  }
}

}  // namespace ocelot::test
