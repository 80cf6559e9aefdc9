#include "shim/control/outbox.hpp"

#include <sys/socket.h>

#include <array>
#include <cstring>

#include "runtime/base/sys_network.hpp"
#include "shim/control/fragments.hpp"

namespace ocelot::control {

SharedBody share(std::string bytes, std::vector<UniqueFd> fds) {
  return std::make_shared<const Body>(Body{std::move(bytes), std::move(fds)});
}

// The packets of one sendmmsg, laid out on the stack: the payload goes from where it is kept.
class Outbox::Batch {
 public:
  static constexpr std::size_t size = 64;
  static constexpr std::size_t with_descriptors = 4;

  bool full() const noexcept { return count_ == size; }
  std::size_t count() const noexcept { return count_; }
  std::span<mmsghdr> messages() noexcept { return {messages_.data(), count_}; }
  const PacketName& name(std::size_t at) const noexcept { return names_[at]; }
  std::size_t payload_bytes(std::size_t at) const noexcept { return parts_[at][1].iov_len; }

  // False when there is no room left for a packet of this kind.
  bool add(const Outgoing& message, std::uint16_t index, std::uint16_t count,
           std::string_view payload) {
    const std::vector<UniqueFd>& fds = message.body->fds;
    const bool carries = index == 0 && !fds.empty();
    if (full() || (carries && controls_used_ == with_descriptors)) return false;
    headers_[count_] = encode({.type = message.type,
                               .descriptors = static_cast<std::uint8_t>(carries ? fds.size() : 0),
                               .repeated = message.repeated,
                               .id = message.id,
                               .index = index,
                               .count = count},
                              payload);
    parts_[count_] = {iovec{headers_[count_].data(), header_bytes},
                      iovec{const_cast<char*>(payload.data()), payload.size()}};
    mmsghdr& packet = messages_[count_];
    packet = {};
    packet.msg_hdr.msg_iov = parts_[count_].data();
    packet.msg_hdr.msg_iovlen = 2;
    if (carries) add_descriptors(packet.msg_hdr, fds);
    names_[count_] = {message.type, message.id, index};
    ++count_;
    return true;
  }

 private:
  struct Control {
    alignas(cmsghdr) std::array<char, CMSG_SPACE(max_descriptors * sizeof(int))> bytes;
  };

  void add_descriptors(msghdr& message, const std::vector<UniqueFd>& fds) {
    message.msg_control = controls_[controls_used_++].bytes.data();
    message.msg_controllen = CMSG_SPACE(fds.size() * sizeof(int));
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(fds.size() * sizeof(int));
    unsigned char* at = CMSG_DATA(header);
    for (const UniqueFd& fd : fds) {
      const int number = fd.get();
      std::memcpy(at, &number, sizeof number);
      at += sizeof number;
    }
  }

  std::size_t count_ = 0, controls_used_ = 0;
  std::array<HeaderBytes, size> headers_;
  std::array<std::array<iovec, 2>, size> parts_;
  std::array<mmsghdr, size> messages_;
  std::array<PacketName, size> names_;
  std::array<Control, with_descriptors> controls_;
};

void Outbox::push(Outgoing message) {
  const std::uint16_t end = fragment_count(message.body->bytes.size(), packet_bytes_);
  bytes_ += message.body->bytes.size() + end * header_bytes;
  queue_.push_back({std::move(message), 0, end});
}

void Outbox::push_fragment(Outgoing message, std::uint16_t index) {
  bytes_ += fragment(message.body->bytes, packet_bytes_, index).size() + header_bytes;
  queue_.push_back({std::move(message), index, static_cast<std::uint16_t>(index + 1)});
}

void Outbox::sent_one(const PacketName& name, std::size_t bytes, std::vector<PacketName>* sent) {
  if (sent != nullptr) sent->push_back(name);
  bytes_ -= bytes;
  metrics_->bytes_sent += bytes;
  ++metrics_->packets_sent;
  Entry& entry = queue_.front();
  if (++entry.next == entry.end) queue_.pop_front();
}

Outbox::State Outbox::flush(int socket, std::vector<PacketName>* sent) {
  while (!queue_.empty()) {
    Batch batch;
    for (auto entry = queue_.begin(); entry != queue_.end(); ++entry) {
      const std::string& bytes = entry->message.body->bytes;
      const std::uint16_t count = fragment_count(bytes.size(), packet_bytes_);
      std::uint16_t index = entry->next;
      while (index != entry->end &&
             batch.add(entry->message, index, count, fragment(bytes, packet_bytes_, index)))
        ++index;
      if (index != entry->end) break;
    }
    ++metrics_->send_calls;
    const int count = sys::try_send_packets(socket, batch.messages());
    if (count == -EAGAIN) {
      ++metrics_->sends_blocked;
      return State::Blocked;
    }
    if (count == -EPERM) return State::Refused;
    if (count < 0) return State::Broken;
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
      sent_one(batch.name(i), batch.payload_bytes(i) + header_bytes, sent);
  }
  return State::Empty;
}

}  // namespace ocelot::control
