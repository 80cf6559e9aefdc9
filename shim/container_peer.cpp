#include "shim/container_peer.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>

#include "runtime/base/error.hpp"
#include "runtime/base/process.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/unix_socket.hpp"
#include "shim/foreign_fds.hpp"
#include "shim/peer_packet.hpp"

namespace ocelot::shim {
namespace {

constexpr unsigned packets_a_turn = 16;

Error closed_error() {
  return Error{ErrorKind::WrongState, "the container has closed its end of the channel"};
}

std::vector<int> numbers(const std::vector<UniqueFd>& fds) {
  std::vector<int> result;
  for (const UniqueFd& fd : fds) result.push_back(fd.get());
  return result;
}

}  // namespace

ContainerPeer::ContainerPeer(EventLoop& loop, LastingWorkers& workers, UniqueFd socket,
                             IsOurs is_ours, const Limits& limits)
    : loop_(loop),
      workers_(workers),
      socket_(std::move(socket)),
      is_ours_(std::move(is_ours)),
      limits_(limits) {
  wait_for_events();
}

ContainerPeer::ContainerPeer(EventLoop& loop, LastingWorkers& workers, Handover handover,
                             IsOurs is_ours)
    : ContainerPeer(loop, workers, std::move(handover.socket), std::move(is_ours)) {
  last_id_ = handover.last_id;
  counters_ = handover.counters;
  unasked_ = std::move(handover.unasked);
  shelf_ = std::move(handover.shelf);
  for (const Kept& kept : unasked_) {
    unasked_bytes_ += kept.text.size();
    unasked_fds_ += kept.descriptors;
    last_kept_ = kept.number;
  }
}

bool ContainerPeer::awaits_reply() const {
  return std::ranges::any_of(requests_,
                             [](const Request& each) { return each.id != 0 || each.unsent; });
}

ContainerPeer::Handover ContainerPeer::hand_over() {
  watch_.reset();
  pause_.reset();
  requests_.clear();
  return {std::move(socket_), last_id_, std::move(unasked_), std::move(shelf_), counters_};
}

void ContainerPeer::request(control::RequestHandle handle, Command command) {
  const bool sends = command.send.has_value();
  if (!sends && (!command.receive || !command.fds.empty()))
    throw Error{ErrorKind::InvalidArgument, "channel: nothing to send, and nothing to wait for"};
  if (sends && command.send->size() > max_peer_text) {
    throw Error{ErrorKind::InvalidArgument,
                fmt::format("channel: a text of {} bytes; at most {} fit into one packet",
                            command.send->size(), max_peer_text)}
        .with_hint("pass a descriptor of what is longer");
  }
  const bool kept = !sends && !unasked_.empty();
  if (!socket_ && !kept) throw closed_error();
  std::size_t unsent_fds = command.fds.size();
  for (const Request& other : requests_) unsent_fds += other.command.fds.size();
  if (!kept && (requests_.size() >= limits_.requests || unsent_fds > limits_.unsent_fds)) {
    throw Error{ErrorKind::Failed, "channel: too many commands wait for the container already"}
        .with_hint("try again when it has answered");
  }

  Request& added = requests_.emplace_back();
  const auto place = std::prev(requests_.end());
  added.handle = handle;
  if (sends) {
    if (command.receive) added.id = ++last_id_;
    added.packet = make_peer_packet(added.id, *command.send);
    added.unsent = true;
    command.send.reset();
  }
  added.command = std::move(command);
  added.deadline = loop_.after(added.command.timeout, [this, place] { expire(place); });
  sends ? send_unsent() : serve_kept();
}

void ContainerPeer::forget(control::RequestHandle handle) {
  requests_.remove_if([&](const Request& request) { return request.handle == handle; });
  wait_for_events();
}

ContainerPeer::Counters ContainerPeer::counters() const {
  Counters counters = counters_;
  counters.waiting = requests_.size();
  counters.queued = unasked_.size();
  counters.open = static_cast<bool>(socket_);
  return counters;
}

void ContainerPeer::on_ready(std::uint32_t events) {
  if ((events & EPOLLOUT) != 0) send_unsent();
  const bool hung_up = (events & (EPOLLHUP | EPOLLERR)) != 0;
  if (!socket_ || ((events & EPOLLIN) == 0 && !hung_up)) return;
  bool dropped = false;
  // One at a time: behind an empty packet, which looks like the end, others may be.
  for (unsigned count = 0; count < packets_a_turn && !dropped && !working_; ++count) {
    auto batch = receiver_.receive(socket_.get(), 1, control::Descriptors::Left);
    if (batch.error_number != 0 || (batch.ended && hung_up)) {
      close();
      return;
    }
    if (batch.drained) break;
    const bool carries = batch.carries;
    if (carries && workers_.too_many()) return hung_up ? close() : read_later();
    if (!carries) batch = receiver_.receive(socket_.get(), 1, control::Descriptors::Refused);
    if (batch.ended) {
      ++counters_.malformed;
      if (carries) discard();
    }
    dropped = batch.ended || !take(batch.packets.front(), carries);
  }
  receiver_.trim();
  if (dropped && !working_ && !hung_up) read_later();
}

bool ContainerPeer::take(const control::IncomingPacket& packet, bool carries) {
  const auto drop = [&](std::uint64_t& counter) {
    ++counter;
    if (carries) discard();
    return false;
  };
  if (packet.cut) return drop(counters_.cut);
  const auto parsed = parse_peer_packet(packet.bytes);
  if (!parsed) return drop(counters_.malformed);
  if (!is_of_the_container(packet.sender)) return drop(counters_.foreign);
  const auto request = waiting_for(parsed->id);
  const bool waits = request != requests_.end();
  if (!waits && parsed->id != 0) return drop(counters_.late);
  if (!waits && (unasked_.size() >= limits_.unasked ||
                 unasked_bytes_ + parsed->text.size() > limits_.unasked_bytes)) {
    return drop(counters_.overflown);
  }
  if (!waits) {
    Kept kept{.text = std::string(parsed->text), .sender = packet.sender};
    carries ? shelve(std::move(kept)) : keep(std::move(kept));
    return true;
  }
  Received received{.text = std::string(parsed->text), .fds = {}, .sender = packet.sender};
  ++(parsed->id == 0 ? counters_.unasked : counters_.replies);
  carries ? deliver(request, std::move(received)) : answer(request, std::move(received));
  return true;
}

ContainerPeer::Requests::iterator ContainerPeer::waiting_for(std::uint64_t id) {
  // An answer to a command that was not sent yet is a guess.
  return std::ranges::find_if(requests_, [id](const Request& request) {
    return request.id == id && !request.unsent && !request.being_delivered;
  });
}

void ContainerPeer::keep(Kept kept) {
  ++counters_.unasked;
  unasked_bytes_ += kept.text.size();
  unasked_fds_ += kept.descriptors;
  kept.number = ++last_kept_;
  unasked_.push_back(std::move(kept));
}

void ContainerPeer::serve_kept() {
  while (!working_ && !unasked_.empty()) {
    const auto request = waiting_for(0);
    if (request == requests_.end()) return;
    Kept kept = std::move(unasked_.front());
    unasked_.pop_front();
    unasked_bytes_ -= kept.text.size();
    unasked_fds_ -= kept.descriptors;
    Received received{.text = std::move(kept.text), .fds = {}, .sender = kept.sender};
    kept.descriptors > 0 ? deliver(request, std::move(received), kept.number)
                         : answer(request, std::move(received));
  }
}

void ContainerPeer::deliver(Requests::iterator request, Received received, std::uint64_t number) {
  const control::RequestHandle handle = request->handle;
  const auto with_request = [this, handle](const auto& act) {
    const auto found = std::ranges::find(requests_, handle, &Request::handle);
    if (found != requests_.end()) act(found);
  };
  Delivery delivery{[](Received unwanted) { const ForeignFds fds{std::move(unwanted.fds)}; }, {}};
  try {
    delivery = request->command.delivery();
    request->being_delivered = true;
    request->deadline.reset();  // the worker has its own
  } catch (const Error& error) {
    fail(request, error);
  }
  delivery.keeps.push_back(number != 0 ? shelf_.out().get() : socket_.get());
  work(
      delivery.keeps,
      [&] {
        received.fds = number != 0 ? shelf_.take(number) : take_descriptors();
        delivery.act(std::move(received));
        return Worker::Result{};
      },
      [this, with_request](const Worker::Result&) {
        with_request([this](Requests::iterator found) {
          const auto delivered = std::move(found->command.delivered);
          requests_.erase(found);
          delivered();
        });
        if (unasked_fds_ == 0) shelf_ = {};
      },
      [this, with_request](const Error& error) {
        with_request([&](Requests::iterator found) { fail(found, error); });
      });
}

void ContainerPeer::shelve(Kept kept) {
  try {
    shelf_.open();
  } catch (const Error&) {
    ++counters_.overflown;
    return discard();
  }
  work(
      {socket_.get(), shelf_.in().get()},
      [this] {
        const ForeignFds fds{take_descriptors()};
        const bool fit = unasked_fds_ + fds.size() <= limits_.unasked_fds &&
                         shelf_.put(last_kept_ + 1, fds.get());
        return Worker::Result{.number = fit ? static_cast<std::int64_t>(fds.size()) : -1,
                              .fds = {}};
      },
      [this, kept = std::move(kept)](const Worker::Result& result) mutable {
        if (result.number >= 0) {
          kept.descriptors = static_cast<std::size_t>(result.number);
          return keep(std::move(kept));
        }
        ++counters_.overflown;
        read_later();
      },
      [this](const Error&) {
        ++counters_.overflown;
        read_later();
      });
}

void ContainerPeer::discard() {
  work(
      {socket_.get()},
      [this] {
        const ForeignFds fds{take_descriptors()};
        return Worker::Result{};
      },
      [this](const Worker::Result&) { read_later(); }, [this](const Error&) { read_later(); });
}

void ContainerPeer::work(std::vector<int> keeps, const Worker::Body& body, Worker::Done done,
                         Worker::Failed failed) {
  working_ = true;
  watch_.reset();
  const auto go_on = [this] {
    working_ = false;
    serve_kept();
    wait_for_events();
  };
  try {
    workers_.start(
        "ocelot-shim:take", std::move(keeps), body,
        [done = std::move(done), go_on](Worker::Result result) {
          done(std::move(result));
          go_on();
        },
        [failed, go_on](const Error& error) {
          failed(error);
          go_on();
        });
  } catch (const Error& error) {  // what was to be taken is still there
    working_ = false;
    failed(error);
    read_later();
  }
}

std::vector<UniqueFd> ContainerPeer::take_descriptors() {
  auto batch = receiver_.receive(socket_.get(), 1, control::Descriptors::Accepted);
  if (batch.packets.empty()) return std::move(batch.orphans);
  control::IncomingPacket& packet = batch.packets.front();
  if (!packet.cut) return std::move(packet.fds);
  const ForeignFds some{std::move(packet.fds)};
  throw Error{ErrorKind::Failed, "channel: not all descriptors from the container could be had"};
}

bool ContainerPeer::is_of_the_container(const control::Credentials& sender) const {
  if (sender.pid <= 0) return false;
  try {
    return is_ours_(sender.pid);
  } catch (const Error&) {
    return false;  // what cannot be found out is not so
  }
}

void ContainerPeer::send_unsent() {
  // In order, and each at most once: what is called back may change the list.
  while (socket_) {
    const auto next = std::ranges::find_if(requests_, &Request::unsent);
    if (next == requests_.end()) break;
    const int error_number =
        try_send_packet(socket_.get(), next->packet, numbers(next->command.fds));
    if (error_number == EAGAIN) break;
    if (error_number == EPIPE || error_number == ECONNRESET) return close();
    if (error_number != 0) {
      fail(next, Error{ErrorKind::Failed, "channel: sendmsg to the container", error_number});
      continue;
    }
    ++counters_.commands;
    next->unsent = false;
    next->packet = {};
    next->command.fds.clear();
    if (!next->command.receive) answer(next, std::nullopt);
  }
  wait_for_events();
}

void ContainerPeer::wait_for_events() {
  if (!socket_ || working_) return;
  std::uint32_t events = pause_ ? 0U : std::uint32_t{EPOLLIN};
  if (std::ranges::any_of(requests_, &Request::unsent)) events |= EPOLLOUT;
  if (watch_) return watch_.change(events);
  watch_ = loop_.watch(socket_.get(), events, [this](std::uint32_t ready) { on_ready(ready); });
}

void ContainerPeer::read_later() {
  if (!socket_) return;
  pause_ = loop_.after(limits_.pause, [this] {
    pause_.reset();
    wait_for_events();
  });
  wait_for_events();
}

void ContainerPeer::close() {
  watch_.reset();
  pause_.reset();
  close_socket();
  for (;;) {
    const auto next = std::ranges::find(requests_, false, &Request::being_delivered);
    if (next == requests_.end()) return;
    fail(next, closed_error());
  }
}

// Descriptors may still be queued in it: a worker has it last.
void ContainerPeer::close_socket() try {
  const sys::Pipe open = sys::pipe();
  workers_.start(
      "ocelot-shim:close", {open.read_end.get(), socket_.get()},
      [&open] {
        wait_readable(open.read_end.get(), -1);
        return Worker::Result{};
      },
      [](const Worker::Result&) {}, [](const Error&) {});
  socket_.reset();
} catch (const Error&) {
  socket_.reset();
}

void ContainerPeer::expire(Requests::iterator request) {
  ++counters_.timeouts;
  const bool unsent = request->unsent;
  fail(request,
       Error{ErrorKind::Failed, fmt::format("the container has {} within {} ms",
                                            unsent ? "not read the command" : "sent nothing",
                                            request->command.timeout.count())}
           .with_hint("it may be paused, or busy; `ocelot state` tells"));
  wait_for_events();
}

void ContainerPeer::answer(Requests::iterator request, std::optional<Received> received) {
  const auto answered = std::move(request->command.answered);
  requests_.erase(request);
  answered(std::move(received));
}

void ContainerPeer::fail(Requests::iterator request, const Error& error) {
  const auto failed = std::move(request->command.failed);
  requests_.erase(request);
  failed(error);
}

}  // namespace ocelot::shim
