#include "shim/control/server.hpp"

#include <fmt/core.h>
#include <sys/socket.h>

#include <algorithm>

#include "runtime/base/kernel_abi.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_network.hpp"
#include "shim/control/documents.hpp"

// Connections: how they come, when they are read and flushed, how they end. What becomes of their
// requests is in server_requests.cpp.
namespace ocelot::control {
namespace {

constexpr unsigned accepts_a_turn = 16;

std::uint64_t random_instance() {
  std::uint64_t instance = 0;
  while (instance == 0) sys::random_bytes({reinterpret_cast<char*>(&instance), sizeof instance});
  return instance;
}

}  // namespace

Server::Server(EventLoop& loop, Authority authority, Handler& handler, ServerOptions options)
    : loop_(&loop),
      handler_(&handler),
      limits_(options.limits),
      authority_(std::move(authority)),
      metrics_(options.counted),
      effects_(limits_),
      journal_(limits_, options.first_event),
      record_(options.record),
      log_(std::move(options.log)),
      instance_(options.instance != 0 ? options.instance : random_instance()),
      turn_end_(loop.at_turn_end([this] { end_turn(); })) {}

Server::Server(EventLoop& loop, Listener listener, Authority authority, Handler& handler,
               ServerOptions options)
    : Server(loop, std::move(authority), handler, std::move(options)) {
  listener_.emplace(std::move(listener));
  accepting_ = loop.watch(listener_->fd(), EPOLLIN, [this](std::uint32_t) { accept_some(); });
}

Server::~Server() = default;

void Server::accept_some() {
  for (unsigned i = 0; i < accepts_a_turn; ++i) {
    bool turned_away = false;
    UniqueFd socket = listener_->accept(turned_away);
    if (!socket) return;
    if (turned_away)
      refuse(std::move(socket), {}, Refusal::Connections, "the shim has no free file descriptor");
    else
      adopt(std::move(socket));
  }
}

void Server::adopt(UniqueFd socket) {
  sys::set_nonblocking(socket.get(), true);
  sys::set_socket_option(socket.get(), SO_PASSCRED, 1);
  set_buffer_sizes(socket.get(), limits_.send_buffer_bytes, limits_.receive_buffer_bytes);
  Peer peer;
  try {
    peer = authority_.admit(socket.get());
  } catch (const Error& error) {
    // Nobody is let in whom it was not possible to look at.
    return refuse(std::move(socket), {}, Refusal::Connections, error.what());
  }
  if (peer.role == Role::None)
    return refuse(std::move(socket), peer, Refusal::NoRole, peer.refusal);
  if (connections_.size() >= limits_.connections) {
    return refuse(std::move(socket), peer, Refusal::Connections,
                  fmt::format("there are {} connections already", limits_.connections));
  }
  const auto of_uid =
      std::count_if(connections_.begin(), connections_.end(), [&](const auto& each) {
        return each.second->peer().credentials.uid == peer.credentials.uid;
      });
  if (of_uid >= static_cast<std::ptrdiff_t>(limits_.connections_of_one_uid)) {
    return refuse(std::move(socket), peer, Refusal::ConnectionsOfUid,
                  fmt::format("uid {} has {} connections already", peer.credentials.uid, of_uid));
  }

  sys::set_socket_option_if_known(socket.get(), so_passrights, peer.role >= Role::Operator ? 1 : 0);
  const std::uint64_t number = ++last_number_;
  const std::size_t packet = packet_bytes(socket.get());
  auto connection = std::make_unique<Connection>(*loop_, number, std::move(socket),
                                                 Session{authority_, peer, limits_, metrics_},
                                                 Outbox{packet, metrics_}, limits_, metrics_);
  connection->start([this, number](std::uint32_t events) { on_ready(number, events); });
  ++metrics_.connections_accepted;
  expire_at(connection->next_expiry());
  connections_.emplace(number, std::move(connection));
}

void Server::refuse(UniqueFd socket, const Peer& peer, Refusal refusal, std::string_view reason) {
  count_refusal(peer.credentials, refusal, reason);
  const bool no_role = refusal == Refusal::NoRole;
  Outbox outbox{packet_bytes(socket.get()), metrics_};
  outbox.push(
      {Type::Goodbye, 0,
       share(error_document(no_role ? "PermissionDenied" : "Busy", reason,
                            no_role ? "operators and observers of a container are named when "
                                      "its shim is started"
                                    : "try again when a client has gone"))});
  outbox.flush(socket.get());
}

void Server::count_refusal(const Credentials& peer, Refusal refusal, std::string_view reason) {
  ++metrics_.refused[static_cast<std::size_t>(refusal)];
  log_.tell(peer, reason, loop_->now());
}

void Server::on_ready(std::uint64_t number, std::uint32_t events) {
  Connection* const connection = find(number);
  if (connection == nullptr) return;
  // One that is not read from must not keep the loop awake when its peer is gone.
  if ((events & (EPOLLHUP | EPOLLERR)) != 0 && !connection->readable()) connection->end();
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
    connection->read(
        receiver_, {instance_, journal_.next()},
        [this](Connection& from, Message&& message) { on_request(from, std::move(message)); },
        [this](const Connection& from, Refusal refusal, std::string_view reason) {
          count_refusal(from.peer().credentials, refusal, reason);
        });
  }
  mark(*connection);
}

