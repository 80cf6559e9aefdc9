#pragma once
#include <deque>
#include <list>
#include <vector>

#include "runtime/base/event_loop.hpp"
#include "runtime/base/fd.hpp"
#include "runtime/base/process.hpp"
#include "shim/reaper.hpp"

namespace ocelot::shim {

// Closes descriptors that a container has had a hand in, for the loop, which must not wait for
// them: close(2) asks whoever serves the file (a file system of the container's own), or lingers.
//
// A process that shares the table of descriptors closes them. The table is unshared meanwhile, with
// a hole where they are, so that they are gone here at once (a kernel from before Linux 6.12 closes
// them here, too), and that process keeps nothing else. What it waits for is the container's to
// say; so only few of them are at it.
class Closer {
 public:
  Closer(EventLoop& loop, Reaper& reaper) : loop_(loop), reaper_(reaper) {}
  Closer(const Closer&) = delete;
  Closer& operator=(const Closer&) = delete;
  ~Closer();

  // Where no process can be had they are closed here.
  void close(std::vector<UniqueFd> fds);
  // Some are not closed yet, since too many others are being closed.
  bool lags() const { return !waiting_.empty(); }

 private:
  using Run = std::vector<UniqueFd>;  // of numbers one after the other
  struct Closing {
    ChildProcess process;
    EventLoop::Watch watch;
  };

  void start_some();
  ChildProcess start(Run run) const;

  EventLoop& loop_;
  Reaper& reaper_;
  std::deque<Run> waiting_;
  std::list<Closing> closing_;
};

}  // namespace ocelot::shim
