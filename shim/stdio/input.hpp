#pragma once
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/event_loop.hpp"
#include "runtime/base/fd.hpp"
#include "shim/stdio/client.hpp"
#include "shim/stdio/output.hpp"

namespace ocelot::shim {

// The standard input of a process: what clients write to their pipes, in chunks as they come, one
// client as good as another.
//
// Nothing is read from any client while the process has not taken what was read before: one chunk
// is all that is held, and a client waits as it would for the process itself.
class Input {
 public:
  // `sink` is the write end of a pipe or FIFO, or a terminal's master; made non-blocking. Empty:
  // closed already.
  Input(EventLoop& loop, UniqueFd sink, Device device, Gone gone);
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  enum class AtEnd { leave_open, close };

  // Reads from `pipe`, made non-blocking, until its end, or until standard input is closed: then
  // the client has EPIPE, and is gone. With AtEnd::close the end of this client's input is the end
  // of the process's.
  void add_client(ClientId client, UniqueFd pipe, AtEnd at_end);

  // The process has started: only then may its input end. A terminal that is not set up yet would
  // take the end for a key.
  void started();
  // The end of input, once what was read before has been written: closes a pipe; types the end of
  // file at a terminal that takes lines. For a terminal input may go on. Remembered until
  // started().
  void close();
  // Drops all clients and what they wrote.
  void stop();

  std::uint64_t bytes() const { return bytes_; }
  // False once a pipe has been closed, by us or by the process.
  bool open() const { return static_cast<bool>(sink_); }

  // For a shim that takes over: nothing is read any more.
  struct Attached {
    ClientId client = 0;
    UniqueFd pipe;
    AtEnd at_end = AtEnd::leave_open;
  };
  struct Handover {
    UniqueFd sink;
    std::vector<Attached> clients;
  };
  Handover hand_over();
  // What was read and not written yet.
  const std::string& pending() const { return pending_; }
  bool has_started() const { return started_; }
  bool close_asked() const { return close_asked_; }
  // Puts in front what an earlier shim had left.
  void add_pending(std::string bytes);

 private:
  struct Client {
    ClientId id;
    UniqueFd pipe;
    AtEnd at_end;
    EventLoop::Watch watch;
  };
  using Clients = std::list<Client>;

  void read(Clients::iterator client);
  void write();
  void watch(Clients::iterator client);
  void end_if_asked();
  void discard();
  void remove(Clients::iterator client);
  void close_now();

  EventLoop& loop_;
  UniqueFd sink_;
  const Device device_;
  const Gone gone_;
  Clients clients_;
  std::string pending_;
  char last_ = '\n';
  bool started_ = false, close_asked_ = false;
  std::uint64_t bytes_ = 0;
  EventLoop::Watch sink_watch_;
};

}  // namespace ocelot::shim
