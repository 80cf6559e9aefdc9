#include "runtime/start_socket.hpp"

#include "runtime/base/unix_socket.hpp"

namespace ocelot {
namespace {

constexpr const char* socket_name = "start.sock";

}  // namespace

UniqueFd listen_for_start(int directory) {
  return listen_unix(directory, socket_name, SOCK_SEQPACKET, 0600);
}

Channel wait_for_start(int listener) {
  for (;;) {
    Channel starter{accept_unix(listener)};
    if (starter.wait_to_proceed()) return starter;
  }
}

std::optional<Channel> connect_to_start(int directory) {
  auto socket = connect_unix_if_listening(directory, socket_name, SOCK_SEQPACKET);
  if (!socket) return std::nullopt;
  return Channel{std::move(*socket)};
}

}  // namespace ocelot
