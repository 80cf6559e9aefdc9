#pragma once
#include <array>
#include <string>
#include <vector>

#include "runtime/base/fd.hpp"
#include "runtime/plan/plan.hpp"

namespace ocelot {

// Whether the caller leaves; stays to hold the terminal and see the process's end, its own standard
// streams being the container's; or supervises: the container's streams are FIFOs in its state
// directory (stdio_fifos.hpp), or its terminal is kept.
enum class Caller { leaves, stays, supervises };

// The caller's end of the container's standard streams: what is inherited, what goes to the console
// socket, what is kept.
//
// Console socket with a terminal: one message with the master, as engines expect. Without: one
// message with the write end of stdin and the read ends of stdout and stderr, its payload the word
// "stdio".
class CallerStdio {
 public:
  // Connects to `console_socket` when it is not empty. Throws Error{InvalidArgument} for
  // combinations that leave nobody with the streams.
  static CallerStdio choose(bool terminal, const std::string& console_socket, Caller caller);

  Stdio kind() const { return kind_; }
  // The container's ends of three new pipes or, for a supervisor, of FIFOs in `state_directory`;
  // none unless kind() is pipes.
  std::vector<UniqueFd> take_container_ends(int state_directory = -1);
  // To the console socket, or kept for take_terminal().
  void deliver_terminal(UniqueFd master);
  void deliver_pipes();
  int terminal() const { return terminal_.get(); }
  UniqueFd take_terminal() { return std::move(terminal_); }

 private:
  CallerStdio(Stdio kind, Caller caller, UniqueFd socket)
      : kind_(kind), caller_(caller), socket_(std::move(socket)) {}
  Stdio kind_;
  Caller caller_;
  UniqueFd socket_;
  UniqueFd terminal_;
  std::array<UniqueFd, 3> host_ends_;
};

}  // namespace ocelot
