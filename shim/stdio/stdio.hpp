#pragma once
#include <sys/ioctl.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/event_loop.hpp"
#include "runtime/base/fd.hpp"
#include "shim/stdio/input.hpp"
#include "shim/stdio/output.hpp"
#include "shim/stdio/output_log.hpp"
#include "shim/stdio/replay.hpp"

namespace ocelot::shim {

struct StdioOptions {
  std::optional<LogOptions> log;
  std::size_t replay = Replay::default_capacity;  // bytes; at most Replay::largest_capacity
  // How long a process is held back, at most, for a client that does not take its output.
  std::chrono::milliseconds patience{200};
};

// The other ends of a process's standard streams: either a terminal's master and nothing else, or
// ends of pipes or FIFOs, each of which may be empty. See Output for the twins.
struct Streams {
  UniqueFd stdin_write, stdout_read, stderr_read;
  UniqueFd stdout_twin, stderr_twin;
  UniqueFd terminal;
};

struct AttachOptions {
  bool input = false;       // a pipe to the process's standard input, too
  bool replay = true;       // the last output first
  bool stdin_once = false;  // the end of this client's input ends the process's
};

struct StdioCounters {
  std::uint64_t stdin_bytes = 0, stdout_bytes = 0, stderr_bytes = 0;
  std::uint64_t lost_bytes = 0;  // of clients that were too slow
  std::uint64_t stalls = 0;      // times that the process was held back for a client
  std::uint64_t attached = 0;    // clients so far
  std::size_t clients = 0;       // now
  LogCounters log;
};

// The standard streams of one process (the container's init, or of an exec), from before its start
// until its last output: to a log file, to clients that attach, and for those who attach later.
//
// Belongs to one loop, whose handlers never block here. Ignores SIGPIPE and SIGXFSZ from then on.
// What fails after the constructor is counted, and ends nothing but what it concerns.
class Stdio {
 public:
  static constexpr std::size_t most_clients = 16;

  // Throws Error when the log cannot be opened.
  Stdio(EventLoop& loop, const StdioOptions& options, Streams streams);
  Stdio(const Stdio&) = delete;
  Stdio& operator=(const Stdio&) = delete;
  ~Stdio();

  // The process has started (or was found running): only now can its input be closed.
  void started();

  // Descriptors for a client, blocking and its own: {stdin write end, if asked for} and then, of
  // pipes, {stdout read end, stderr read end}, of a terminal {output read end}. Closing them all
  // detaches. After the end of the process they hold the last output and then the end of file.
  // Throws Error when most_clients are attached, or descriptors run out; then nothing has changed.
  std::vector<UniqueFd> attach(const AttachOptions& options);

  // Ends the process's standard input; remembered when it has not started.
  void close_stdin();
  // Throws Error{WrongState} when there is no terminal. Allowed before the start.
  void resize(const winsize& size);
  // Throws Error{WrongState} when there is no log, or what LogFile says.
  void reopen_log();

  // The process has ended; see Output::finish. `done` is called once, when the last output is in
  // the log and every stream is closed; never before this returns. This may be destroyed in it.
  void finish(std::function<void()> done);
  // Nobody is left in its cgroup: there is no output to wait for.
  void cgroup_empty();

  StdioCounters counters() const;
  bool has_terminal() const { return device_ == Device::terminal; }
  // The master of the terminal, borrowed, or -1.
  int terminal() const { return terminal_.get(); }

  // For a shim that takes over by executing itself: the streams, which are read no more, and what
  // is to be told to the Stdio made of them. Unfinished lines are logged.
  struct Memory {
    bool started = false, close_asked = false;
    std::string pending_input;  // read from clients, not written yet
    std::string stdout_replay, stderr_replay;
  };
  struct Handover {
    Streams streams;
    Memory memory;
    std::vector<Input::Attached> inputs;
    std::vector<Output::Attached> outputs, errors;
    StdioCounters counters;
  };
  Handover hand_over();
  // All but the streams.
  void go_on(Handover& handover);

 private:
  std::chrono::milliseconds keep(Stream stream, std::string_view bytes);
  void flush_soon();
  void stream_finished(Stream stream);
  void client_end_gone(ClientId client);
  void write_replay(Stream stream, int pipe);
  std::string remembered(Stream stream) const;

  EventLoop& loop_;
  const Device device_;
  UniqueFd terminal_;
  std::optional<OutputLog> log_;
  Replay replay_;
  std::map<ClientId, int> clients_;  // ends that have not gone
  ClientId last_client_ = 0;
  StdioCounters counters_;  // what is counted here, and what the shims before have counted
  Input input_;
  Output output_, error_;
  EventLoop::Watch flush_watch_, done_watch_;
  std::uint64_t flush_seen_ = 0;
  int flush_put_off_ = 0;
  int streams_left_ = 0;
  std::function<void()> done_;
};

}  // namespace ocelot::shim
