#pragma once
#include <functional>
#include <string>
#include <vector>

#include "runtime/base/process.hpp"
#include "runtime/base/unix_socket.hpp"
#include "runtime/criu/message.hpp"

namespace ocelot::criu {

// A stage of the work that criu tells of, and what came with it. It waits for the answer.
struct Notification {
  std::string script;  // "post-restore"
  pid_t pid = 0;
  std::vector<UniqueFd> fds;
};
using Notified = std::function<void(Notification)>;

// The file that criu is told to log to, and its path for a message.
struct Log {
  int directory = -1;
  std::string name, path;
};

// The path of the program criu; empty when there is none in PATH.
std::string find_program();

// A process of criu that works for this one ("criu swrk"), and the conversation with it. What it
// restores becomes a child of this process.
//
// One that is let go before its work is done undoes it: the processes that it dumps go on, those
// that it restores end.
class Session {
 public:
  // `prepare` is called in the new process, born in the v2 cgroup `cgroup`, if there is one; `kept`
  // are the descriptors that it inherits, with their numbers. Throws Error{Unsupported} when there
  // is no criu, or one before 3.0.
  Session(
      const std::vector<int>& kept, int cgroup = -1, std::function<void()> prepare = [] {});
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  Features features(const Features& wanted);
  // Returns when it is done, calls `notified` at each stage. When it fails, throws Error{Failed}
  // with the errors that `log` tells; or what `notified` throws.
  Answer carry_out(Type type, const Options& options, const Log& log, const Notified& notified);

 private:
  void send(const std::string& request);
  Answer receive(std::vector<UniqueFd>& fds);
  Answer ask(const std::string& request);
  [[noreturn]] void fail_ended();

  UniqueFd socket_;
  UniqueFd output_;  // what criu wrote before it had a log
  ChildProcess process_;
};

}  // namespace ocelot::criu
