#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/base/event_loop.hpp"
#include "shim/control/authority.hpp"
#include "shim/control/connection.hpp"
#include "shim/control/direct_reply.hpp"
#include "shim/control/effects.hpp"
#include "shim/control/event_journal.hpp"
#include "shim/control/limits.hpp"
#include "shim/control/listener.hpp"
#include "shim/control/metrics.hpp"
#include "shim/control/operations.hpp"
#include "shim/control/refusal_log.hpp"

// The server of a control socket, in one EventLoop and one thread.
//
//   class Shim : control::Handler { void on_request(control::Request) override; ... };
//   control::Server server{loop, control::Listener::bind(directory, {}), authority, shim, {}};
//   ... server.reply(request.handle, R"({"status":"running"})");
namespace ocelot::control {

// A request that waits for its answer; it may outlive the connection, and the server forgets it
// with its answer. A plain value: keep it as long as you like.
struct RequestHandle {
  std::uint64_t value = 0;

  auto operator<=>(const RequestHandle&) const = default;
};

// A request whose sender may make it.
struct Request {
  RequestHandle handle;
  Operation operation = Operation::State;  // decided: never read it from the payload again
  std::string payload;                     // a JSON object, not yet parsed but for that
  std::vector<UniqueFd> fds;               // at most as many as the operation takes
  Credentials peer;                        // who connected
  Role role = Role::None;
  // Of an operation with an effect: to be written down before the first effect. See Effects.
  std::optional<EffectKey> key;
  std::uint64_t digest = 0;
};

class Handler {
 public:
  virtual ~Handler() = default;
  // Answers now or later, exactly once, with Server::reply or fail. An Error that leaves it is the
  // answer. Neither blocks nor calls Server::adopt.
  virtual void on_request(Request request) = 0;
  // Nobody waits for the answer any more: it was cancelled, or the peer is gone. The handle is
  // worth nothing from here on. Not called for requests with an effect, whose answer is kept for a
  // repeat.
  virtual void on_gone(RequestHandle) {}
};

struct ServerOptions {
  Limits limits;
  // Of a server that takes the place of another: its clients go on where they were. 0: a new one.
  std::uint64_t instance = 0;
  std::uint64_t first_event = 1;
  Metrics counted;                 // by that other one
  EffectRecord* record = nullptr;  // where requests with effect are written down; none: nowhere
  RefusalLog::Write log;           // where refusals are told; none: nowhere
};

struct ConnectionStatus {
  Credentials peer;
  Role role;
  std::size_t in_progress, subscriptions, queued_bytes;
  std::uint64_t packets;
  int send_buffer_bytes, receive_buffer_bytes;  // as the kernel counts them
};

class Server {
 public:
  // `loop` and `handler` must outlive the server.
  Server(EventLoop& loop, Listener listener, Authority authority, Handler& handler,
         ServerOptions options);
  // Without a socket in the file system: connections come by adopt().
  Server(EventLoop& loop, Authority authority, Handler& handler, ServerOptions options);
  ~Server();

  // One end of a SocketPair, or an accepted connection. It is checked like any other.
  void adopt(UniqueFd socket);

  // The answer. Harmless when nobody waits for it: that of an operation with an effect is kept.
  // Descriptors are not kept: a repeat is answered without them.
  void reply(RequestHandle request, std::string document, std::vector<UniqueFd> fds = {});
  void reply(RequestHandle request, SharedBody body);
  void fail(RequestHandle request, const Error& error);
  // The answer to a request without an effect, for another process to send; was_answered() follows
  // when that is done. Throws Error when nobody waits for it.
  DirectReply direct_reply(RequestHandle request);
  void was_answered(RequestHandle request);

