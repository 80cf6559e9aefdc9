#include "shim/control/connection.hpp"

#include <algorithm>

#include "shim/control/documents.hpp"

namespace ocelot::control {

Connection::Connection(EventLoop& loop, std::uint64_t number, UniqueFd socket, Session session,
                       Outbox outbox, const Limits& limits, Metrics& metrics)
    : loop_(&loop),
      number_(number),
      socket_(std::move(socket)),
      session_(std::move(session)),
      outbox_(std::move(outbox)),
      limits_(&limits),
      metrics_(&metrics),
      last_read_(loop.now()),
      last_sent_(last_read_) {}

void Connection::start(EventLoop::Handler handler) {
  waiting_for_ = EPOLLIN;
  watch_ = loop_->watch(socket_.get(), waiting_for_, std::move(handler));
}

void Connection::read(PacketReceiver& receiver, const Welcome& welcome, const OnRequest& on_request,
                      const OnRefusal& on_refusal) {
  // A peer that is gone takes nothing any more; what it sent before is still to be read.
  std::size_t left = limits_->packets_a_turn;
  while (left > 0 && readable()) {
    PacketReceiver::Batch batch = receiver.receive(socket_.get(), left, descriptors());
    ++metrics_->receive_calls;
    last_read_ = loop_->now();
    left -= batch.packets.size();
    for (IncomingPacket& packet : batch.packets) {
      if (ended_) break;
      handle(std::move(packet), welcome, on_request, on_refusal);
    }
    if (batch.ended || batch.error_number != 0) end();
    if (batch.drained) break;
  }
}

void Connection::handle(IncomingPacket packet, const Welcome& welcome, const OnRequest& on_request,
                        const OnRefusal& on_refusal) {
  Session::Outcome outcome = session_.receive(std::move(packet), last_read_);
  switch (outcome.kind) {
    case Session::Outcome::Kind::Nothing:
      return;
    case Session::Outcome::Kind::Hello:
      return send({Type::Welcome, 0, share(control::welcome(welcome))});
    case Session::Outcome::Kind::Request:
      return on_request(*this, std::move(outcome.message));
    case Session::Outcome::Kind::Resend:
      return send({Type::Resend, 0, share(resend(outcome.ordinal))});
    case Session::Outcome::Kind::Close:
      on_refusal(*this, outcome.refusal, outcome.reason);
      return goodbye(outcome.refusal == Refusal::NoRole ? "PermissionDenied" : "Protocol",
                     outcome.reason);
  }
}

void Connection::send(Outgoing message) {
  if (ended_) return;
  if (outbox_.empty()) last_sent_ = loop_->now();
  outbox_.push(std::move(message));
  if (outbox_.bytes() > limits_->outbox_hard_bytes) end();
}

void Connection::queue_events(const EventJournal& journal) {
  if (outbox_.empty()) last_sent_ = loop_->now();
  for (Subscription& subscription : subscriptions)
    subscription.pump(journal, outbox_, limits_->outbox_bytes, *metrics_);
}

void Connection::flush(const EventJournal& journal) {
  bool blocked = false;
  for (bool more = true; more && !ended_ && !blocked;) {
    queue_events(journal);
    const std::size_t before = outbox_.bytes();
    const Outbox::State state = outbox_.flush(socket_.get());
    if (outbox_.bytes() < before) last_sent_ = loop_->now();
    if (state == Outbox::State::Broken || state == Outbox::State::Refused) end();
    blocked = state == Outbox::State::Blocked;
    more = std::any_of(subscriptions.begin(), subscriptions.end(),
                       [&](const Subscription& each) { return each.behind(journal); });
  }
  wait_for(blocked);
}

void Connection::wait_for(bool writable) {
  if (ended_) return watch_.reset();
  const std::uint32_t wanted = (readable() ? EPOLLIN : 0u) | (writable ? EPOLLOUT : 0u);
  if (wanted == waiting_for_ || !watch_) return;
  waiting_for_ = wanted;
  watch_.change(wanted);
}

void Connection::goodbye(std::string_view kind, std::string_view reason) {
  if (ended_) return;
  send({Type::Goodbye, 0, share(error_document(kind, reason))});
  outbox_.flush(socket_.get());
  end();
}

void Connection::expire(Clock::time_point now) {
  session_.expire(now);
  if (!outbox_.empty() && now - last_sent_ >= limits_->stalled)
    return goodbye("Stalled", "nobody reads on this connection");
  if (idle() && now - last_read_ >= limits_->idle_observer)
    goodbye("Idle", "this connection was not used for a long time");
}

Clock::time_point Connection::next_expiry() const noexcept {
  Clock::time_point next = session_.next_expiry();
  if (!outbox_.empty()) next = std::min(next, last_sent_ + limits_->stalled);
  if (idle()) next = std::min(next, last_read_ + limits_->idle_observer);
  return next;
}

}  // namespace ocelot::control
