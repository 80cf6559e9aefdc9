#pragma once
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "runtime/base/fd.hpp"
#include "shim/control/limits.hpp"

// Packets on AF_UNIX SOCK_SEQPACKET sockets, with descriptors and the sender's credentials.
// man: unix(7), cmsg(3)
namespace ocelot::control {

struct Credentials {
  pid_t pid = 0;
  uid_t uid = 0;
  gid_t gid = 0;

  bool operator==(const Credentials&) const = default;
};

// Two connected sockets, close-on-exec and non-blocking, each told the sender of every packet.
// Either may be given to another process: `Server::adopt`, `Client`, or raw.
struct SocketPair {
  UniqueFd one, other;
  static SocketPair create();
};

// SO_SNDBUF and SO_RCVBUF, in bytes as setsockopt counts them; 0 leaves the kernel's own.
void set_buffer_sizes(int socket, int send_bytes, int receive_bytes);
// As many bytes as one packet may have on this socket: at most max_packet_bytes, and little enough
// for two of them to fit into its send buffer.
std::size_t packet_bytes(int socket);

// A packet as it came. `bytes` is valid until the next receive.
struct IncomingPacket {
  std::string_view bytes;
  std::vector<UniqueFd> fds;  // close-on-exec
  Credentials sender;         // pid 0: the kernel named nobody
  bool cut = false;           // longer than a packet may be, or not all descriptors could be had
};

// Left: the first packet is looked at, and stays where it is with all that it carries.
enum class Descriptors { Refused, Accepted, Left };

// Room for a batch of packets; one for all sockets of a loop. They have SO_PASSCRED: where there is
// to be room for no descriptor the credentials fill it.
//
// Ancillary data of other kinds is dropped. No descriptor is leaked whatever is wrong with a
// packet: those the kernel installed belong to the IncomingPacket.
class PacketReceiver {
 public:
  PacketReceiver();
  ~PacketReceiver();
  PacketReceiver(PacketReceiver&&) noexcept;
  PacketReceiver& operator=(PacketReceiver&&) noexcept;

  struct Batch {
    std::span<IncomingPacket> packets;  // until the next receive
    bool drained = false;               // there was nothing more
    bool ended = false;                 // the peer is gone, after these
    int error_number = 0;               // the connection failed, after these
    std::vector<UniqueFd> orphans;      // that came with empty packets
    bool carries = false;               // the packet that was left has descriptors
  };
  // What is there, at most `most` packets (one to be looked at); never waits. Where descriptors are
  // refused there is no room for any, and the kernel installs none.
  Batch receive(int socket, std::size_t most, Descriptors descriptors);
  // Gives memory back that only large packets have touched.
  void trim();

 private:
  struct Room;
  std::unique_ptr<Room> room_;
  std::vector<IncomingPacket> packets_;
  bool large_ = false;
};

}  // namespace ocelot::control
