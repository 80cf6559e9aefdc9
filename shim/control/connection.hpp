#pragma once
#include <functional>
#include <utility>
#include <vector>

#include "runtime/base/event_loop.hpp"
#include "shim/control/event_journal.hpp"
#include "shim/control/outbox.hpp"
#include "shim/control/session.hpp"

namespace ocelot::control {

// The server's end of one connection: a socket, what its packets mean (Session), and what waits to
// be sent (Outbox).
class Connection {
 public:
  Connection(EventLoop& loop, std::uint64_t number, UniqueFd socket, Session session, Outbox outbox,
             const Limits& limits, Metrics& metrics);

  using OnRequest = std::function<void(Connection&, Message&&)>;
  using OnRefusal = std::function<void(const Connection&, Refusal, std::string_view reason)>;

  void start(EventLoop::Handler handler);

  // Reads what there is, up to the share of one turn, and answers all but whole requests itself.
  void read(PacketReceiver& receiver, const Welcome& welcome, const OnRequest& on_request,
            const OnRefusal& on_refusal);
  void send(Outgoing message);
  // Queues what its subscriptions have not got yet, as far as there is room.
  void queue_events(const EventJournal& journal);
  // Queues events, then sends what the socket takes, and waits for what is possible next.
  void flush(const EventJournal& journal);
  // Says why, if the socket takes it at once, and ends.
  void goodbye(std::string_view kind, std::string_view reason);
  void end() noexcept { ended_ = true; }

  // Too old parts of messages are dropped; ends when idle or stalled for too long.
  void expire(Clock::time_point now);
  // When expire() has something to do.
  Clock::time_point next_expiry() const noexcept;

  std::uint64_t number() const noexcept { return number_; }
  int fd() const noexcept { return socket_.get(); }
  const Peer& peer() const noexcept { return session_.peer(); }
  const Session& session() const noexcept { return session_; }
  bool ended() const noexcept { return ended_; }
  std::size_t queued_bytes() const noexcept { return outbox_.bytes(); }
  bool takes_events() const noexcept { return outbox_.bytes() < limits_->outbox_bytes; }
  bool readable() const noexcept { return !ended_ && outbox_.bytes() < limits_->outbox_bytes; }

  // Requests in progress, by their id: tickets of the server.
  std::vector<std::pair<std::uint64_t, std::uint64_t>> tickets;
  std::vector<Subscription> subscriptions;
  bool dirty = false;  // has a place in the server's list of what to flush

 private:
  void handle(IncomingPacket packet, const Welcome& welcome, const OnRequest& on_request,
              const OnRefusal& on_refusal);
  void wait_for(bool writable);
  Descriptors descriptors() const noexcept {
    return peer().role >= Role::Operator ? Descriptors::Accepted : Descriptors::Refused;
  }
  bool idle() const noexcept {
    return peer().role == Role::Observer && tickets.empty() && subscriptions.empty();
  }

  EventLoop* loop_;
  std::uint64_t number_;
  UniqueFd socket_;
  EventLoop::Watch watch_;  // ends before the socket is closed
  std::uint32_t waiting_for_ = 0;
  Session session_;
  Outbox outbox_;
  const Limits* limits_;
  Metrics* metrics_;
  Clock::time_point last_read_, last_sent_;
  bool ended_ = false;
};

}  // namespace ocelot::control
