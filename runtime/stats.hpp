#pragma once
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "cgroups/stats.hpp"
#include "runtime/net_dev.hpp"
#include "runtime/options.hpp"

// What a container uses, once or as a stream. Neither takes a lock.
namespace ocelot {

struct ContainerStats {
  cgroups::Stats cgroup;
  // Of the container's network namespace; empty when that is the caller's own.
  std::vector<InterfaceStats> interfaces;
};

// Throws "container with id ID is not running" for one whose init has ended.
ContainerStats stats(const GlobalOptions& global, const std::string& id);

struct EventHandlers {
  std::function<void(const ContainerStats&)> stats;
  std::function<void()> oom;  // a process of the container was killed for want of memory
};
// Calls the handlers, `stats` each `interval`, until the container's init has ended. Throws what
// `stats` does, and what a handler does.
void events(const GlobalOptions& global, const std::string& id, std::chrono::milliseconds interval,
            const EventHandlers& handlers);

}  // namespace ocelot
