#include "runtime/base/event_loop.hpp"
#include "runtime/last_oom_kills.hpp"
#include "runtime/oom_watch.hpp"
#include "runtime/stats.hpp"
#include "runtime/stats_reader.hpp"

namespace ocelot {

void events(const GlobalOptions& global, const std::string& id, std::chrono::milliseconds interval,
            const EventHandlers& handlers) {
  const StatsReader reader{global, id};
  const LastOomKills last_kills{reader.directory()};
  OomWatch oom{reader.cgroup(), [&] { return last_kills.read(); }};
  EventLoop loop;
  const auto tell_oom = [&] {
    if (oom.happened()) handlers.oom();
  };
  EventLoop::Watch on_tick;
  const auto on_oom = oom.watch(loop, tell_oom);
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
