#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/event_loop.hpp"
#include "runtime/base/fd.hpp"
#include "shim/stdio/client.hpp"

namespace ocelot::shim {

enum class Device { pipe, terminal };

struct OutputCounters {
  std::uint64_t bytes = 0;       // read from the process
  std::uint64_t lost_bytes = 0;  // that attached clients did not take in time, summed over them
  std::uint64_t stalls = 0;      // times that the process was held back for a client
};

// One stream of a process's output: read once, kept by `keep`, and copied to each client.
//
// A client has no buffer here but its pipe. When one is full, nothing is read for at most
// `patience`; then the client loses what it did not take, and gets nothing until there is room in
// its pipe again. So at most one read is held in memory, and the process is never held for longer
// than that at a time.
class Output {
 public:
  // Gets each byte once, in order. Returns for how long nothing shall be read now, mostly 0.
  using Keep = std::function<std::chrono::milliseconds(std::string_view bytes)>;

  // `source` is the read end of a pipe or FIFO, or a terminal's master; made non-blocking. `twin`
  // may be a write end of the same FIFO, which keeps it from ending before finish(). Empty for
  // `source`: a stream that has ended.
  Output(EventLoop& loop, UniqueFd source, UniqueFd twin, Device device,
         std::chrono::milliseconds patience, Keep keep, Gone gone);
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  // From now on what is read is written to `pipe`, a write end of the client's, made non-blocking.
  // It is closed at the end of the stream. The client is gone when it has closed the other end, or
  // at the end of the stream. Once the stream has ended it is gone at once.
  void add_client(ClientId client, UniqueFd pipe);

  // The process has ended. What is there is read; then, unless leave_nobody() says that nobody is
  // left (before or later), what its descendants still write is waited for until all have closed
  // the stream, but not for longer than two seconds or for more than 1 MiB. Then `done` is called,
  // once, from the loop or before this returns.
  void finish(std::function<void()> done);
  // No process is left that could write.
  void leave_nobody();

  const OutputCounters& counters() const { return counters_; }
  int source() const { return source_.get(); }

  // For a shim that takes over: nothing is read any more.
  struct Attached {
    ClientId client = 0;
    UniqueFd pipe;
    std::string owed;  // what was read and not taken yet
    bool lagging = false;
  };
  struct Handover {
    UniqueFd source, twin;
    std::vector<Attached> clients;
  };
  Handover hand_over();
  // The clients of that one.
  void go_on(std::vector<Attached> clients);

 private:
  enum class Waiting { nothing, source, source_again };
  struct Client {
    ClientId id;
    UniqueFd pipe;
    std::size_t owed = 0;  // bytes at the end of held_
    bool lagging = false;
    EventLoop::Watch watch;
  };
  using Clients = std::list<Client>;

  void read();
  bool read_once();
  void take(std::string_view bytes);
  void client_event(Clients::iterator client, std::uint32_t events);
  void hold(std::string_view bytes);
  void give_up_owed();
  void lose_patience();
  void hurry();
  void resume_if_taken();
  void remove(Clients::iterator client);
  void close_clients();
  bool may_read() const;
  void source_ended();
  void settle();
  void wait_for(Waiting what);

  EventLoop& loop_;
  UniqueFd source_, twin_;
  const Device device_;
  const std::chrono::milliseconds patience_;
  const Keep keep_;
  const Gone gone_;
  OutputCounters counters_;
  Clients clients_;
  std::string held_;
  EventLoop::Watch source_watch_, patience_watch_, pause_watch_, deadline_watch_;
  Waiting waiting_ = Waiting::nothing;
  std::function<void()> done_;
  bool finishing_ = false, nobody_left_ = false, hurried_ = false;
  std::size_t left_ = 0;  // bytes that may be read while finishing
};

}  // namespace ocelot::shim
