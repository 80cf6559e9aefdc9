#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "runtime/stats.hpp"

namespace ocelot::cli {

// What `stats` says of one container, between two looks at it.
struct StatsRow {
  std::string id;
  double cpu_percent = 0;    // of one processor
  std::uint64_t memory = 0;  // bytes, without page cache that can be dropped at once
  std::optional<std::uint64_t> memory_limit;  // bytes
  std::uint64_t pids = 0;
  std::optional<std::uint64_t> pids_limit;
  std::uint64_t read = 0, written = 0;  // bytes, since the container was made
  // Percent of the last ten seconds in which some process waited; where the kernel says so.
  std::optional<double> cpu_pressure, memory_pressure, io_pressure;
};

StatsRow stats_row(const std::string& id, const cgroups::Stats& before, const cgroups::Stats& after,
                   std::chrono::nanoseconds between);

// "1.5MiB".
std::string human_size(std::uint64_t bytes);

std::string stats_table(std::span<const StatsRow> rows);
// An array on one line, which a newline ends.
std::string stats_rows_json(std::span<const StatsRow> rows);

}  // namespace ocelot::cli
