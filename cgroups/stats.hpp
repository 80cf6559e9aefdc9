#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

// What the kernel counts of a cgroup with all that is below it, in one form for v1 and v2. Counters
// grow; a member whose file the host does not have stays at 0.
namespace ocelot::cgroups {

// Pressure stall information: how much of the time somebody had to wait for the resource (some),
// or everybody did (full). Kernel: Documentation/accounting/psi.rst
struct Stall {
  double avg10 = 0, avg60 = 0, avg300 = 0;  // percent of the last 10, 60 and 300 seconds
  std::uint64_t total = 0;                  // microseconds
  bool operator==(const Stall&) const = default;
};
struct Pressure {
  Stall some, full;
  bool operator==(const Pressure&) const = default;
};

struct CpuStats {
  std::uint64_t total = 0, kernel = 0, user = 0;  // nanoseconds
  // By processor, in nanoseconds; v1 alone counts these.
  std::vector<std::uint64_t> percpu, percpu_kernel, percpu_user;
  std::uint64_t periods = 0, throttled_periods = 0;
  std::uint64_t throttled_time = 0;  // nanoseconds
  std::optional<Pressure> pressure;
};

struct CpusetStats {  // v1 alone
  std::vector<std::uint32_t> cpus, mems;
  std::uint64_t cpu_exclusive = 0, mem_hardwall = 0, mem_exclusive = 0, memory_migrate = 0;
  std::uint64_t memory_spread_page = 0, memory_spread_slab = 0, memory_pressure = 0;
  std::uint64_t sched_load_balance = 0;
  std::int64_t sched_relax_domain_level = 0;
};

struct Usage {
  std::uint64_t limit = 0;  // bytes; without a limit a huge number, on v2 the largest
  std::uint64_t usage = 0, max = 0, failcnt = 0;
};

struct MemoryStats {
  std::uint64_t cache = 0;
  Usage memory, swap, kernel, kernel_tcp;    // swap counts memory and swap together, as v1 does
  std::map<std::string, std::uint64_t> raw;  // every key of memory.stat
  std::optional<Pressure> pressure;
};

struct PidsStats {
  std::uint64_t current = 0;
  std::uint64_t limit = 0;  // 0: none
};

struct IoEntry {
  std::uint64_t major = 0, minor = 0;
  std::string op;  // "Read", "Write", "Discard"; on v1 also "Sync", "Async", "Total"
  std::uint64_t value = 0;
  bool operator==(const IoEntry&) const = default;
};
using IoEntries = std::vector<IoEntry>;

struct IoStats {
  IoEntries service_bytes, serviced;                                 // bytes, operations
  IoEntries queued, service_time, wait_time, merged, time, sectors;  // of v1's schedulers
  std::optional<Pressure> pressure;
};

struct HugetlbStats {
  std::uint64_t usage = 0, max = 0, failcnt = 0;  // bytes, times
};

struct Stats {
  CpuStats cpu;
  CpusetStats cpuset;
  MemoryStats memory;
  PidsStats pids;
  IoStats io;
  std::map<std::string, HugetlbStats> hugetlb;  // by page size, "2MB"
};

}  // namespace ocelot::cgroups
