#pragma once
#include <sys/types.h>

#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <vector>

// Signals to processes that are known by being listed in a cgroup.
namespace ocelot::cgroups {

// How long anything here waits for the kernel.
class Deadline {
 public:
  explicit Deadline(std::chrono::microseconds from_now) : at_(Clock::now() + from_now) {}
  bool passed() const { return Clock::now() >= at_; }
  std::chrono::microseconds left() const;  // rounded up, never negative
  int left_ms() const;                     // the same for poll(2)

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point at_;
};

// `signal` once to every process that `list` names, and to no other: pids are reused, so each
// process is held by its pidfd and signalled only if a second list, made after that, still names
// it.
void signal_processes(const std::function<std::vector<pid_t>()>& list, int signal);

// Waits until one of the first few of `pids`, all being killed, has ended, or a moment has passed.
void wait_for_ends(std::span<const pid_t> pids, const Deadline& deadline);

// "3 process(es): 12, 13, 14", the first ten.
std::string describe(std::span<const pid_t> pids);

}  // namespace ocelot::cgroups
