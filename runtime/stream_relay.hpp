#pragma once
#include <array>
#include <functional>
#include <string>
#include <string_view>

#include "runtime/base/event_loop.hpp"
#include "runtime/base/fd.hpp"

namespace ocelot {

// One side of a relay, and what reading or writing it can do to us.
struct RelayEnd {
  enum class Kind {
    nonblocking,  // says EAGAIN
    blocking,     // shared with others, so it must stay as it is: one call whenever the kernel says
                  // that it is ready
    always_ready,  // a file, the null device
  };
  UniqueFd fd;
  Kind kind = Kind::nonblocking;

  // Of a descriptor that belongs to others as well (a standard stream): an open file of its own
  // where there can be one, since O_NONBLOCK would change it for all who share it; else a
  // duplicate.
  static RelayEnd of_shared(int fd, int access_mode);
  // Of a standard output, or the null device where the caller left it closed.
  static RelayEnd of_output(int fd);
  // Of one that is ours alone; a duplicate, made non-blocking.
  static RelayEnd of_own(int fd);
};

// Copies bytes from one descriptor to another, no faster than they are taken: nothing is read
// before what was read has been written. A sink that takes no more bytes loses them, unless
// somebody else decides; whoever writes to the source does not notice. At most one of the ends is
// always ready.
class StreamRelay {
 public:
  // `last_words` is asked at the end of the source for what is to follow its bytes; it is told the
  // last of them ('\n' when there was none). A terminal whose other end is closed has not ended: it
  // may be opened again.
  StreamRelay(EventLoop& loop, RelayEnd source, RelayEnd sink,
              std::function<std::string(char last)> last_words = {});
  StreamRelay(const StreamRelay&) = delete;
  StreamRelay& operator=(const StreamRelay&) = delete;

  // Looks at what is read, and returns what of it is to be passed on: part of it, or bytes of its
  // own that stay until it is asked again.
  void set_filter(std::function<std::string_view(std::string_view)> filter) {
    filter_ = std::move(filter);
  }

  // Called when the sink takes no more bytes (EPIPE, EIO); may throw, out of the loop.
  void set_sink_lost(std::function<void(int error_number)> sink_lost) {
    sink_lost_ = std::move(sink_lost);
  }

  // Who wrote to the source, a terminal, has ended: what it left there is copied, then `done` is
  // called.
  void finish(std::function<void()> done);

 private:
  enum class Waiting { nothing, source, source_again, sink };

  void step();
  bool fill();
  bool drain();
  void at_end();
  void wait_for(Waiting what);

  EventLoop& loop_;
  RelayEnd source_, sink_;
  std::function<std::string(char)> last_words_;
  std::function<std::string_view(std::string_view)> filter_;
  std::function<void(int)> sink_lost_;
  std::function<void()> done_;
  std::array<char, 16384> buffer_;
  std::string words_;
  std::string_view pending_;  // of buffer_ or words_
  char last_ = '\n';
  bool ended_ = false;
  std::size_t left_ = 0;  // of what may be read while finishing
  Waiting waiting_ = Waiting::nothing;
  EventLoop::Watch watch_;
};

}  // namespace ocelot
