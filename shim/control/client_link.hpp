#pragma once
#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "shim/control/fragments.hpp"
#include "shim/control/greeting.hpp"
#include "shim/control/outbox.hpp"

namespace ocelot::control {

// A client's end of one connection, from hello until it breaks. What is to be sent again on the
// next one is the Client's affair.
class ClientLink {
 public:
  // Sends the hello as soon as it can.
  ClientLink(UniqueFd socket, const SessionToken& session);

  // A packet was asked for again: push it, if it still matters.
  using OnResend = std::function<void(const PacketName&)>;
  using OnMessage = std::function<void(Message&&)>;

  void push(Outgoing message) { outbox_.push(std::move(message)); }
  void push_hello() { outbox_.push({Type::Hello, 0, share(hello(session_)), true}); }
  void push_fragment(Outgoing message, std::uint16_t index);
  // What is possible without waiting.
  void send();
  // At most about `most` packets: what is behind them is still there the next time.
  void receive(std::size_t most, const OnMessage& on_message, const OnResend& on_resend);
  // The connection is of no use any more.
  void give_up() noexcept { broken_ = true; }

  int fd() const noexcept { return socket_.get(); }
  // Given up, ended by the server, or it sent what cannot be read.
  bool broken() const noexcept { return broken_; }
  // The Goodbye, if there was one.
  const std::string& farewell() const noexcept { return farewell_; }
  // From here on the server accepts descriptors.
  const std::optional<Welcome>& welcome() const noexcept { return welcome_; }
  bool sending() const noexcept { return !outbox_.empty(); }
  pid_t server_pid() const noexcept { return server_pid_; }

 private:
  void take(IncomingPacket packet, const OnMessage& on_message, const OnResend& on_resend);
  void take_message(Message&& message, const OnMessage& on_message, const OnResend& on_resend);

  UniqueFd socket_;
  SessionToken session_;
  pid_t server_pid_ = 0;
  Limits limits_;
  Metrics metrics_;
  PacketReceiver receiver_;
  Reassembler reassembler_{limits_};
  Outbox outbox_;
  // What was sent, from packet `first_name_` on: a resend names a packet by its ordinal.
  std::deque<PacketName> names_;
  std::uint64_t first_name_ = 0;
  std::optional<Welcome> welcome_;
  std::string farewell_;
  bool broken_ = false;
};

}  // namespace ocelot::control
