#include "shim/container_peer.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>

#include "runtime/base/error.hpp"
#include "runtime/base/unix_socket.hpp"
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

ContainerPeer::ContainerPeer(EventLoop& loop, Closer& closer, UniqueFd socket, IsOurs is_ours,
                             const Limits& limits)
    : loop_(loop),
      closer_(closer),
      socket_(std::move(socket)),
      is_ours_(std::move(is_ours)),
      limits_(limits) {
  if (!socket_) return;
  watch_ = loop.watch(socket_.get(), EPOLLIN, [this](std::uint32_t events) { on_ready(events); });
}

ContainerPeer::ContainerPeer(EventLoop& loop, Closer& closer, Handover handover, IsOurs is_ours)
    : ContainerPeer(loop, closer, std::move(handover.socket), std::move(is_ours)) {
  last_id_ = handover.last_id;
  counters_ = handover.counters;
  unasked_ = std::move(handover.unasked);
  for (const Received& received : unasked_) {
    unasked_bytes_ += received.text.size();
    unasked_fds_ += received.fds.size();
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
  return {std::move(socket_), last_id_, std::move(unasked_), counters_};
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
  if (!sends && !unasked_.empty()) {
    Received received = std::move(unasked_.front());
    unasked_.pop_front();
    unasked_bytes_ -= received.text.size();
    unasked_fds_ -= received.fds.size();
    return command.answered(std::move(received));
  }
  if (!socket_) throw closed_error();
  std::size_t unsent_fds = command.fds.size();
  for (const Request& other : requests_) unsent_fds += other.command.fds.size();
  if (requests_.size() >= limits_.requests || unsent_fds > limits_.unsent_fds) {
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
  if (sends) send_unsent();
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
  if (closer_.lags()) return hung_up ? close() : read_later();
  bool dropped = false;
  // One at a time: behind an empty packet, which looks like the end, others may be.
  for (unsigned count = 0; count < packets_a_turn && !dropped; ++count) {
    auto batch = receiver_.receive(socket_.get(), 1, control::Descriptors::Accepted);
    closer_.close(std::move(batch.orphans));
    if (batch.error_number != 0 || (batch.ended && hung_up)) {
      close();
      return;
    }
    if (batch.ended) ++counters_.malformed;
    dropped = batch.ended;
    for (control::IncomingPacket& packet : batch.packets) dropped |= !take(packet);
    if (batch.drained) break;
  }
  receiver_.trim();
  if (dropped && !hung_up) read_later();
}

bool ContainerPeer::take(control::IncomingPacket& packet) {
  const auto drop = [&](std::uint64_t& counter) {
    ++counter;
    closer_.close(std::move(packet.fds));
    return false;
  };
  if (packet.cut) return drop(counters_.cut);
  const auto parsed = parse_peer_packet(packet.bytes);
  if (!parsed) return drop(counters_.malformed);
  if (!is_of_the_container(packet.sender)) return drop(counters_.foreign);
  Received received{std::string(parsed->text), std::move(packet.fds), packet.sender};
  return parsed->id == 0 ? take_unasked(std::move(received))
                         : take_reply(parsed->id, std::move(received));
}

bool ContainerPeer::is_of_the_container(const control::Credentials& sender) const {
  if (sender.pid <= 0) return false;
  try {
    return is_ours_(sender.pid);
  } catch (const Error&) {
    return false;  // what cannot be found out is not so
  }
}

bool ContainerPeer::take_reply(std::uint64_t id, Received received) {
  // An answer to a command that was not sent yet is a guess.
  const auto found = std::ranges::find_if(
      requests_, [id](const Request& request) { return request.id == id && !request.unsent; });
  if (found == requests_.end()) {
    ++counters_.late;
    closer_.close(std::move(received.fds));
    return false;
  }
  ++counters_.replies;
  answer(found, std::move(received));
  return true;
}

bool ContainerPeer::take_unasked(Received received) {
  const auto waiting = std::ranges::find_if(
      requests_, [](const Request& request) { return request.id == 0 && !request.unsent; });
  if (waiting != requests_.end()) {
    ++counters_.unasked;
    answer(waiting, std::move(received));
    return true;
  }
  if (unasked_.size() >= limits_.unasked ||
      unasked_bytes_ + received.text.size() > limits_.unasked_bytes ||
      unasked_fds_ + received.fds.size() > limits_.unasked_fds) {
    ++counters_.overflown;
    closer_.close(std::move(received.fds));
    return false;
  }
  ++counters_.unasked;
  unasked_bytes_ += received.text.size();
  unasked_fds_ += received.fds.size();
  unasked_.push_back(std::move(received));
  return true;
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
  if (!socket_) return;
  std::uint32_t events = pause_ ? 0U : std::uint32_t{EPOLLIN};
  if (std::ranges::any_of(requests_, &Request::unsent)) events |= EPOLLOUT;
  watch_.change(events);
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
  // Descriptors may still be queued in it.
  std::vector<UniqueFd> closed;
  closed.push_back(std::move(socket_));
  closer_.close(std::move(closed));
  while (!requests_.empty()) fail(requests_.begin(), closed_error());
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
