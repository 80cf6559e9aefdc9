#include "runtime/start_socket.hpp"

#include "runtime/base/error.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/unix_socket.hpp"

namespace ocelot {
namespace {

constexpr const char* socket_name = "start.sock";

}  // namespace

UniqueFd listen_for_start(int directory) {
  return listen_unix(directory, socket_name, SOCK_SEQPACKET, 0600);
}

Channel wait_for_start(int listener) {
  const trace::Span span{text("wait for start")};
  for (;;) {
    Channel starter{accept_unix(listener)};
    if (starter.wait_to_proceed()) return starter;
  }
}

bool is_waited_for_start(int directory) {
  int error_number = 0;
  if (try_connect_unix(directory, socket_name, SOCK_SEQPACKET | SOCK_NONBLOCK, error_number))
    return true;
  // Init runs its startContainer hooks, or has been stopped, and others have asked meanwhile.
  if (error_number == EAGAIN) return true;
  if (error_number == ENOENT || error_number == ECONNREFUSED) return false;
  sys::fail(error_number, "connect start.sock");
}

std::optional<Channel> connect_to_start(int directory) {
  auto socket = connect_unix_if_listening(directory, socket_name, SOCK_SEQPACKET);
  if (!socket) return std::nullopt;
  return Channel{std::move(*socket)};
}

}  // namespace ocelot
