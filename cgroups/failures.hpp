#pragma once
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <span>

#include "cgroups/cgroup.hpp"

// How long the drivers wait for the kernel, and what they say when it does not do it.
namespace ocelot::cgroups {

inline constexpr std::chrono::seconds time_to_freeze{10};
inline constexpr std::chrono::seconds time_to_freeze_for_kill{2};
inline constexpr std::chrono::seconds time_to_die{10};
inline constexpr std::chrono::seconds time_to_vanish{5};

// Whether device rules cannot be had because an ordinary user asks, or root of another user
// namespace: they may neither load programs nor make device nodes.
bool refused_as_foreign(int error_number);
[[noreturn]] void fail_frozen(const Cgroup& cgroup);
[[noreturn]] void fail_not_empty(const Cgroup& cgroup, std::span<const pid_t> pids);
[[noreturn]] void fail_to_freeze(const Cgroup& cgroup, std::span<const pid_t> pids);
[[noreturn]] void fail_to_kill(std::span<const pid_t> pids);
[[noreturn]] void fail_to_remove(const Cgroup& cgroup, int error_number);
// memory.checkBeforeUpdate: throws when the limit is below what is used.
void refuse_limit_below_usage(std::int64_t limit_bytes, std::int64_t usage_bytes);

}  // namespace ocelot::cgroups
