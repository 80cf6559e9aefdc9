#include "cgroups/signals.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/process.hpp"
#include "runtime/base/sys_processes.hpp"

namespace ocelot::cgroups {
namespace {

constexpr std::chrono::milliseconds a_moment{1};
constexpr std::size_t held_at_once = 256;  // well below the usual limit of 1024 descriptors
constexpr std::size_t waited_for_at_once = 32;

}  // namespace

std::chrono::microseconds Deadline::left() const {
  const auto left = std::chrono::ceil<std::chrono::microseconds>(at_ - Clock::now());
  return std::max(left, std::chrono::microseconds{0});
}

int Deadline::left_ms() const {
  return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left()).count());
}

void signal_processes(const std::function<std::vector<pid_t>()>& list, int signal) {
  const std::vector<pid_t> pids = list();
  for (std::size_t begin = 0; begin < pids.size(); begin += held_at_once) {
    const std::size_t end = std::min(begin + held_at_once, pids.size());
    std::vector<std::pair<pid_t, UniqueFd>> held;
    for (std::size_t i = begin; i < end; ++i) {
      if (auto pidfd = sys::pidfd_open_if_exists(pids[i]))
        held.emplace_back(pids[i], std::move(*pidfd));
    }
    const std::vector<pid_t> still_there = list();
    for (const auto& [pid, pidfd] : held) {
      if (std::binary_search(still_there.begin(), still_there.end(), pid)) {
        sys::try_pidfd_send_signal(pidfd.get(), signal);
      }
    }
  }
}

void wait_for_ends(std::span<const pid_t> pids, const Deadline& deadline) {
  std::vector<UniqueFd> held;
  for (const pid_t pid : pids.first(std::min(pids.size(), waited_for_at_once))) {
    if (auto pidfd = sys::pidfd_open_if_exists(pid)) held.push_back(std::move(*pidfd));
  }
  // Those that nobody can hold any more have ended, but the kernel has not taken them off the list
  // yet.
  if (held.empty())
    wait_changed(-1, std::min<std::chrono::microseconds>(deadline.left(), a_moment));
  for (const UniqueFd& pidfd : held) wait_readable(pidfd.get(), std::min(deadline.left_ms(), 100));
}

std::string describe(std::span<const pid_t> pids) {
  const auto shown = pids.first(std::min<std::size_t>(pids.size(), 10));
  return fmt::format("{} process(es): {}{}", pids.size(), fmt::join(shown, ", "),
                     shown.size() < pids.size() ? ", ..." : "");
}

}  // namespace ocelot::cgroups
