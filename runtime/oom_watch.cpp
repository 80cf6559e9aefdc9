#include "runtime/oom_watch.hpp"

#include <poll.h>

#include <array>
#include <utility>

#include "runtime/base/sys_files.hpp"

namespace ocelot {

OomWatch::OomWatch(const cgroups::Driver& cgroup, LastKills last_kills)
    : cgroup_(cgroup),
      last_kills_(std::move(last_kills)),
      notice_(cgroup.oom_notice()),
      kills_(cgroup.oom_kills().value_or(0)) {}

EventLoop::Watch OomWatch::watch(EventLoop& loop, std::function<void()> noticed) const {
  if (!notice_.fd) return {};
  const std::uint32_t wanted = notice_.event == POLLPRI ? EPOLLPRI : EPOLLIN;
  return loop.watch(notice_.fd.get(), wanted,
                    [noticed = std::move(noticed)](std::uint32_t) { noticed(); });
}

bool OomWatch::happened() {
  if (!notice_.fd) return false;
  const bool noticed = acknowledge();
  const auto kills = cgroup_.oom_kills();
  const std::uint64_t counted = kills ? *kills : last_kills_().value_or(kills_);
  const bool killed = counted > kills_;
  kills_ = counted;
  if (notice_.event == POLLPRI) return killed;
  // An eventfd speaks before the kill is counted, and of nothing else but the cgroup's removal.
  return noticed && (kills || killed);
}

// Reading is what makes the descriptor quiet again.
bool OomWatch::acknowledge() const {
  std::array<char, 4096> ignored;
  if (notice_.event == POLLPRI) sys::seek(notice_.fd.get(), 0);
  return sys::try_read(notice_.fd.get(), ignored) > 0;
}

}  // namespace ocelot
