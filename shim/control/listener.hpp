#pragma once
#include <string>

#include "runtime/base/fd.hpp"

namespace ocelot::control {

// The socket in a container's state directory. It is reached through the directory's descriptor, so
// the path may be of any length.
class Listener {
 public:
  struct Options {
    std::string name = "control.sock";
    mode_t mode = 0600;
    gid_t group = static_cast<gid_t>(-1);  // of the socket file, -1: ours
    int send_buffer_bytes = 0;             // accepted sockets inherit them
    int receive_buffer_bytes = 0;
  };

  // Whether a process listens there.
  static bool exists(int directory, const std::string& name);

  // Binds and listens; what a process that has died left under the name is replaced. Throws Error
  // {AlreadyExists} when somebody listens there: the caller holds the container's lock, or two
  // could find a dead one at the same time. The directory must stay open as long as the listener.
  static Listener bind(int directory, const Options& options);
  // A bound socket, also one that another process has listened at: who connects from now on learns
  // that it is this one.
  explicit Listener(UniqueFd socket);

  int fd() const noexcept { return socket_.get(); }

  // A connection that waits, close-on-exec and non-blocking; it accepts no descriptors (before
  // Linux 6.16 that is up to who receives) until SO_PASSRIGHTS is set on it. Empty when none waits,
  // or it is gone again. When there are no free descriptors, the reserve is used to accept the
  // connection, which would otherwise keep the loop awake for ever: `turned_away` says that it is
  // to be closed before the next one is accepted.
  UniqueFd accept(bool& turned_away);

 private:
  UniqueFd socket_;
  UniqueFd reserve_;
};

}  // namespace ocelot::control
