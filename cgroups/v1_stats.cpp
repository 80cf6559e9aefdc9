#include "cgroups/v1_stats.hpp"

#include <fmt/core.h>

#include <span>

#include "cgroups/stats_files.hpp"
#include "oci/lists.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::cgroups::v1 {
namespace {

// cpuacct.stat counts in USER_HZ, which is 100 on every architecture we know.
constexpr std::uint64_t nanoseconds_a_tick = 10'000'000;

// cpuacct.usage_all: a header "cpu user system", then a line a processor.
void read_usage_all(std::string_view text, CpuStats& cpu) {
  for (const std::string_view line : split(text, '\n')) {
    const auto row = numbers(line);
    if (row.size() != 3) continue;
    cpu.percpu_user.push_back(row[1]);
    cpu.percpu_kernel.push_back(row[2]);
  }
}

void read_cpu(const Cgroup* cpuacct, const Cgroup* cpu, CpuStats& stats) {
  stats.total = one_number(text_of(cpuacct, "cpuacct.usage"));
  stats.percpu = numbers(text_of(cpuacct, "cpuacct.usage_percpu"));
  read_usage_all(text_of(cpuacct, "cpuacct.usage_all"), stats);
  auto ticks = flat_keyed(text_of(cpuacct, "cpuacct.stat"));
  stats.user = ticks["user"] * nanoseconds_a_tick;
  stats.kernel = ticks["system"] * nanoseconds_a_tick;
  auto throttling = flat_keyed(text_of(cpu, "cpu.stat"));
  stats.periods = throttling["nr_periods"];
  stats.throttled_periods = throttling["nr_throttled"];
  stats.throttled_time = throttling["throttled_time"];
}

void read_cpuset(const Cgroup* cpuset, CpusetStats& stats) {
  if (cpuset == nullptr) return;
  const auto number = [&](const char* file) { return one_number(text_of(cpuset, file)); };
  const auto list = [&](const char* file) {
    return oci::parse_list(text_of(cpuset, file)).value_or(std::vector<unsigned>{});
  };
  stats.cpus = list("cpuset.cpus");
  stats.mems = list("cpuset.mems");
  stats.cpu_exclusive = number("cpuset.cpu_exclusive");
  stats.mem_hardwall = number("cpuset.mem_hardwall");
  stats.mem_exclusive = number("cpuset.mem_exclusive");
  stats.memory_migrate = number("cpuset.memory_migrate");
  stats.memory_spread_page = number("cpuset.memory_spread_page");
  stats.memory_spread_slab = number("cpuset.memory_spread_slab");
  stats.memory_pressure = number("cpuset.memory_pressure");
  stats.sched_load_balance = number("cpuset.sched_load_balance");
  stats.sched_relax_domain_level =
      parse_integer<std::int64_t>(trim(text_of(cpuset, "cpuset.sched_relax_domain_level")))
          .value_or(0);
}

Usage read_usage(const Cgroup* memory, const std::string& kind) {
  const auto number = [&](const char* what) {
    return one_number(text_of(memory, fmt::format("memory.{}{}", kind, what)));
  };
  return {.limit = number("limit_in_bytes"),
          .usage = number("usage_in_bytes"),
          .max = number("max_usage_in_bytes"),
          .failcnt = number("failcnt")};
}

void read_memory(const Cgroup* memory, MemoryStats& stats) {
  if (memory == nullptr) return;
  stats.raw = flat_keyed(text_of(memory, "memory.stat"));
  if (const auto cache = stats.raw.find("cache"); cache != stats.raw.end())
    stats.cache = cache->second;
  stats.memory = read_usage(memory, "");
  stats.swap = read_usage(memory, "memsw.");
  stats.kernel = read_usage(memory, "kmem.");
  stats.kernel_tcp = read_usage(memory, "kmem.tcp.");
}

struct IoFile {
  const char* name;
  IoEntries IoStats::*list;
};
// Whose counters are there depends on the I/O scheduler: bfq with its debugging, bfq, cfq of old
// kernels, or the throttling layer above all of them. The first whose first file has anything to
// say is believed.
constexpr IoFile bfq_debug[] = {{"blkio.bfq.sectors_recursive", &IoStats::sectors},
                                {"blkio.bfq.io_service_time_recursive", &IoStats::service_time},
                                {"blkio.bfq.io_wait_time_recursive", &IoStats::wait_time},
                                {"blkio.bfq.io_merged_recursive", &IoStats::merged},
                                {"blkio.bfq.io_queued_recursive", &IoStats::queued},
                                {"blkio.bfq.time_recursive", &IoStats::time},
                                {"blkio.bfq.io_serviced_recursive", &IoStats::serviced},
                                {"blkio.bfq.io_service_bytes_recursive", &IoStats::service_bytes}};
constexpr IoFile bfq[] = {{"blkio.bfq.io_serviced_recursive", &IoStats::serviced},
                          {"blkio.bfq.io_service_bytes_recursive", &IoStats::service_bytes}};
constexpr IoFile cfq[] = {{"blkio.sectors_recursive", &IoStats::sectors},
                          {"blkio.io_service_time_recursive", &IoStats::service_time},
                          {"blkio.io_wait_time_recursive", &IoStats::wait_time},
                          {"blkio.io_merged_recursive", &IoStats::merged},
                          {"blkio.io_queued_recursive", &IoStats::queued},
                          {"blkio.time_recursive", &IoStats::time},
                          {"blkio.io_serviced_recursive", &IoStats::serviced},
                          {"blkio.io_service_bytes_recursive", &IoStats::service_bytes}};
constexpr IoFile throttle[] = {
    {"blkio.throttle.io_serviced_recursive", &IoStats::serviced},
    {"blkio.throttle.io_service_bytes_recursive", &IoStats::service_bytes}};
constexpr IoFile throttle_of_itself[] = {
    {"blkio.throttle.io_serviced", &IoStats::serviced},
    {"blkio.throttle.io_service_bytes", &IoStats::service_bytes}};

bool read_io_files(const Cgroup& cgroup, std::span<const IoFile> files, IoStats& stats) {
  const IoEntries first = blkio(text_of(&cgroup, files.front().name));
  if (first.empty()) return false;
  for (const IoFile& file : files) stats.*file.list = blkio(text_of(&cgroup, file.name));
  return true;
}

void read_io(const Cgroup* cgroup, IoStats& stats) {
  if (cgroup == nullptr) return;
  for (const std::span<const IoFile> files :
       {std::span<const IoFile>(bfq_debug), std::span<const IoFile>(bfq),
        std::span<const IoFile>(cfq), std::span<const IoFile>(throttle),
        std::span<const IoFile>(throttle_of_itself)}) {
    if (read_io_files(*cgroup, files, stats)) return;
  }
}

void read_hugetlb(const Cgroup* cgroup, std::map<std::string, HugetlbStats>& stats) {
  if (cgroup == nullptr) return;
  for (const std::string& size : huge_page_sizes(*cgroup, ".usage_in_bytes")) {
    const auto number = [&](const char* what) {
      return one_number(text_of(cgroup, fmt::format("hugetlb.{}.{}", size, what)));
    };
    stats[size] = {.usage = number("usage_in_bytes"),
                   .max = number("max_usage_in_bytes"),
                   .failcnt = number("failcnt")};
  }
}

}  // namespace

Stats read_stats(const std::function<const Cgroup*(std::string_view)>& with) {
  Stats stats;
  read_cpu(with("cpuacct"), with("cpu"), stats.cpu);
  read_cpuset(with("cpuset"), stats.cpuset);
  read_memory(with("memory"), stats.memory);
  if (const Cgroup* pids = with("pids")) {
    stats.pids.current = one_number(text_of(pids, "pids.current"));
    const std::string limit = text_of(pids, "pids.max");
    if (trim(limit) != "max") stats.pids.limit = one_number(limit);
  }
  read_io(with("blkio"), stats.io);
  read_hugetlb(with("hugetlb"), stats.hugetlb);
  return stats;
}

}  // namespace ocelot::cgroups::v1
