#pragma once
#include <cstdint>
#include <functional>
#include <optional>

#include "cgroups/driver.hpp"
#include "runtime/base/event_loop.hpp"

namespace ocelot {

// The kernel's notices that a cgroup's memory has run out, sorted from those that mean something
// else.
class OomWatch {
 public:
  // How many were killed, of a cgroup that is gone; nullopt: nobody knows.
  using LastKills = std::function<std::optional<std::uint64_t>()>;

  // `cgroup` is borrowed. Throws Error where the kernel refuses to give notice; without a memory
  // controller there is none.
  explicit OomWatch(
      const cgroups::Driver& cgroup, LastKills last_kills = [] { return std::nullopt; });

  // Calls `noticed` for each notice; empty without a memory controller.
  EventLoop::Watch watch(EventLoop& loop, std::function<void()> noticed) const;
  // Whether it has run out since the last call. Takes the notice.
  bool happened();

 private:
  bool acknowledge() const;

  const cgroups::Driver& cgroup_;
  LastKills last_kills_;
  cgroups::Driver::OomNotice notice_;
  std::uint64_t kills_;
};

}  // namespace ocelot