Connection* Server::find(std::uint64_t number) noexcept {
  const auto found = connections_.find(number);
  return found == connections_.end() ? nullptr : found->second.get();
}

void Server::mark(Connection& connection) {
  if (connection.dirty) return;
  connection.dirty = true;
  dirty_.push_back(connection.number());
}

void Server::mark_subscribers() {
  gathering_.reset();
  gathered_events_ = 0;
  gathered_bytes_ = 0;
  for (const auto& [number, connection] : connections_)
    if (!connection->subscriptions.empty()) mark(*connection);
}

void Server::end_turn() {
  if (dirty_.empty()) return;
  receiver_.trim();
  // A handler that is told of an end may mark further connections.
  for (std::size_t i = 0; i < dirty_.size(); ++i) {
    Connection* const connection = find(dirty_[i]);
    if (connection == nullptr) continue;
    connection->dirty = false;
    connection->flush(journal_);
    if (connection->ended())
      bury(*connection);
    else
      expire_at(connection->next_expiry());
  }
  dirty_.clear();
  give_back_memory();
}

// A shim is small for most of its life: what a large request, long queues and many connections have
// left is not to stay with it.
void Server::give_back_memory() {
  constexpr std::uint64_t much = 1 << 20;
  const std::uint64_t moved = metrics_.bytes_received + metrics_.bytes_sent;
  const bool one_has_ended = metrics_.connections_closed != given_back_.connections_closed;
  if (!large_request_ && moved - given_back_.moved < (one_has_ended ? large_bytes : much)) return;
  large_request_ = false;
  given_back_ = {moved, metrics_.connections_closed};
  sys::give_back_free_memory();
}

void Server::bury(Connection& connection) {
  const auto tickets = std::move(connection.tickets);
  connections_.erase(connection.number());
  ++metrics_.connections_closed;
  for (const auto& [id, ticket] : tickets) {
    const auto found = pending_.find(ticket);
    if (found == pending_.end()) continue;
    found->second.connection = 0;
    if (found->second.key) continue;
    pending_.erase(found);
    handler_->on_gone({ticket});
  }
}

void Server::expire_at(Clock::time_point when) {
  if (when >= expiry_) return;
  expiry_ = when;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(when - loop_->now());
  expiring_ = loop_->after(std::max(left, std::chrono::milliseconds{0}), [this] { expire(); });
}

void Server::expire() {
  expiry_ = Clock::time_point::max();
  const Clock::time_point now = loop_->now();
  for (const auto& [number, connection] : connections_) {
    connection->expire(now);
    mark(*connection);
  }
}

void Server::flush_now() {
  for (const auto& [number, connection] : connections_) mark(*connection);
  end_turn();
}

void Server::shut_down(std::string_view reason) {
  accepting_.reset();
  listener_.reset();
  flush_now();
  for (const auto& [number, connection] : connections_) {
    connection->goodbye("ShutDown", reason);
    mark(*connection);
  }
  end_turn();
}

// By their numbers: the objects that own them are never destroyed there.
void Server::close_in_copy() const noexcept {
  if (listener_) UniqueFd{listener_->fd()};
  for (const auto& [number, connection] : connections_) UniqueFd{connection->fd()};
}

Metrics Server::metrics() const {
  Metrics metrics = metrics_;
  metrics.connections = connections_.size();
  metrics.requests_in_progress = pending_.size();
  metrics.effects = effects_.size();
  for (const auto& [number, connection] : connections_)
    metrics.queued_bytes += connection->queued_bytes();
  return metrics;
}

std::vector<ConnectionStatus> Server::connections() const {
  std::vector<ConnectionStatus> all;
  all.reserve(connections_.size());
  for (const auto& [number, connection] : connections_) {
    all.push_back({connection->peer().credentials, connection->peer().role,
                   connection->tickets.size(), connection->subscriptions.size(),
                   connection->queued_bytes(), connection->session().packets(),
                   sys::socket_option(connection->fd(), SO_SNDBUF),
                   sys::socket_option(connection->fd(), SO_RCVBUF)});
  }
  return all;
}

}  // namespace ocelot::control
