#pragma once
#include <string>

#include "oci/state.hpp"
#include "runtime/plan/plan.hpp"

namespace ocelot {

// The agent that answers a filter's notifications: the container process's state, and the
// listener's descriptor, in one message to the socket that listenerPath names. Spec:
// config-linux.md#containerprocessstate
//
class SeccompAgent {
 public:
  // `pid` is the process's on the host; `state` that of its container.
  SeccompAgent(UniqueFd socket, const SeccompProgram& program, pid_t pid, const oci::State& state);

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
