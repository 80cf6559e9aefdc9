#include <poll.h>

#include <array>

#include "runtime/base/event_loop.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/last_oom_kills.hpp"
#include "runtime/stats.hpp"
#include "runtime/stats_reader.hpp"

namespace ocelot {
namespace {

// The kernel's notices of memory that has run out, sorted from those that mean something else.
class OomWatch {
 public:
  OomWatch(int directory, const cgroups::Driver& cgroup)
      : cgroup_(cgroup),
        last_kills_(directory),
        notice_(cgroup.oom_notice()),
        kills_(cgroup.oom_kills().value_or(0)) {}

  const cgroups::Driver::OomNotice& notice() const { return notice_; }

  // Whether there has been one since the last call.
  bool happened() {
    if (!notice_.fd) return false;
    const bool noticed = acknowledge();
    const auto kills = cgroup_.oom_kills();
    const std::uint64_t counted = kills ? *kills : last_kills_.read().value_or(kills_);
    const bool killed = counted > kills_;
    kills_ = counted;
    if (notice_.event == POLLPRI) return killed;
    // An eventfd speaks before the kill is counted, and of nothing else but the cgroup's removal.
    return noticed && (kills || killed);
  }

 private:
  // Reading is what makes the descriptor quiet again.
  bool acknowledge() const {
    std::array<char, 4096> ignored;
    if (notice_.event == POLLPRI) sys::seek(notice_.fd.get(), 0);
    return sys::try_read(notice_.fd.get(), ignored) > 0;
  }

  const cgroups::Driver& cgroup_;
  LastOomKills last_kills_;
  cgroups::Driver::OomNotice notice_;
  std::uint64_t kills_;
};

}  // namespace

void events(const GlobalOptions& global, const std::string& id, std::chrono::milliseconds interval,
            const EventHandlers& handlers) {
  const StatsReader reader{global, id};
  OomWatch oom{reader.directory(), reader.cgroup()};
  EventLoop loop;
  const auto tell_oom = [&] {
    if (oom.happened()) handlers.oom();
  };
  EventLoop::Watch on_oom, on_tick;
  if (oom.notice().fd) {
    const std::uint32_t wanted = oom.notice().event == POLLPRI ? EPOLLPRI : EPOLLIN;
    on_oom = loop.watch(oom.notice().fd.get(), wanted, [&](std::uint32_t) { tell_oom(); });
  }
  const auto on_end = loop.watch(reader.init(), EPOLLIN, [&](std::uint32_t) {
    tell_oom();  // init may have been the one that was killed
    loop.stop();
  });
  const std::function<void()> tick = [&] {
    handlers.stats(reader.read());
    on_tick = loop.after(interval, tick);
  };
  on_tick = loop.after(interval, tick);
  loop.run();
}

}  // namespace ocelot
