#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/base/unix_socket.hpp"
#include "runtime/plan/exec.hpp"
#include "runtime/plan/plan.hpp"

namespace ocelot {

// What a new process asks of the runtime, in the order of its conversation. Each is answered with
// "proceed".
enum class Step : std::uint32_t {
  map_ids,           // the stage has a new user namespace: write its maps
  set_time_offsets,  // ... a new time namespace: write its offsets
  init_started,      // number: the new process's pid; descriptor: its pidfd
  pid_on_host,  // answered with the process's own pid, which the container's procfs tells otherwise
  open_binds,   // number: the first mount whose source is wanted; answered with descriptors
  run_hooks,    // the environment is ready, the root not yet entered
  console,      // descriptor: the master of the terminal
  set_limits,   // credentials are about to be dropped: set the resource limits, with the runtime's
                // privileges
  ready,        // nothing is left but to be started
  done,         // a worker of a shim: number and descriptors are its result
  executing,    // execve is next; then the channel ends, or says why it has not
  failed,       // instead of any of them: an error
  proceed,      // the answer
};

// The order of each conversation, as a value.
std::vector<Step> stage_conversation(const Plan& plan);
std::vector<Step> init_conversation(const Plan& plan);

std::vector<Step> exec_conversation(const ExecPlan& plan);

struct Message {
  Step step{};
  std::int64_t number = 0;
  std::vector<UniqueFd> fds;
};

// One end of a SEQPACKET pair between the runtime and one new process. Both ends are the same
// program.
//
// A process learns from end of file that its peer is gone: each pair has its own channel, and each
// process closes the other's half.
class Channel {
 public:
  explicit Channel(UniqueFd socket) : socket_(std::move(socket)) {}

  int fd() const { return socket_.get(); }
  void close() { socket_.reset(); }

  // The new process: asks, and waits for the runtime. Ends the process when the runtime is gone.
  Message ask(Step step, std::int64_t number = 0, std::span<const int> fds = {}) const;
  // The new process: says so and goes on.
  void tell(Step step) const noexcept;
  // The same with what must not be lost.
  void tell(Step step, std::int64_t number, std::span<const int> fds) const;
  // The new process: tells why it cannot go on. Never throws.
  void tell_failure(const Error& error) const noexcept;

  // The runtime: the next request; nullopt when the process ended without a word. Throws what it
  // told instead, and when it asks for something else than `expected`.
  std::optional<Message> receive(Step expected) const;
  void proceed(std::int64_t number = 0, std::span<const int> fds = {}) const;
  // The runtime: returns at end of file; throws what the process told instead.
  void receive_end() const;
  // The new process, at the start socket: waits for "proceed"; false when the peer left without a
  // word.
  bool wait_to_proceed() const;

 private:
  UniqueFd socket_;
};

// What init tells when execve fails, made beforehand: once a seccomp filter is loaded nothing may
// allocate.
class PreparedFailure {
 public:
  // `text` is followed by the text of the errno, as in any Error.
  explicit PreparedFailure(std::string_view text);
  void tell(int socket, int error_number) noexcept;

 private:
  std::string packet_;
};

}  // namespace ocelot
