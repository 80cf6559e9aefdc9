#pragma once
#include <sys/socket.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/fd.hpp"

// AF_UNIX sockets. man: unix(7), cmsg(3)
namespace ocelot {

struct SocketPair {
  UniqueFd ours, theirs;
};
// SOCK_SEQPACKET: one send is one packet.
SocketPair socket_pair();

// A socket bound to `name` in the directory `dir`; the name may be longer than sun_path, since it
// is reached through the descriptor.
UniqueFd bind_unix(int dir, const std::string& name, int type, mode_t mode);
// The same, listening.
UniqueFd listen_unix(int dir, const std::string& name, int type, mode_t mode);

// Of those that connect, none waits longer than 5 s for a listener that accepts nothing, nor does a
// later send wait longer for somebody to read: it fails with ETIMEDOUT.

// Connects to `path` (absolute, or relative to the current directory) however long it is.
UniqueFd connect_unix(const std::string& path, int type);
// Connects to a name of the abstract namespace, given without its leading zero.
UniqueFd connect_abstract_unix(const std::string& name, int type);
// nullopt when nobody listens there (ENOENT, ECONNREFUSED).
std::optional<UniqueFd> connect_unix_if_listening(int dir, const std::string& name, int type);
// The same; an empty descriptor and errno when it fails. With SOCK_NONBLOCK in `type` EAGAIN says
// that too many connections wait to be accepted.
UniqueFd try_connect_unix(int dir, const std::string& name, int type, int& error_number);
UniqueFd accept_unix(int listener);

// One sendmsg with `fds` as SCM_RIGHTS; the bytes must fit in one packet and must not be empty when
// there are fds.
void send_packet(int socket, std::string_view bytes, std::span<const int> fds = {});
// errno or 0.
int try_send_packet(int socket, std::string_view bytes, std::span<const int> fds = {}) noexcept;

// recvmsg(2) of the packet that would come next, which stays there; never waits. Its length, or
// -errno.
ssize_t try_look_at_packet(int socket, msghdr& message) noexcept;

struct Packet {
  std::string bytes;
  std::vector<UniqueFd> fds;  // close-on-exec
};
inline constexpr std::size_t most_packet_bytes = 36 * 1024;
// nullopt at end of file. Throws when the packet is longer than `limit`, at most most_packet_bytes,
// or its descriptors did not fit.
std::optional<Packet> receive_packet(int socket, std::size_t limit);

}  // namespace ocelot
