#pragma once
#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "runtime/base/fd.hpp"
#include "runtime/plan/plan.hpp"

// Readiness of a service that runs in a container: what its process tells NOTIFY_SOCKET is passed
// on to the service manager of the caller. man: sd_notify(3)
//
// `create` ends before the process says anything, so it makes only a directory, which the container
// sees; whoever starts the container binds the socket in it.
namespace ocelot {

// $NOTIFY_SOCKET of this process; empty when there is none.
std::string host_notify_socket();

// Changes the plan so that the process finds a socket: a directory below `notify` in the
// container's state directory (an absolute path) is mounted at /run/notify, and NOTIFY_SOCKET names
// the socket in it. `host_socket` is the caller's $NOTIFY_SOCKET.
void plan_notify_socket(Plan& plan, const std::string& host_socket,
                        const std::string& state_directory);

// Create: makes the directory that the mount copies, in one that nobody else may pass through: the
// socket is for the container, whose process may have any user id, not for the host's users.
void make_notify_directory(int state_directory);

// Start: the socket in that directory. nullopt when create made none. Before the process is
// released.
std::optional<UniqueFd> bind_notify_socket(int state_directory);

class NotifyRelay {
 public:
  // `socket` is what bind_notify_socket() returned, `host_socket` the starter's $NOTIFY_SOCKET,
  // `pid` the host's for the process.
  NotifyRelay(UniqueFd socket, std::string host_socket, pid_t pid);

  int fd() const { return socket_.get(); }
  UniqueFd release() { return std::move(socket_); }
  // Another process is the one for the service manager to watch: it stands for the container's.
  void set_main_process(pid_t pid) { pid_ = pid; }
  // Reads what has arrived. True once the process has said READY=1. Later words are read, so that
  // nobody waits for them to be.
  bool receive();
  // What was read by somebody else.
  bool hear(std::string_view words);
  // Passes READY=1 on, once, together with MAINPID; nothing else is, for the process may say what
  // it likes. Throws when the service manager cannot be told.
  void pass_on();
  // Waits until the service manager has taken what was passed on, at most 30 s: it must find the
  // sender alive.
  void settle();

 private:
  UniqueFd socket_;
  std::string host_socket_;
  pid_t pid_;
  bool ready_ = false, passed_on_ = false;
  UniqueFd barrier_;  // ends when the service manager has taken the message
};

// For a caller that waits for nothing else: returns once the process is ready and the service
// manager knows, or has ended. A service manager that cannot be told is warned of: the container
// runs all the same.
void relay_notify(NotifyRelay& relay, int init_pidfd);

}  // namespace ocelot
