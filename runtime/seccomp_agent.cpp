#include "runtime/seccomp_agent.hpp"

#include <nlohmann/json.hpp>

#include "runtime/base/sys.hpp"
#include "runtime/base/unix_socket.hpp"
#include "runtime/steps/process.hpp"

namespace ocelot {

SeccompAgent::SeccompAgent(UniqueFd socket, const SeccompProgram& program, pid_t pid,
                           const oci::State& state)
    : socket_(std::move(socket)),
      message_(nlohmann::json{{"ociVersion", oci::spec_version},
                              {"fds", {"seccompFd"}},
                              {"pid", pid},
                              {"metadata", program.listener_metadata},
                              {"state", nlohmann::json::parse(oci::to_json(state))}}
                   .dump()) {}

void SeccompAgent::hand_over(int listener) const {
  const int fds[] = {listener};
  if (const int error_number = try_send_packet(socket_.get(), message_, fds)) {
    sys::fail(error_number, "send the seccomp listener to listenerPath");
  }
}

void load_and_hand_over(const SeccompProgram& program, const SeccompAgent* agent) {
  const UniqueFd listener = load_seccomp(program);
  if (listener && agent != nullptr) agent->hand_over(listener.get());
}

}  // namespace ocelot
