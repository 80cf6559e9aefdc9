#include "shim/control/client_link.hpp"

#include <sys/socket.h>

#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_network.hpp"
#include "shim/control/documents.hpp"

namespace ocelot::control {
namespace {

constexpr std::size_t names_kept = 256;  // a message of 4 MiB is 129

}  // namespace

ClientLink::ClientLink(UniqueFd socket, const SessionToken& session)
    : socket_(std::move(socket)),
      session_(session),
      server_pid_(sys::peer_credentials(socket_.get()).pid),
      outbox_(packet_bytes(socket_.get()), metrics_) {
  sys::set_nonblocking(socket_.get(), true);
  outbox_.push({Type::Hello, 0, share(hello(session))});
}

void ClientLink::push_fragment(Outgoing message, std::uint16_t index) {
  if (index < fragment_count(message.body->bytes.size(), outbox_.packet_bytes()))
    outbox_.push_fragment(std::move(message), index);
}

void ClientLink::send() {
  if (broken_ || outbox_.empty()) return;
  std::vector<PacketName> sent;
  const Outbox::State state = outbox_.flush(socket_.get(), &sent);
  broken_ = state == Outbox::State::Broken || state == Outbox::State::Refused;
  // Who was let in, and may send no descriptors, is an observer: the kernel says it for the shim.
  if (state == Outbox::State::Refused) {
    farewell_ = error_document("PermissionDenied",
                               "a request that brings descriptors needs the role operator");
  }
  names_.insert(names_.end(), sent.begin(), sent.end());
  while (names_.size() > names_kept) {
    names_.pop_front();
    ++first_name_;
  }
}

void ClientLink::receive(std::size_t most, const OnMessage& on_message, const OnResend& on_resend) {
  for (std::size_t left = most; left > 0;) {
    PacketReceiver::Batch batch = receiver_.receive(socket_.get(), left, Descriptors::Accepted);
    left -= batch.packets.size();
    for (IncomingPacket& packet : batch.packets) take(std::move(packet), on_message, on_resend);
    receiver_.trim();
    // The kernel tells of a reset once, and then hands out what had been sent before it.
    if (batch.error_number == ECONNRESET) {
      broken_ = true;
      continue;
    }
    if (batch.ended || batch.error_number != 0) broken_ = true;
    if (batch.drained || batch.ended || batch.error_number != 0) return;
  }
}

void ClientLink::take(IncomingPacket packet, const OnMessage& on_message,
                      const OnResend& on_resend) {
  const Frame frame = decode(packet.bytes);
  // Nothing is asked for again: a new connection and repeats under the same ids bring it all.
  if (packet.cut || frame.damage != Damage::None || frame.header.descriptors != packet.fds.size()) {
    broken_ = true;
    return;
  }
  Message message;
  switch (reassembler_.add(frame, std::move(packet.fds), Role::Owner, Clock::now(), message)) {
    case Reassembler::Outcome::Partial:
      return;
    case Reassembler::Outcome::Complete:
      break;
    default:
      broken_ = true;
      return;
  }
  take_message(std::move(message), on_message, on_resend);
}

void ClientLink::take_message(Message&& message, const OnMessage& on_message,
                              const OnResend& on_resend) {
  switch (message.type) {
    case Type::Welcome:
      welcome_ = read_welcome(message.bytes);
      if (!welcome_) broken_ = true;
      return;
    case Type::Resend: {
      const auto ordinal = read_resend(message.bytes);
      if (!ordinal || *ordinal < first_name_ || *ordinal - first_name_ >= names_.size()) return;
      const PacketName name = names_[static_cast<std::size_t>(*ordinal - first_name_)];
      if (name.type == Type::Hello)
        push_hello();
      else
        on_resend(name);
      return;
    }
    case Type::Goodbye:
      farewell_ = std::move(message.bytes);
      broken_ = true;
      return;
    case Type::Reply:
    case Type::Event:
      return on_message(std::move(message));
    case Type::Hello:
    case Type::Request:
      broken_ = true;
      return;
  }
}

}  // namespace ocelot::control
