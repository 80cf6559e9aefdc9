#pragma once
#include <optional>
#include <string>

#include "shim/control/authority.hpp"
#include "shim/control/fragments.hpp"
#include "shim/control/greeting.hpp"
#include "shim/control/metrics.hpp"

namespace ocelot::control {

// What the server makes of the packets of one connection: one packet in, at most one outcome. No
// socket, no time of its own.
class Session {
 public:
  Session(const Authority& authority, Peer peer, const Limits& limits, Metrics& metrics)
      : authority_(&authority),
        peer_(std::move(peer)),
        limits_(&limits),
        metrics_(&metrics),
        reassembler_(limits) {}

  struct Outcome {
    enum class Kind {
      Nothing,  // a part of a message, or one that came twice
      Hello,    // the first packet, or its repeat: answer with a welcome
      Request,  // `message` is whole, of a sender with a role
      Resend,   // ask for packet `ordinal` again
      Close,    // say `reason`, and end the connection
    } kind = Kind::Nothing;
    Message message = {};
    std::uint64_t ordinal = 0;
    std::string reason = {};
    Refusal refusal = Refusal::Protocol;  // of Close
  };
  // Nothing is done because of a packet that is damaged, incomplete, out of order or from a sender
  // without a role; its descriptors are closed.
  Outcome receive(IncomingPacket packet, Clock::time_point now);

  // Drops parts of messages that are too old.
  void expire(Clock::time_point now);
  Clock::time_point next_expiry() const noexcept { return reassembler_.next_expiry(); }

  const Peer& peer() const noexcept { return peer_; }
  const std::optional<SessionToken>& token() const noexcept { return token_; }
  std::uint64_t packets() const noexcept { return packets_; }

 private:
  Outcome damaged(Damage damage);
  Outcome close(std::string reason, Refusal refusal = Refusal::Protocol);
  Outcome greeted(const Frame& frame);
  Outcome request(const Frame& frame, std::vector<UniqueFd> fds, Role role, Clock::time_point now);

  const Authority* authority_;
  Peer peer_;
  const Limits* limits_;
  Metrics* metrics_;
  Reassembler reassembler_;
  std::optional<SessionToken> token_;  // once the hello has come
  std::uint64_t packets_ = 0;          // that have come
  unsigned damaged_in_a_row_ = 0, damaged_altogether_ = 0;
};

}  // namespace ocelot::control
