#include "shim/control/client.hpp"

#include <fmt/core.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "runtime/base/error.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_network.hpp"
#include "runtime/base/unix_socket.hpp"
#include "shim/control/documents.hpp"

namespace ocelot::control {
namespace {

constexpr std::size_t packets_at_once = 64;

constexpr int type = SOCK_SEQPACKET | SOCK_NONBLOCK;

// Twice as long each time, and somewhere in the upper half of that: clients that lost the same shim
// do not come back all at once.
std::chrono::milliseconds back_off(const ClientOptions& options, unsigned failures) {
  const auto whole = std::min(options.reconnect_after * (1u << std::min(failures, 16u)),
                              options.reconnect_at_most);
  std::uint16_t chance = 0;
  sys::random_bytes({reinterpret_cast<char*>(&chance), sizeof chance});
  return whole / 2 + whole * chance / (2 * 65536);
}

std::string subscription(std::uint64_t after, std::uint64_t instance) {
  if (after == 0) return R"({"operation":"events"})";
  return fmt::format(R"({{"operation":"events","after":{},"instance":"{:016x}"}})", after,
                     instance);
}

}  // namespace

std::optional<Client> Client::connect_if_listening(int directory, const std::string& name,
                                                   const ClientOptions& options) {
  const auto kept = std::make_shared<UniqueFd>(sys::duplicate(directory));
  Client client{[kept, name](int& error_number) {
                  return try_connect_unix(kept->get(), name, type, error_number);
                },
                options};
  client.connect();
  if (!client.link_ && (client.connect_error_ == ENOENT || client.connect_error_ == ECONNREFUSED))
    return std::nullopt;
  // Nothing that time mends.
  if (!client.link_ && client.connect_error_ == EACCES) {
    throw Error{ErrorKind::Failed, fmt::format("connect {}", name), EACCES}.with_hint(
        "operators and observers of a container are named when its shim is started");
  }
  return client;
}

Client::Client(Connect connect, const ClientOptions& options)
    : connect_(std::move(connect)), options_(options), session_(random_session()) {}

Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

Client::Answer Client::request(std::string document, std::vector<UniqueFd> fds,
                               Clock::time_point deadline) {
  const std::uint64_t id = send(std::move(document), std::move(fds));
  const auto is_answer = [&](const Incoming& incoming) {
    return incoming.id == id && incoming.kind == Incoming::Kind::Reply;
  };
  for (;;) {
    advance_sending();
    const auto found = std::find_if(inbox_.begin(), inbox_.end(), is_answer);
    if (found != inbox_.end()) {
      Answer answer{std::move(found->document), std::move(found->fds)};
      inbox_.erase(found);
      if (auto error = error_of(answer.document)) throw std::move(*error);
      return answer;
    }
    if (Clock::now() >= deadline) {
      abandon(id);
      fail_at_deadline("the shim does not answer");
    }
    wait_once(deadline);
    advance();
  }
}

std::uint64_t Client::send(std::string document, std::vector<UniqueFd> fds) {
  if (document.size() > max_message_bytes) {
    throw Error{ErrorKind::InvalidArgument,
                fmt::format("a request has at most {} bytes", max_message_bytes)};
  }
  if (fds.size() > max_descriptors) {
    throw Error{ErrorKind::InvalidArgument,
                fmt::format("a request has at most {} descriptors", max_descriptors)};
  }
  Unanswered& request = unanswered_[++last_id_];
  request.body = share(std::move(document), std::move(fds));
  return last_id_;
}

std::uint64_t Client::subscribe() {
  const std::uint64_t id = send(subscription(0, 0));
  unanswered_.at(id).subscription = true;
  return id;
}

void Client::abandon(std::uint64_t id) {
  unanswered_.erase(id);
}

std::optional<Client::Incoming> Client::next() {
  if (inbox_.empty()) return std::nullopt;
  Incoming incoming = std::move(inbox_.front());
  inbox_.pop_front();
  return incoming;
}

std::optional<Client::Incoming> Client::wait(Clock::time_point deadline) {
  for (;;) {
    if (inbox_.empty()) advance();
    if (auto incoming = next()) return incoming;
    if (Clock::now() >= deadline) return std::nullopt;
    wait_once(deadline);
  }
}

void Client::wait_once(Clock::time_point deadline) {
  const auto until = std::min(deadline, next_timer());
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
  sys::poll(fd(), events(), static_cast<int>(std::clamp<long>(left, 0, 60'000)));
}

int Client::fd() const noexcept {
  return link_ ? link_->fd() : -1;
}

short Client::events() const noexcept {
  return static_cast<short>(POLLIN | (link_ && link_->sending() ? POLLOUT : 0));
}

bool Client::expects_events() const noexcept {
  return std::any_of(unanswered_.begin(), unanswered_.end(),
                     [](const auto& each) { return each.second.subscription; });
}

Clock::time_point Client::next_timer() const noexcept {
  if (!link_) return reconnect_;
  Clock::time_point next = link_->welcome() ? Clock::time_point::max() : hello_;
  for (const auto& [id, request] : unanswered_)
    if (request.sent) next = std::min(next, request.repeat);
  return next;
}

void Client::advance_sending() {
  if (!link_ && Clock::now() >= reconnect_) connect();
  if (!link_) return;
  send_unsent();
  repeat_due();
  link_->send();
}

void Client::advance() {
  advance_sending();
  if (!link_) return;
  // Asking for more than is to come costs a look that finds nothing.
  const bool more = !link_->welcome() || unanswered_.size() > 1 || expects_events();
  link_->receive(
      more ? packets_at_once : 1, [this](Message&& message) { on_message(std::move(message)); },
      [this](const PacketName& name) { on_resend(name); });
  if (link_->welcome()) instance_ = link_->welcome()->instance;
  if (!link_->broken()) {
    send_unsent();  // those that waited for the welcome
    link_->send();
  }
  if (link_->broken()) lose_link();
}

void Client::connect() {
  UniqueFd socket = connect_(connect_error_);
  if (!socket) {
    reconnect_ = Clock::now() + back_off(options_, failures_++);
    return;
  }
  set_buffer_sizes(socket.get(), options_.send_buffer_bytes, options_.receive_buffer_bytes);
  link_ = std::make_unique<ClientLink>(std::move(socket), session_);
  hello_ = Clock::now() + options_.repeat_after;
  if (server_pid_ != 0) ++reconnects_;
  server_pid_ = link_->server_pid();
}

void Client::lose_link() {
  farewell_ = link_->farewell();
  link_.reset();
  for (auto& [id, request] : unanswered_) {
    request.repeated = request.repeated || request.sent;
    request.sent = false;
    if (request.subscription) request.body = share(subscription(request.last_event, instance_));
  }
  if (farewell_.find(R"("kind":"PermissionDenied")") != std::string::npos) {
    unanswered_.clear();
    throw *error_of(farewell_);
  }
  reconnect_ = Clock::now() + back_off(options_, failures_++);
}

void Client::send_unsent() {
  for (auto& [id, request] : unanswered_) {
    // Descriptors are accepted of those who were admitted, and before that not even sent.
    if (request.sent || (!request.body->fds.empty() && !link_->welcome())) continue;
    request.sent = true;
    request.interval = options_.repeat_after;
    post(id, request);
  }
}

void Client::repeat_due() {
  if (link_->sending()) return;  // they are on their way yet
  const Clock::time_point now = Clock::now();
  if (!link_->welcome() && now >= hello_) {
    hello_ = now + options_.repeat_after;
    link_->push_hello();
  }
  for (auto& [id, request] : unanswered_) {
    if (!request.sent || request.repeat > now) continue;
    request.interval = std::min(2 * request.interval, options_.repeat_at_most);
    request.repeated = true;
    post(id, request);
  }
}

void Client::post(std::uint64_t id, Unanswered& request) {
  request.repeat = Clock::now() + request.interval;
  link_->push({Type::Request, id, request.body, request.repeated});
}

void Client::on_message(Message&& message) {
  const auto found = unanswered_.find(message.id);
  if (found == unanswered_.end()) return;  // answered before, or abandoned
  failures_ = 0;
  Incoming incoming{.id = message.id};
  if (message.type == Type::Event) {
    if (found->second.subscription && !on_event(found->second, message.bytes)) return;
    incoming.kind = Incoming::Kind::Event;
  } else {
    unanswered_.erase(found);
  }
  incoming.document = std::move(message.bytes);
  incoming.fds = std::move(message.fds);
  inbox_.push_back(std::move(incoming));
}

bool Client::on_event(Unanswered& subscription, const std::string& document) {
  const std::uint64_t number = number_of(document);
  if (number == 0) {
    // "subscribed" or "resync": the next number may be any.
    const auto next = number_member(document, "next");
    if (next && *next != 0) subscription.last_event = *next - 1;
    return true;
  }
  if (number <= subscription.last_event) return false;  // came twice
  if (number != subscription.last_event + 1) {
    link_->give_up();  // one was lost: it will come again on a new connection
    return false;
  }
  subscription.last_event = number;
  return true;
}

void Client::on_resend(const PacketName& name) {
  const auto found = unanswered_.find(name.id);
  if (found == unanswered_.end()) return;
  link_->push_fragment({Type::Request, name.id, found->second.body, true}, name.index);
}

void Client::fail_at_deadline(const std::string& what) const {
  std::string why;
  if (const auto error = error_of(farewell_)) why = fmt::format(": {}", error->what());
  if (server_pid_ == 0 && connect_error_ != 0)
    throw Error{ErrorKind::Failed, "connect to the shim", connect_error_};
  throw Error{ErrorKind::Failed, fmt::format("{} (pid {}){}", what, server_pid_, why)}.with_hint(
      "look at what it does (its log, /proc/PID/stack); the container goes on without it");
}

}  // namespace ocelot::control
