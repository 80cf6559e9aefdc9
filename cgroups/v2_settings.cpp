#include "cgroups/v2_settings.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::cgroups::v2 {
namespace {

[[noreturn]] void refuse(std::string why) {
  throw Error{ErrorKind::InvalidSpec, std::move(why)};
}

void refuse_if(bool given, const char* member) {
  if (!given) return;
  throw Error{ErrorKind::InvalidSpec, fmt::format("{} has no counterpart in cgroup v2", member)}
      .with_hint("leave it out on this host");
}

std::string or_max(std::int64_t value) {
  return value < 0 ? "max" : std::to_string(value);
}

void add_pids(Settings& all, const oci::PidsResources& pids) {
  if (pids.limit) all.push_back({"pids.max", or_max(*pids.limit)});
}

// The spec counts memory and swap together, memory.swap.max counts swap alone.
void add_swap(Settings& all, std::int64_t swap, std::int64_t limit) {
  if (swap == 0) {
    if (limit != -1) return;
    swap = -1;
  }
  if (swap == -1 || limit == -1) {
    all.push_back({"memory.swap.max", or_max(swap), swap == -1 ? Missing::ignore : Missing::error});
    return;
  }
  if (limit == 0) refuse("memory.swap: unable to set swap limit without memory limit");
  if (swap < limit) refuse("memory.swap: memory+swap limit should be >= memory limit");
  // Without swap accounting the file is missing: no swap at all is then not enforced, as on every
  // such kernel.
  all.push_back({"memory.swap.max", std::to_string(swap - limit),
                 swap == limit ? Missing::ignore : Missing::error});
}

void add_memory(Settings& all, const oci::MemoryResources& memory) {
  refuse_if(memory.kernel.value_or(0) > 0, "memory.kernel");
  refuse_if(memory.kernel_tcp.value_or(0) > 0, "memory.kernelTCP");
  refuse_if(memory.swappiness.has_value(), "memory.swappiness");
  refuse_if(memory.disable_oom_killer == true, "memory.disableOOMKiller");
  add_swap(all, memory.swap.value_or(0), memory.limit.value_or(0));
  if (memory.limit && *memory.limit != 0) all.push_back({"memory.max", or_max(*memory.limit)});
  if (memory.reservation && *memory.reservation != 0)
    all.push_back({"memory.low", or_max(*memory.reservation)});
}

void add_throttles(Settings& all, const char* key,
                   const std::vector<oci::ThrottleDevice>& devices) {
  for (const oci::ThrottleDevice& device : devices) {
    // 0 lifts the limit on v1, and is refused here.
    const std::string rate = device.rate == 0 ? "max" : std::to_string(device.rate);
    all.push_back({"io.max", fmt::format("{}:{} {}={}", device.major, device.minor, key, rate)});
  }
}

void add_block_io(Settings& all, const oci::BlockIoResources& io) {
  refuse_if(io.leaf_weight.value_or(0) != 0, "blockIO.leafWeight");
  if (io.weight && *io.weight != 0) {
    all.push_back({"io.bfq.weight", std::to_string(*io.weight), Missing::alternative});
    all.push_back({"io.weight", std::to_string(io_weight(*io.weight))});
  }
  for (const oci::WeightDevice& device : io.weight_device) {
    refuse_if(device.leaf_weight.has_value(), "blockIO.weightDevice.leafWeight");
    if (!device.weight) continue;
    const std::string number = fmt::format("{}:{} ", device.major, device.minor);
    all.push_back({"io.bfq.weight", number + std::to_string(*device.weight), Missing::alternative});
    all.push_back({"io.weight", number + std::to_string(io_weight(*device.weight))});
  }
  add_throttles(all, "rbps", io.throttle_read_bps_device);
  add_throttles(all, "wbps", io.throttle_write_bps_device);
  add_throttles(all, "riops", io.throttle_read_iops_device);
  add_throttles(all, "wiops", io.throttle_write_iops_device);
}

void add_cpu(Settings& all, const oci::CpuResources& cpu, const std::string& current_quota) {
  refuse_if(cpu.realtime_runtime.value_or(0) != 0, "cpu.realtimeRuntime");
  refuse_if(cpu.realtime_period.value_or(0) != 0, "cpu.realtimePeriod");
  if (cpu.idle) all.push_back({"cpu.idle", std::to_string(*cpu.idle)});
  // An idle group has no weight: the kernel refuses it.
  if (cpu.shares && *cpu.shares != 0 && cpu.idle != 1) {
    all.push_back({"cpu.weight", std::to_string(cpu_weight(*cpu.shares))});
  }
  const std::int64_t quota = cpu.quota.value_or(0);
  const std::uint64_t period = cpu.period.value_or(0);
  if (quota != 0 || period != 0) {
    std::string value = quota > 0 ? std::to_string(quota) : quota < 0 ? "max" : current_quota;
    if (period != 0) value += fmt::format(" {}", period);
    all.push_back({"cpu.max", value});
  }
  if (cpu.burst) {
    all.push_back({"cpu.max.burst", std::to_string(*cpu.burst),
                   *cpu.burst == 0 ? Missing::ignore : Missing::error});
  }
}

void add_cpuset(Settings& all, const oci::CpuResources& cpu) {
  if (!cpu.cpus.empty()) all.push_back({"cpuset.cpus", cpu.cpus});
  if (!cpu.mems.empty()) all.push_back({"cpuset.mems", cpu.mems});
}

void add_hugepages(Settings& all, const oci::HugepageLimit& hugepages) {
  const std::string limit = std::to_string(hugepages.limit);
  all.push_back({fmt::format("hugetlb.{}.max", hugepages.page_size), limit});
  // A reservation that exceeds the limit would end in SIGBUS at first touch; a limit on it fails
  // mmap(2) instead (5.7).
  all.push_back({fmt::format("hugetlb.{}.rsvd.max", hugepages.page_size), limit, Missing::ignore});
}

void add_rdma(Settings& all, const std::string& device, const oci::RdmaLimit& limit) {
  std::string value = device;
  if (limit.hca_handles) value += fmt::format(" hca_handle={}", *limit.hca_handles);
  if (limit.hca_objects) value += fmt::format(" hca_object={}", *limit.hca_objects);
  all.push_back({"rdma.max", value});
}

void add_unified(Settings& all, const std::string& file, const std::string& content) {
  if (file.empty() || file.find('/') != std::string::npos || file.find('\0') != std::string::npos) {
    refuse(fmt::format("unified: \"{}\" is not the name of a file of a cgroup", printable(file)));
  }
  // A file like io.max takes one line a write.
  for (const std::string_view line : split(content, '\n')) {
    if (!line.empty()) all.push_back({file, std::string(line)});
  }
}

}  // namespace

