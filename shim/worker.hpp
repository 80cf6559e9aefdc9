#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/base/event_loop.hpp"
#include "runtime/base/fd.hpp"
#include "runtime/base/process.hpp"
#include "runtime/channel.hpp"

namespace ocelot::shim {

// A short-lived process that does what would keep the loop waiting: it runs the same functions of
// the runtime as the command line does, in a copy of this process, and executes no program. It ends
// with the shim.
//
// What it starts becomes a child of the shim when it ends, since the shim is a subreaper.
class Worker {
 public:
  // What it made: a process by pid and pidfd, a terminal, or nothing.
  struct Result {
    std::int64_t number = 0;
    std::vector<UniqueFd> fds;
  };
  using Body = std::function<Result()>;
  using Done = std::function<void(Result)>;
  using Failed = std::function<void(const Error&)>;

  // Calls one of `done` and `failed` once it has ended and was reaped. Destroyed before, it is
  // killed, and neither is called.
  Worker(EventLoop& loop, const char* name, const Body& body, Done done, Failed failed);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  pid_t pid() const { return process_.pid(); }

 private:
  void ended();

  Channel channel_{UniqueFd{}};
  ChildProcess process_;
  Done done_;
  Failed failed_;
  EventLoop::Watch watch_;
};

}  // namespace ocelot::shim
