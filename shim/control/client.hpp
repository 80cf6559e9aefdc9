#pragma once
#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shim/control/client_link.hpp"

// A client of a control socket: for a command line that asks and waits, or in a loop of poll(2).
//
//   auto shim = Client::connect_if_listening(directory);       // nullopt: act directly
//   shim->request(R"({"operation":"state"})", {}, deadline)    // the answer, or its error thrown
//
// A connection that breaks is made again, with exponential back-off; what was not answered is sent
// again under its id, with its descriptors. A request that changes something is done at most once.
namespace ocelot::control {

struct ClientOptions {
  // An unanswered request is repeated after this, then twice this, ... on the same connection.
  std::chrono::milliseconds repeat_after{1'000};
  std::chrono::milliseconds repeat_at_most{30'000};
  std::chrono::milliseconds reconnect_after{5};  // doubled each time, with jitter
  std::chrono::milliseconds reconnect_at_most{1'000};
  int send_buffer_bytes = 0, receive_buffer_bytes = 0;
};

class Client {
 public:
  // A new connection, or an empty descriptor and errno. Must not wait.
  using Connect = std::function<UniqueFd(int& error_number)>;

  // nullopt when there is no shim: nobody listens at `name` in `directory`. The client keeps a
  // duplicate of the directory's descriptor.
  static std::optional<Client> connect_if_listening(int directory,
                                                    const std::string& name = "control.sock",
                                                    const ClientOptions& options = {});
  explicit Client(Connect connect, const ClientOptions& options = {});
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  ~Client();

  struct Answer {
    std::string document;
    std::vector<UniqueFd> fds;
  };
  // Sends and waits. Throws the error that the reply tells; or, at the deadline, one that names the
  // shim's pid; or at once when the shim refuses to have anything to do with us. Events that come
  // meanwhile wait for next().
  Answer request(std::string document, std::vector<UniqueFd> fds, Clock::time_point deadline);

  // The same in parts: the id under which the answer, and events, will come.
  std::uint64_t send(std::string document, std::vector<UniqueFd> fds = {});
  // Published events, from the next one on; after a reconnect they go on where they were, and what
  // was missed is told by an event "resync".
  std::uint64_t subscribe();
  // Its answer will not come any more; the shim is not told.
  void abandon(std::uint64_t id);

  struct Incoming {
    enum class Kind { Reply, Event } kind = Kind::Reply;
    std::uint64_t id = 0;
    std::string document;
    std::vector<UniqueFd> fds;
  };
  // What has come, without waiting.
  std::optional<Incoming> next();
  // Waits for it; nullopt at the deadline.
  std::optional<Incoming> wait(Clock::time_point deadline);

  // For a loop of one's own: poll fd() (-1: none now; it changes with a reconnect) for events()
  // (POLL*) until next_timer(), then call advance(), then next() until it has nothing.
  int fd() const noexcept;
  short events() const noexcept;
  Clock::time_point next_timer() const noexcept;
  void advance();

  // Of the shim; 0 when we were never connected.
  pid_t server_pid() const noexcept { return server_pid_; }
  std::uint64_t reconnects() const noexcept { return reconnects_; }
  const SessionToken& session() const noexcept { return session_; }

 private:
  struct Unanswered {
    SharedBody body;
    bool subscription = false;
    std::uint64_t last_event = 0;  // of a subscription
    bool sent = false;             // on this connection
    bool repeated = false;         // has been sent before
    Clock::time_point repeat;      // when to repeat
    std::chrono::milliseconds interval{};
  };

  // All of advance() but receiving: there cannot be an answer yet.
  void advance_sending();
  void connect();
  void lose_link();
  void send_unsent();
  void repeat_due();
  void post(std::uint64_t id, Unanswered& request);
  void on_message(Message&& message);
  // False: it is to be dropped.
  bool on_event(Unanswered& subscription, const std::string& document);
  void on_resend(const PacketName& name);
  bool expects_events() const noexcept;
  void wait_once(Clock::time_point deadline);
  [[noreturn]] void fail_at_deadline(const std::string& what) const;

  Connect connect_;
  ClientOptions options_;
  SessionToken session_;
  std::uint64_t last_id_ = 0;
  std::map<std::uint64_t, Unanswered> unanswered_;
  std::deque<Incoming> inbox_;
  std::unique_ptr<ClientLink> link_;
  std::uint64_t instance_ = 0;  // of the server
  pid_t server_pid_ = 0;
  std::string farewell_;  // the last one
  int connect_error_ = 0;
  unsigned failures_ = 0;        // since something came
  Clock::time_point reconnect_;  // without a connection: when to make one
  Clock::time_point hello_;      // with one that is not welcomed: when to say hello again
  std::uint64_t reconnects_ = 0;
};

}  // namespace ocelot::control
