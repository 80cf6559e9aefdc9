#include "shim/control/packet_socket.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "runtime/base/kernel_abi.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_network.hpp"
#include "runtime/base/unix_socket.hpp"

namespace ocelot::control {
namespace {

constexpr std::size_t batch = 8;
constexpr std::size_t small_packet = 4096;
constexpr std::size_t credentials_room = CMSG_SPACE(sizeof(ucred));
constexpr std::size_t descriptors_room =
    CMSG_SPACE(max_descriptors * sizeof(int)) + CMSG_SPACE(sizeof(int));

template <typename Each>
void for_each_descriptor(const cmsghdr& header, Each each) {
  const auto* at = CMSG_DATA(&header);
  for (std::size_t left = header.cmsg_len - CMSG_LEN(0); left >= sizeof(int); left -= sizeof(int)) {
    int fd;
    std::memcpy(&fd, at, sizeof fd);
    each(UniqueFd{fd});
    at += sizeof fd;
  }
}

// Everything the kernel installed is owned before anything is judged.
void take_ancillary(msghdr& message, IncomingPacket& packet) {
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET) continue;
    if (header->cmsg_type == SCM_CREDENTIALS) {
      ucred sender;
      std::memcpy(&sender, CMSG_DATA(header), sizeof sender);
      packet.sender = {sender.pid, sender.uid, sender.gid};
    } else if (header->cmsg_type == SCM_RIGHTS) {
      for_each_descriptor(*header, [&](UniqueFd fd) { packet.fds.push_back(std::move(fd)); });
    } else if (header->cmsg_type == scm_pidfd) {
      for_each_descriptor(*header, [](const UniqueFd&) {});
    }
  }
}

// As if it were a batch of one.
int look(int socket, mmsghdr& message) {
  const ssize_t length = try_look_at_packet(socket, message.msg_hdr);
  if (length < 0) return static_cast<int>(length);
  message.msg_len = static_cast<unsigned>(length);
  return 1;
}

}  // namespace

SocketPair SocketPair::create() {
  ocelot::SocketPair ends = socket_pair();
  for (const int fd : {ends.ours.get(), ends.theirs.get()}) {
    sys::set_nonblocking(fd, true);
    sys::set_socket_option(fd, SO_PASSCRED, 1);
  }
  return {std::move(ends.ours), std::move(ends.theirs)};
}

void set_buffer_sizes(int socket, int send_bytes, int receive_bytes) {
  if (send_bytes != 0) sys::set_socket_option(socket, SO_SNDBUF, send_bytes);
  if (receive_bytes != 0) sys::set_socket_option(socket, SO_RCVBUF, receive_bytes);
}

std::size_t packet_bytes(int socket) {
  // The kernel counts its own overhead too, at most half.
  const auto buffer = static_cast<std::size_t>(sys::socket_option(socket, SO_SNDBUF));
  return std::clamp<std::size_t>(buffer / 4, 1024, max_packet_bytes);
}

struct PacketReceiver::Room {
  struct Slot {
    // One byte more than a packet may have, to see that it is longer.
    std::array<char, max_packet_bytes + 1> bytes;
  };
  struct Control {
    alignas(cmsghdr) std::array<char, credentials_room + descriptors_room> bytes;
  };
  std::array<Control, batch> controls;
  std::array<Slot, batch> slots;  // last: pages that are never touched cost nothing
};

// Not value-initialised: that would touch every page.
PacketReceiver::PacketReceiver() : room_(new Room), packets_(batch) {}
PacketReceiver::~PacketReceiver() = default;
PacketReceiver::PacketReceiver(PacketReceiver&&) noexcept = default;
PacketReceiver& PacketReceiver::operator=(PacketReceiver&&) noexcept = default;

PacketReceiver::Batch PacketReceiver::receive(int socket, std::size_t most,
                                              Descriptors descriptors) {
  const bool looks = descriptors == Descriptors::Left;
  const std::size_t wanted = std::min(most, looks ? 1 : batch);
  std::array<iovec, batch> parts;
  std::array<mmsghdr, batch> messages;
  for (std::size_t i = 0; i < wanted; ++i) {
    parts[i] = {room_->slots[i].bytes.data(), room_->slots[i].bytes.size()};
    messages[i] = {};
    msghdr& message = messages[i].msg_hdr;
    message.msg_iov = &parts[i];
    message.msg_iovlen = 1;
    message.msg_control = room_->controls[i].bytes.data();
    message.msg_controllen =
        credentials_room + (descriptors == Descriptors::Accepted ? descriptors_room : 0);
  }

  Batch result;
  const int received = looks ? look(socket, messages.front())
                             : sys::try_receive_packets(socket, {messages.data(), wanted});
  if (received < 0) {
    result.drained = received == -EAGAIN;
    result.error_number = result.drained ? 0 : -received;
    return result;
  }
  std::size_t count = 0;
  for (; count < static_cast<std::size_t>(received); ++count) {
    msghdr& message = messages[count].msg_hdr;
    IncomingPacket& packet = packets_[count];
    packet = {};
    take_ancillary(message, packet);
    const std::size_t length = messages[count].msg_len;
    // Of descriptors that there is no room for the kernel says that something was cut.
    if (looks && (message.msg_flags & MSG_CTRUNC) != 0) {
      result.carries = true;
      message.msg_flags &= ~MSG_CTRUNC;
    }
    // The end of the connection looks like an empty packet, for ever; nobody sends such a one.
    if (length == 0) {
      result.orphans = std::move(packet.fds);
      result.ended = true;
      break;
    }
    packet.cut = (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 || length > max_packet_bytes;
    packet.bytes = {room_->slots[count].bytes.data(), length};
    if (length > small_packet) large_ = true;
  }
  // Packets behind the end carry nothing, but an empty one may stand before others.
  for (std::size_t i = count + 1; i < static_cast<std::size_t>(received); ++i) {
    IncomingPacket dropped;
    take_ancillary(messages[i].msg_hdr, dropped);
    std::ranges::move(dropped.fds, std::back_inserter(result.orphans));
  }
  result.packets = {packets_.data(), count};
  result.drained = static_cast<std::size_t>(received) < wanted;
  return result;
}

void PacketReceiver::trim() {
  for (IncomingPacket& packet : packets_) packet = {};
  if (!large_) return;
  large_ = false;
  // Not freed: malloc would keep the pages, dirty, once it has seen such a block come and go.
  sys::discard_pages({room_->slots.front().bytes.data(), sizeof room_->slots});
}

}  // namespace ocelot::control