  // Makes the request a subscription of all published events, from number `after` + 1 on if this
  // instance has published it (`instance` as the subscriber knows it, 0: not at all), else from the
  // next one on. It stays in progress until it is cancelled or answered.
  void subscribe(RequestHandle request, std::uint64_t after = 0, std::uint64_t instance = 0);
  // An event (a JSON object) for all subscribers. Leaves with the next reply to the same peer, when
  // enough have gathered, or after a millisecond.
  void publish(std::string_view document);
  // An event of this request alone, such as one set of figures of stats. It gets the members
  // "number" (of this request, from 1) and, when some could not be queued because the peer does not
  // read, "missed". False when it was dropped for that.
  bool stream(RequestHandle request, std::string_view document);

  // False once it was answered, cancelled, or its peer is gone.
  bool waits(RequestHandle request) const noexcept;

  Effects& effects() noexcept { return effects_; }
  const Effects& effects() const noexcept { return effects_; }
  Metrics metrics() const;
  std::vector<ConnectionStatus> connections() const;
  std::uint64_t instance() const noexcept { return instance_; }
  // The listening socket, borrowed, for whoever goes on in another program; -1: none.
  int listener() const noexcept { return listener_ ? listener_->fd() : -1; }
  std::uint64_t next_event() const noexcept { return journal_.next(); }

  // Sends what it can without waiting, now instead of at the end of the turn: before an exit.
  void flush_now();
  // In a process that is a copy of this one: without its sockets, so that clients learn of the end
  // of the original however long the copy stays.
  void close_in_copy() const noexcept;
  // No more connections; those there are told why, and closed.
  void shut_down(std::string_view reason);

 private:
  struct Pending {
    std::uint64_t connection = 0;  // 0: gone
    std::uint64_t id = 0;          // of the request, on that connection
    Operation operation = Operation::State;
    std::uint64_t digest = 0;
    std::optional<EffectKey> key;
    Clock::time_point begin;
    std::uint64_t streamed = 0, missed = 0;
  };

  std::optional<Pending> take_pending(RequestHandle request);
  void accept_some();
  void refuse(UniqueFd socket, const Peer& peer, Refusal refusal, std::string_view reason);
  void count_refusal(const Credentials& peer, Refusal refusal, std::string_view reason);

  void on_ready(std::uint64_t number, std::uint32_t events);
  void on_request(Connection& connection, Message&& message);
  void refuse(Connection& connection, std::uint64_t id, Refusal refusal, std::string_view kind,
              std::string_view reason);
  void refuse_other_payload(Connection& connection, std::uint64_t id);
  // False: the repeat of one that was seen before; all is done.
  bool begin_effect(Connection& connection, const Message& message, const EffectKey& key,
                    Operation operation, std::uint64_t digest);
  void cancel(Connection& connection, const Message& message);
  void forget_ticket(Connection& connection, std::uint64_t id);

  Connection* find(std::uint64_t number) noexcept;
  void mark(Connection& connection);
  void mark_subscribers();
  void end_turn();
  void give_back_memory();
  void bury(Connection& connection);
  void expire();
  void expire_at(Clock::time_point when);

  EventLoop* loop_;
  Handler* handler_;
  Limits limits_;
  Authority authority_;
  std::optional<Listener> listener_;
  Metrics metrics_;
  Effects effects_;
  EventJournal journal_;
  PacketReceiver receiver_;
  EffectRecord* record_;
  RefusalLog log_;
  static constexpr std::size_t large_bytes = 64 << 10;
  bool large_request_ = false;  // since memory was given back
  struct {
    std::uint64_t moved = 0, connections_closed = 0;
  } given_back_;
  std::uint64_t instance_;
  std::uint64_t last_number_ = 0;  // of connections
  std::uint64_t last_ticket_ = 0;
  std::unordered_map<std::uint64_t, std::unique_ptr<Connection>> connections_;
  std::unordered_map<std::uint64_t, Pending> pending_;  // by ticket
  std::vector<std::uint64_t> dirty_;
  unsigned gathered_events_ = 0;
  std::size_t gathered_bytes_ = 0;
  Clock::time_point expiry_ = Clock::time_point::max();
  EventLoop::Watch accepting_, gathering_, expiring_, turn_end_;
};

}  // namespace ocelot::control
