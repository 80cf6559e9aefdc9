#pragma once
#include <chrono>
#include <functional>
#include <optional>

#include "runtime/base/event_loop.hpp"
#include "runtime/base/fd.hpp"
#include "runtime/exit_record.hpp"

namespace ocelot::shim {

// A process of the container that this shim started or took over, from its pidfd to its end.
class Process {
 public:
  enum class Relation { child, taken_over };

  // `ended` is called once, with all of the record but the count of OOM kills.
  Process(EventLoop& loop, pid_t pid, UniqueFd pidfd, Relation relation,
          std::function<void(ExitRecord)> ended);
  // One that had ended before it could be taken over.
  Process(EventLoop& loop, pid_t pid);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  int pidfd() const { return pidfd_.get(); }  // -1: it has ended
  Relation relation() const { return relation_; }
  bool ended() const { return !watch_; }
  // Throws Error{WrongState} when it has ended.
  void signal(int number) const;
  // Gives the pidfd away, for a shim that takes over: `ended` is not called any more.
  UniqueFd release();

 private:
  void receive(std::uint32_t events);
  void end(ExitRecord record);

  EventLoop& loop_;
  pid_t pid_;
  UniqueFd pidfd_;
  Relation relation_;
  std::function<void(ExitRecord)> ended_;
  EventLoop::Watch watch_, patience_;
};

}  // namespace ocelot::shim
