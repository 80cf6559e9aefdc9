#include "cgroups/v2_stats.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "cgroups/stats_files.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::cgroups::v2 {
namespace {

constexpr std::uint64_t nanoseconds_a_microsecond = 1000;
constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();

// The processor time is in cpu.stat of every cgroup, be the controller enabled or not.
void add_cpu(const Cgroup& cgroup, CpuStats& stats) {
  auto counters = flat_keyed(text_of(&cgroup, "cpu.stat"));
  stats.total = counters["usage_usec"] * nanoseconds_a_microsecond;
  stats.user = counters["user_usec"] * nanoseconds_a_microsecond;
  stats.kernel = counters["system_usec"] * nanoseconds_a_microsecond;
  stats.periods = counters["nr_periods"];
  stats.throttled_periods = counters["nr_throttled"];
  stats.throttled_time = counters["throttled_usec"] * nanoseconds_a_microsecond;
}

Usage usage_of(const Cgroup& cgroup, const std::string& kind) {
  const auto number = [&](const char* what) {
    return one_number(text_of(&cgroup, fmt::format("memory.{}{}", kind, what)));
  };
  return {.limit = number("max"), .usage = number("current"), .max = number("peak"), .failcnt = 0};
}

// Readers expect v1's numbers, which count swap together with memory.
Usage together(const Usage& memory, const Usage& swap) {
  const bool limited = memory.limit != no_limit && swap.limit != no_limit;
  return {.limit = limited ? memory.limit + swap.limit : no_limit,
          .usage = memory.usage + swap.usage,
          .max = 0,  // the peaks need not have been at the same time
          .failcnt = 0};
}

void add_memory(const Cgroup& cgroup, MemoryStats& stats) {
  stats.raw = flat_keyed(text_of(&cgroup, "memory.stat"));
  if (const auto file = stats.raw.find("file"); file != stats.raw.end()) stats.cache = file->second;
  stats.memory = usage_of(cgroup, "");
  if (cgroup.read("memory.swap.max"))
    stats.swap = together(stats.memory, usage_of(cgroup, "swap."));
}

void add_pids(const Cgroup& cgroup, PidsStats& stats) {
  stats.current = one_number(text_of(&cgroup, "pids.current"));
  const std::string limit = text_of(&cgroup, "pids.max");
  stats.limit = trim(limit) == "max" ? 0 : one_number(limit);
}

void add_hugetlb(const Cgroup& cgroup, std::map<std::string, HugetlbStats>& stats) {
  for (const std::string& size : huge_page_sizes(cgroup, ".current")) {
    const std::string prefix = fmt::format("hugetlb.{}.", size);
    HugetlbStats& one = stats[size];
    one.usage = one_number(text_of(&cgroup, prefix + "current"));
    one.failcnt = value_of(text_of(&cgroup, prefix + "events"), "max").value_or(0);
  }
}

}  // namespace

void add_stats(const Cgroup& cgroup, const std::function<bool(std::string_view)>& has,
               Stats& stats) {
  if (has("cpu")) add_cpu(cgroup, stats.cpu);
  if (has("memory")) add_memory(cgroup, stats.memory);
  if (has("pids")) add_pids(cgroup, stats.pids);
  if (has("io")) add_io_stat(text_of(&cgroup, "io.stat"), stats.io);
  if (has("hugetlb")) add_hugetlb(cgroup, stats.hugetlb);
  stats.cpu.pressure = pressure(text_of(&cgroup, "cpu.pressure"));
  stats.memory.pressure = pressure(text_of(&cgroup, "memory.pressure"));
  stats.io.pressure = pressure(text_of(&cgroup, "io.pressure"));
}

}  // namespace ocelot::cgroups::v2
