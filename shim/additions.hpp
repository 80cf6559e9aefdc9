#pragma once
#include <cstdint>
#include <functional>
#include <map>

#include "runtime/base/event_loop.hpp"
#include "runtime/exec.hpp"
#include "shim/reaper.hpp"

namespace ocelot::shim {

// The processes that are on their way into the container. The loop serves each of them as it tells,
// and waits for none.
class Additions {
 public:
  using Served = std::function<void(Addition&)>;
  using Failed = std::function<void(const Error&)>;

  Additions(EventLoop& loop, Reaper& reaper) : loop_(loop), reaper_(reaper) {}
  Additions(const Additions&) = delete;
  Additions& operator=(const Additions&) = delete;
  ~Additions();

  // `born` is called when there is a process, `ready` when nothing but its execve is missing; then
  // it is let go. One of `executed`, whose part the process is from then on, and `failed` is called
  // at last; `failed` also with what the others throw.
  struct Callbacks {
    Served born, ready, executed;
    Failed failed;
  };
  // Throws what Addition does.
  void start(ExecContainer& known, const ExecOptions& options, std::vector<UniqueFd> streams,
             Callbacks callbacks);
  // What has not been told by now fails: one that is frozen with the container would never tell.
  void container_ended();
  // Called in every new process before anything else.
  void set_prelude(std::function<void()> prelude) { prelude_ = std::move(prelude); }
  std::size_t size() const { return under_way_.size(); }

 private:
  struct UnderWay {
    Reaper::Hold hold;
    Addition addition;
    Callbacks callbacks;
    bool born = false;
    int awaited = -1;
    EventLoop::Watch watch;
  };
  void wait(std::uint64_t number);
  void serve(std::uint64_t number);
  void fail(std::uint64_t number, const Error& failure);

  EventLoop& loop_;
  Reaper& reaper_;
  std::map<std::uint64_t, UnderWay> under_way_;
  std::uint64_t next_ = 1;
  std::function<void()> prelude_;
};

}  // namespace ocelot::shim