std::uint64_t cpu_weight(std::uint64_t shares) {
  if (shares <= 2) return 1;
  if (shares >= 262144) return 10000;
  // The quadratic through those three points on logarithmic scales: the linear map that came before
  // it left the default of v1 (1024) with 39 where the default of v2 is 100.
  const double l = std::log2(static_cast<double>(shares));
  return static_cast<std::uint64_t>(
      std::ceil(std::pow(10, (l * l + 125 * l) / 612.0 - 7.0 / 34.0)));
}

std::uint64_t io_weight(std::uint16_t weight) {
  const std::uint64_t least = 10, most = 1000;
  const std::uint64_t clamped = std::min(most, std::max(least, std::uint64_t{weight}));
  return 1 + (clamped - least) * 9999 / (most - least);
}

void complete(oci::MemoryResources& change, const CurrentMemory& current) {
  const auto number = [](const std::string& text) {
    return parse_integer<std::int64_t>(trim(text));
  };
  const auto limit = number(current.limit), swap = number(current.swap);
  const bool changes_limit = change.limit.value_or(0) != 0;
  const bool changes_swap = change.swap.value_or(0) != 0;
  if (changes_swap && !changes_limit) change.limit = limit.value_or(-1);
  if (changes_limit && !changes_swap && *change.limit > 0 && limit && swap)
    change.swap = *limit + *swap;
}

Settings settings(const oci::Resources& resources, const std::string& current_quota) {
  Settings all;
  if (resources.pids) add_pids(all, *resources.pids);
  if (resources.memory) add_memory(all, *resources.memory);
  if (resources.block_io) add_block_io(all, *resources.block_io);
  if (resources.cpu) add_cpu(all, *resources.cpu, current_quota);
  if (resources.cpu) add_cpuset(all, *resources.cpu);
  for (const oci::HugepageLimit& limit : resources.hugepage_limits) add_hugepages(all, limit);
  for (const auto& [device, limit] : resources.rdma) add_rdma(all, device, limit);
  if (resources.network) {
    refuse_if(resources.network->class_id.value_or(0) != 0, "network.classID");
    refuse_if(!resources.network->priorities.empty(), "network.priorities");
  }
  for (const auto& [file, content] : resources.unified) add_unified(all, file, content);
  return all;
}

}  // namespace ocelot::cgroups::v2
