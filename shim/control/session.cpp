#include "shim/control/session.hpp"

#include <fmt/core.h>

namespace ocelot::control {

Session::Outcome Session::receive(IncomingPacket packet, Clock::time_point now) {
  ++packets_;
  ++metrics_->packets_received;
  metrics_->bytes_received += packet.bytes.size();
  const Role role = authority_->role(peer_, packet.sender);
  if (role == Role::None) {
    return close(fmt::format("uid {}, gid {} may not use this connection", packet.sender.uid,
                             packet.sender.gid),
                 Refusal::NoRole);
  }
  if (packet.cut) return damaged(Damage::Cut);
  const Frame frame = decode(packet.bytes);
  if (frame.damage == Damage::Version) {
    return close(
        fmt::format("this shim speaks version {} of the protocol, and not that of the packet",
                    protocol_version));
  }
  if (frame.damage != Damage::None) return damaged(frame.damage);
  if (frame.header.descriptors != packet.fds.size()) return damaged(Damage::Descriptors);
  damaged_in_a_row_ = 0;

  switch (frame.header.type) {
    case Type::Hello:
      return greeted(frame);
    case Type::Request:
      return request(frame, std::move(packet.fds), role, now);
    default:
      return close("a client sends only hello and requests");
  }
}

Session::Outcome Session::greeted(const Frame& frame) {
  const std::optional<SessionToken> token = read_hello(frame.payload);
  if (!token || frame.header.count != 1) return close("the hello is not as long as one is");
  if (token_ && token != token_) return close("a connection has one session");
  token_ = token;
  return {.kind = Outcome::Kind::Hello};
}

Session::Outcome Session::request(const Frame& frame, std::vector<UniqueFd> fds, Role role,
                                  Clock::time_point now) {
  // Unless it was lost or damaged, the hello is the first packet; the client repeats both.
  if (!token_) return close("the first packet is to be a hello");
  if (frame.header.count > 1) ++metrics_->fragments_received;
  // Whatever they ask fits: a document of 4 MiB takes many times that as a tree.
  if (frame.header.count > 1 && role < Role::Operator)
    return close("a message of an observer is one packet");
  Outcome outcome;
  switch (reassembler_.add(frame, std::move(fds), role, now, outcome.message)) {
    case Reassembler::Outcome::Partial:
      return {};
    case Reassembler::Outcome::Complete:
      outcome.kind = Outcome::Kind::Request;
      return outcome;
    case Reassembler::Outcome::TooLong:
      return close(fmt::format("a message has at most {} bytes", max_message_bytes));
    case Reassembler::Outcome::TooMany:
      return close(fmt::format("at most {} messages may be in parts", limits_->partial_messages));
    case Reassembler::Outcome::Mismatch:
      return close("a fragment does not belong to its message");
  }
  return {};
}

Session::Outcome Session::damaged(Damage damage) {
  ++metrics_->damaged[static_cast<std::size_t>(damage)];
  ++damaged_altogether_;
  if (++damaged_in_a_row_ > limits_->damaged_in_a_row ||
      damaged_altogether_ > limits_->damaged_altogether) {
    return close(fmt::format("too many damaged packets, the last one: {}", describe(damage)));
  }
  return {.kind = Outcome::Kind::Resend, .ordinal = packets_ - 1};
}

Session::Outcome Session::close(std::string reason, Refusal refusal) {
  return {.kind = Outcome::Kind::Close, .reason = std::move(reason), .refusal = refusal};
}

void Session::expire(Clock::time_point now) {
  metrics_->messages_expired += reassembler_.expire(now);
}

}  // namespace ocelot::control
