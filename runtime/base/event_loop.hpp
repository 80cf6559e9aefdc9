#pragma once
#include <sys/epoll.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

namespace ocelot {

// One thread waiting for many descriptors and timers. A handler runs to its end before the next
// one, and must not block.
//
// A registration lives as long as its Watch. Destroying a Watch inside any handler is safe, its own
// included: events that have already been fetched for it are dropped.
class EventLoop {
  struct State;

 public:
  using Handler = std::function<void(std::uint32_t events)>;

  class Watch {
   public:
    Watch() = default;
    Watch(Watch&& other) noexcept = default;
    Watch& operator=(Watch&& other) noexcept;
    ~Watch();

    // Other events from now on; not for a timer.
    void change(std::uint32_t events);
    void reset() noexcept;
    explicit operator bool() const noexcept { return state_ != nullptr; }

   private:
    friend class EventLoop;
    Watch(std::shared_ptr<State> state, std::uint64_t token)
        : state_(std::move(state)), token_(token) {}
    std::shared_ptr<State> state_;
    std::uint64_t token_ = 0;
  };

  EventLoop();

  // Calls `handler` with EPOLL* bits whenever one of `events` (or an error or hang-up) is there. A
  // descriptor can be watched once; the Watch must end before the descriptor is closed. Throws for
  // a descriptor that cannot be waited for: see is_pollable().
  [[nodiscard]] Watch watch(int fd, std::uint32_t events, Handler handler);
  // Calls `handler` once after `delay`, unless its Watch has ended.
  [[nodiscard]] Watch after(std::chrono::milliseconds delay, std::function<void()> handler);
  // Calls `handler` at the end of every turn, when the handlers of all events and timers that were
  // due have run: for what is better done once for all of them. Does not keep run() going.
  [[nodiscard]] Watch at_turn_end(std::function<void()> handler);

  // Handles events until stop(), or until there is no Watch left. What a handler throws leaves
  // run(), which may be called again.
  void run();
  void stop() noexcept;
  // The time at which this turn began (outside run(): the last one, or the loop). Costs nothing,
  // where the clock costs as much as some system calls: what is counted in milliseconds is counted
  // from this.
  std::chrono::steady_clock::time_point now() const noexcept;

 private:
  std::shared_ptr<State> state_;
};

// False for regular files and directories, which are always ready.
bool is_pollable(int fd);

}  // namespace ocelot
