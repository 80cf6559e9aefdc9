#include "runtime/stream_relay.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_terminals.hpp"

namespace ocelot {
namespace {

// More than the kernel holds between the two ends of a terminal (64 KiB in flight, 4 KiB to be
// read): whatever has ended left no more than that, and others, who go on writing, are not waited
// for.
constexpr std::size_t terminal_holds = 128u << 10;

// Opening the multiplexer again would make another terminal, and a file would lose its offset.
bool can_be_opened_again(int fd) {
  const struct stat facts = sys::stat(fd);
  if (S_ISFIFO(facts.st_mode)) return true;
  return S_ISCHR(facts.st_mode) && facts.st_rdev != makedev(5, 2) && sys::terminal_attributes(fd);
}

}  // namespace

RelayEnd RelayEnd::of_shared(int fd, int access_mode) {
  if (!is_pollable(fd)) return {sys::duplicate(fd), Kind::always_ready};
  if (can_be_opened_again(fd)) {
    // Refused where the stream was opened by another user.
    int refused = 0;
    const auto flags = static_cast<std::uint64_t>(access_mode | O_NONBLOCK | O_NOCTTY);
    UniqueFd own =
        sys::try_openat2(AT_FDCWD, fmt::format("/proc/self/fd/{}", fd), flags, 0, refused);
    if (own) return {std::move(own), Kind::nonblocking};
  }
  return {sys::duplicate(fd), Kind::blocking};
}

RelayEnd RelayEnd::of_output(int fd) {
  if (sys::is_open(fd)) return of_shared(fd, O_WRONLY);
  return {sys::open(AT_FDCWD, "/dev/null", O_WRONLY), Kind::always_ready};
}

RelayEnd RelayEnd::of_own(int fd) {
  sys::set_nonblocking(fd, true);
  return {sys::duplicate(fd), Kind::nonblocking};
}

StreamRelay::StreamRelay(EventLoop& loop, RelayEnd source, RelayEnd sink,
                         std::function<std::string(char)> last_words)
    : loop_(loop),
      source_(std::move(source)),
      sink_(std::move(sink)),
      last_words_(std::move(last_words)) {
  wait_for(Waiting::source);
}

void StreamRelay::finish(std::function<void()> done) {
  done_ = std::move(done);
  left_ = terminal_holds;
  if (pending_.empty()) step();
}

// Called when what we waited for is there: the source, or the sink when there are bytes for it.
void StreamRelay::step() {
  do {
    if (pending_.empty()) {
      if (!fill()) return;
      if (sink_.kind == RelayEnd::Kind::blocking) return wait_for(Waiting::sink);
    }
    if (!drain()) return wait_for(Waiting::sink);
    if (ended_) return at_end();
  } while (done_);  // a source that has been given up by its writer need not be waited for
  wait_for(Waiting::source);
}

// One read. False when there is nothing to write now; then what to wait for is settled.
bool StreamRelay::fill() {
  const ssize_t count =
      ended_ || (done_ && left_ == 0) ? 0 : sys::try_read(source_.fd.get(), buffer_);
  if (count > 0) {
    pending_ = {buffer_.data(), static_cast<std::size_t>(count)};
    last_ = pending_.back();
    left_ -= std::min(left_, pending_.size());
    if (!filter_) return true;
    pending_ = filter_(pending_);
    if (pending_.empty()) wait_for(Waiting::source);
    return !pending_.empty();
  }
  if (done_) {
    at_end();
    return false;
  }
  if (count == -EAGAIN) {
    wait_for(Waiting::source);
    return false;
  }
  if (count == -EIO && !last_words_) {
    wait_for(Waiting::source_again);
    return false;
  }
  ended_ = true;
  if (last_words_) words_ = last_words_(last_);
  pending_ = words_;
  if (pending_.empty()) at_end();
  return !pending_.empty();
}

// Writes what is pending. False when the sink takes no more now.
bool StreamRelay::drain() {
  while (!pending_.empty()) {
    // As much as a pipe that is ready takes without blocking.
    const ssize_t count = sys::try_write(sink_.fd.get(), pending_.substr(0, PIPE_BUF));
    if (count == -EAGAIN) return false;
    if (count < 0) {
      pending_ = {};
      if (sink_lost_) sink_lost_(static_cast<int>(-count));
      return true;
    }
    pending_.remove_prefix(static_cast<std::size_t>(count));
    if (sink_.kind == RelayEnd::Kind::blocking && !pending_.empty()) return false;
  }
  return true;
}

void StreamRelay::at_end() {
  wait_for(Waiting::nothing);
  if (const auto done = std::exchange(done_, {})) done();
}

void StreamRelay::wait_for(Waiting what) {
  if (what == Waiting::source && source_.kind == RelayEnd::Kind::always_ready) what = Waiting::sink;
  if (what == waiting_) return;
  waiting_ = what;
  const auto handler = [this](std::uint32_t) { step(); };
  switch (what) {
    case Waiting::nothing:
      watch_.reset();
      break;
    case Waiting::source:
      watch_.reset();
      watch_ = loop_.watch(source_.fd.get(), EPOLLIN, handler);
      break;
    // The hang-up lasts: only the edge of a change is of interest.
    case Waiting::source_again:
      watch_.reset();
      watch_ = loop_.watch(source_.fd.get(), EPOLLIN | EPOLLET, handler);
      break;
    case Waiting::sink:
      watch_.reset();
      watch_ = loop_.watch(sink_.fd.get(), EPOLLOUT, handler);
      break;
  }
}

}  // namespace ocelot
