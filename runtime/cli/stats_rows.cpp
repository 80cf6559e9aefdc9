#include "runtime/cli/stats_rows.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "runtime/cli/text_table.hpp"

namespace ocelot::cli {

namespace {

// Without a limit v1 shows the largest multiple of a page, v2 the largest number.
constexpr std::uint64_t no_limit = std::uint64_t{1} << 62;

std::uint64_t raw(const cgroups::MemoryStats& memory, const char* key) {
  const auto found = memory.raw.find(key);
  return found == memory.raw.end() ? 0 : found->second;
}

std::uint64_t working_set(const cgroups::MemoryStats& memory) {
  // On v1 the counters of the whole subtree have names of their own.
  const std::uint64_t droppable =
      std::max(raw(memory, "total_inactive_file"), raw(memory, "inactive_file"));
  return memory.memory.usage - std::min(droppable, memory.memory.usage);
}

std::uint64_t sum(const cgroups::IoEntries& entries, std::string_view op) {
  std::uint64_t total = 0;
  for (const cgroups::IoEntry& entry : entries) {
    if (entry.op == op) total += entry.value;
  }
  return total;
}

std::optional<double> some(const std::optional<cgroups::Pressure>& pressure) {
  if (!pressure) return std::nullopt;
  return pressure->some.avg10;
}

std::string percent(const std::optional<double>& value) {
  return value ? fmt::format("{:.2f}%", *value) : "-";
}

template <typename Value>
nlohmann::ordered_json or_null(const std::optional<Value>& value) {
  if (!value) return nullptr;
  return *value;
}

}  // namespace

StatsRow stats_row(const std::string& id, const cgroups::Stats& before, const cgroups::Stats& after,
                   std::chrono::nanoseconds between) {
  StatsRow row{.id = id,
               .memory = working_set(after.memory),
               .pids = after.pids.current,
               .read = sum(after.io.service_bytes, "Read"),
               .written = sum(after.io.service_bytes, "Write"),
               .cpu_pressure = some(after.cpu.pressure),
               .memory_pressure = some(after.memory.pressure),
               .io_pressure = some(after.io.pressure)};
  if (after.cpu.total > before.cpu.total && between.count() > 0) {
    row.cpu_percent = 100.0 * static_cast<double>(after.cpu.total - before.cpu.total) /
                      static_cast<double>(between.count());
  }
  const std::uint64_t limit = after.memory.memory.limit;
  if (limit != 0 && limit < no_limit) row.memory_limit = limit;
  if (after.pids.limit != 0) row.pids_limit = after.pids.limit;
  return row;
}

std::string human_size(std::uint64_t bytes) {
  constexpr const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (bytes < 1024) return fmt::format("{}B", bytes);
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < std::size(units)) {
    value /= 1024;
    ++unit;
  }
  return fmt::format("{:.1f}{}", value, units[unit]);
}

std::string stats_table(std::span<const StatsRow> rows) {
  std::vector<std::vector<std::string>> cells{{"ID", "CPU", "MEMORY", "LIMIT", "PIDS", "READ",
                                               "WRITTEN", "CPU WAIT", "MEM WAIT", "IO WAIT"}};
  for (const StatsRow& row : rows) {
    cells.push_back({row.id, percent(row.cpu_percent), human_size(row.memory),
                     row.memory_limit ? human_size(*row.memory_limit) : "-",
                     row.pids_limit ? fmt::format("{}/{}", row.pids, *row.pids_limit)
                                    : std::to_string(row.pids),
                     human_size(row.read), human_size(row.written), percent(row.cpu_pressure),
                     percent(row.memory_pressure), percent(row.io_pressure)});
  }
  return text_table(cells);
}

std::string stats_rows_json(std::span<const StatsRow> rows) {
  nlohmann::ordered_json array = nlohmann::ordered_json::array();
  for (const StatsRow& row : rows) {
    array.push_back({{"id", row.id},
                     {"cpuPercent", row.cpu_percent},
                     {"memory", row.memory},
                     {"memoryLimit", or_null(row.memory_limit)},
                     {"pids", row.pids},
                     {"pidsLimit", or_null(row.pids_limit)},
                     {"readBytes", row.read},
                     {"writtenBytes", row.written},
                     {"pressure",
                      {{"cpu", or_null(row.cpu_pressure)},
                       {"memory", or_null(row.memory_pressure)},
                       {"io", or_null(row.io_pressure)}}}});
  }
  return array.dump() + "\n";
}

}  // namespace ocelot::cli
