#pragma once
#include <sys/types.h>

#include <optional>
#include <string>

#include "runtime/base/fd.hpp"
#include "runtime/plan/plan.hpp"

// Readiness of a service that runs in a container: what its process tells NOTIFY_SOCKET is passed
// on to the service manager of the caller. man: sd_notify(3)
//
// `create` ends before the process says anything, so it makes only a directory, which the container
// sees; whoever starts the container binds the socket in it.
namespace ocelot {

// Changes the plan so that the process finds a socket: the directory `notify` of the container's
// state directory (an absolute path) is mounted at /run/notify, and NOTIFY_SOCKET names the socket
// in it. `host_socket` is the caller's $NOTIFY_SOCKET.
void plan_notify_socket(Plan& plan, const std::string& host_socket,
                        const std::string& state_directory);

// Create: makes the directory that the mount copies.
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
  // Another process is the one for the service manager to watch: it stands for the container's.
  void set_main_process(pid_t pid) { pid_ = pid; }
  // Reads what has arrived. True once the process has said READY=1, which is passed on together
  // with MAINPID; nothing else is, for the process may say what it likes. Later words are read, so
  // that nobody waits for them to be. Throws, once, when the service manager cannot be told.
  bool receive();
  // Waits until the service manager has taken what was passed on, at most 30 s: it must find the
  // sender alive.
  void settle();

 private:
  UniqueFd socket_;
  std::string host_socket_;
  pid_t pid_;
  bool ready_ = false;
  UniqueFd barrier_;  // ends when the service manager has taken the message
};

// For a caller that waits for nothing else: returns once the process is ready and the service
// manager knows, or has ended. A service manager that cannot be told is warned of: the container
// runs all the same.
void relay_notify(NotifyRelay& relay, int init_pidfd);

}  // namespace ocelot
