#pragma once
#include <optional>
#include <string>

#include "runtime/base/event_loop.hpp"
#include "runtime/caller_terminal.hpp"
#include "runtime/cli/detach_keys.hpp"
#include "runtime/cli/shim.hpp"
#include "runtime/stream_relay.hpp"

namespace ocelot::cli {

// A person, or a program, at the streams that a shim holds: of a container, or of a process that
// exec added to it.
class Attachment {
 public:
  struct Options {
    bool input = true;    // pass on our standard input
    bool once = false;    // whose end is then the end of the container's
    bool replay = true;   // the last output first
    std::string process;  // of exec; empty: the container's own
    std::string detach_keys = "ctrl-p,ctrl-q";
  };
  // Attaches: from here on nothing of the output is missed.
  Attachment(Shim& shim, const Options& options);
  Attachment(const Attachment&) = delete;
  Attachment& operator=(const Attachment&) = delete;
  ~Attachment();

  enum class End { detached, streams_ended };
  // Relays until the streams end or the keys are typed. Signals go to the process meanwhile, and
  // so does the size of the terminal. Throws Error when our output takes no more, unless `once`.
  End stay();

 private:
  void relay(UniqueFd from, int to, bool once);
  void relay_input(UniqueFd to);
  void receive_signals();
  void resize();

  Shim& shim_;
  const std::string process_;
  DetachKeys keys_;
  bool terminal_ = false;
  EventLoop loop_;
  CallerTerminal caller_;
  sigset_t earlier_mask_;
  UniqueFd signals_;
  EventLoop::Watch signal_watch_, input_ended_;
  std::optional<StreamRelay> input_, output_, error_;
  int outputs_ = 0;
  bool detached_ = false;
};

}  // namespace ocelot::cli
