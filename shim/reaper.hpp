#pragma once
#include <functional>
#include <set>
#include <utility>

#include "runtime/base/event_loop.hpp"
#include "runtime/base/fd.hpp"

namespace ocelot::shim {

// Collects the children that nobody else waits for: what a container's processes, or a worker that
// was killed, left to this subreaper.
//
// Whoever is held by a pidfd here is reaped by that alone. A child that nobody names yet may be
// what a worker, or the stage of an exec, is about to report: whoever starts one holds the
// collecting back.
class Reaper {
 public:
  // Blocks SIGCHLD and the signals that would end a program; `on_signal` is told of the latter.
  Reaper(EventLoop& loop, std::function<void(int signal)> on_signal);
  Reaper(const Reaper&) = delete;
  Reaper& operator=(const Reaper&) = delete;

  // Nothing is collected while one of these is there.
  class Hold {
   public:
    explicit Hold(Reaper& reaper) : reaper_(&reaper) { ++reaper.holds_; }
    Hold(Hold&& other) noexcept : reaper_(std::exchange(other.reaper_, nullptr)) {}
    Hold& operator=(Hold&&) = delete;
    ~Hold() {
      if (reaper_ != nullptr) reaper_->let_go();
    }

   private:
    Reaper* reaper_;
  };

  void name(pid_t pid) { named_.insert(pid); }
  // It has been reaped.
  void forget(pid_t pid);

 private:
  void let_go();
  void receive();
  void collect();

  std::function<void(int)> on_signal_;
  std::set<pid_t> named_;
  int holds_ = 0;
  UniqueFd signals_;
  EventLoop::Watch watch_;
};

}  // namespace ocelot::shim
