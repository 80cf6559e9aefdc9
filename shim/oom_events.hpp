#pragma once
#include <functional>

#include "runtime/base/event_loop.hpp"
#include "runtime/oom_watch.hpp"

namespace ocelot::shim {

// Tells that the container's memory has run out, once a second at most: it may make that happen as
// often as it likes, and what else is told must not drown in it.
class OomEvents {
 public:
  // `cgroup` is borrowed. Throws Error where the kernel refuses to give notice.
  OomEvents(EventLoop& loop, const cgroups::Driver& cgroup, std::function<void()> tell);

  // Tells what has not been told yet, where the cgroup can still be asked. Never throws Error: how
  // the container ended is to be recorded whatever becomes of this.
  void look();

 private:
  void watch();

  EventLoop& loop_;
  OomWatch oom_;
  std::function<void()> tell_;
  EventLoop::Watch watch_;  // of the notices, or of the second
};

}  // namespace ocelot::shim
