#include "runtime/seccomp_agent.hpp"

#include <fcntl.h>

#include <nlohmann/json.hpp>

#include "oci/state.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/text.hpp"
#include "runtime/base/unix_socket.hpp"
#include "runtime/steps/process.hpp"

namespace ocelot {

SeccompAgent::SeccompAgent(UniqueFd socket, const Plan& plan) : socket_(std::move(socket)) {
  const pid_t pid = parse_integer<pid_t>(sys::read_link(AT_FDCWD, "/proc/self")).value_or(0);
  const oci::State state{.id = plan.id,
                         .status = oci::Status::creating,
                         .pid = pid,
                         .bundle = plan.bundle,
                         .annotations = plan.annotations};
  message_ = nlohmann::json{{"ociVersion", oci::spec_version},
                            {"fds", {"seccompFd"}},
                            {"pid", pid},
                            {"metadata", plan.seccomp->listener_metadata},
                            {"state", nlohmann::json::parse(oci::to_json(state))}}
                 .dump();
}

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
