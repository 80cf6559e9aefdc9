#pragma once
#include <string>

#include "runtime/plan/plan.hpp"

namespace ocelot {

// The agent that answers a filter's notifications: the container process's state, and the
// listener's descriptor, in one message to the socket that listenerPath names. Spec:
// config-linux.md#containerprocessstate
//
// Made before the rootfs is entered, where the host's procfs still tells the process's pid on the
// host.
class SeccompAgent {
 public:
  SeccompAgent(UniqueFd socket, const Plan& plan);

  int fd() const { return socket_.get(); }
  // One sendmsg, nothing else: the filter is in force already.
  void hand_over(int listener) const;

 private:
  UniqueFd socket_;
  std::string message_;
};

// Loads the filter, and gives its listener to `agent` when it has one.
void load_and_hand_over(const SeccompProgram& program, const SeccompAgent* agent);

}  // namespace ocelot
