#include "cgroups/v1_settings.hpp"

#include <fmt/core.h>

#include "runtime/base/error.hpp"

namespace ocelot::cgroups::v1 {
namespace {

constexpr std::uint64_t least_shares = 2, most_shares = 262144;

void add(Settings& all, const char* file, std::int64_t value) {
  all.push_back({file, std::to_string(value)});
}
void add(Settings& all, const char* file, std::uint64_t value) {
  all.push_back({file, std::to_string(value)});
}

template <typename Number>
void add(Settings& all, const char* file, const std::optional<Number>& value) {
  if (value) add(all, file, *value);
}

void add_pids(Settings& all, const oci::PidsResources& pids) {
  if (pids.limit)
    all.push_back({"pids.max", *pids.limit < 0 ? "max" : std::to_string(*pids.limit)});
}

void add_memory(Settings& all, const oci::MemoryResources& memory) {
  const bool unlimited = memory.limit == -1;
  // 0 says "unset" here, as in every caller's habit. Lifting the limit lifts that of memory and
  // swap together too, which could otherwise not be below it.
  if (memory.limit && *memory.limit != 0) add(all, "memory.limit_in_bytes", *memory.limit);
  if (memory.swap && *memory.swap != 0) {
    all.push_back({"memory.memsw.limit_in_bytes", std::to_string(*memory.swap),
                   *memory.swap == -1 ? Missing::ignore : Missing::error});
  } else if (unlimited) {
    all.push_back({"memory.memsw.limit_in_bytes", "-1", Missing::ignore});
  }
  if (memory.reservation && *memory.reservation != 0)
    add(all, "memory.soft_limit_in_bytes", *memory.reservation);
  if (memory.kernel.value_or(0) > 0) add(all, "memory.kmem.limit_in_bytes", *memory.kernel);
  if (memory.kernel_tcp && *memory.kernel_tcp != 0)
    add(all, "memory.kmem.tcp.limit_in_bytes", *memory.kernel_tcp);
  add(all, "memory.swappiness", memory.swappiness);
  if (memory.use_hierarchy == true) add(all, "memory.use_hierarchy", std::int64_t{1});
  if (memory.disable_oom_killer)
    add(all, "memory.oom_control", std::int64_t{*memory.disable_oom_killer});
}

void add_cpu(Settings& all, const oci::CpuResources& cpu) {
  add(all, "cpu.idle", cpu.idle);
  // An idle group has no shares: the kernel refuses them.
  if (cpu.shares && *cpu.shares != 0 && cpu.idle != 1) {
    // The kernel would take these and use another value.
    if (*cpu.shares < least_shares) {
      throw Error{ErrorKind::InvalidSpec,
                  fmt::format("the minimum allowed cpu-shares is {}", least_shares)};
    }
    if (*cpu.shares > most_shares) {
      throw Error{ErrorKind::InvalidSpec,
                  fmt::format("the maximum allowed cpu-shares is {}", most_shares)};
    }
    add(all, "cpu.shares", *cpu.shares);
  }
  if (cpu.realtime_period && *cpu.realtime_period != 0)
    add(all, "cpu.rt_period_us", *cpu.realtime_period);
  if (cpu.realtime_runtime && *cpu.realtime_runtime != 0)
    add(all, "cpu.rt_runtime_us", *cpu.realtime_runtime);
  if (cpu.period && *cpu.period != 0) add(all, "cpu.cfs_period_us", *cpu.period);
  if (cpu.quota && *cpu.quota != 0) add(all, "cpu.cfs_quota_us", *cpu.quota);
  if (cpu.burst) {
    all.push_back({"cpu.cfs_burst_us", std::to_string(*cpu.burst),
                   *cpu.burst == 0 ? Missing::ignore : Missing::error});
  }
}

void add_cpuset(Settings& all, const oci::CpuResources& cpu) {
  if (!cpu.cpus.empty()) all.push_back({"cpuset.cpus", cpu.cpus});
  if (!cpu.mems.empty()) all.push_back({"cpuset.mems", cpu.mems});
}

void add_throttles(Settings& all, const char* file,
                   const std::vector<oci::ThrottleDevice>& devices) {
  for (const oci::ThrottleDevice& device : devices) {
    all.push_back({file, fmt::format("{}:{} {}", device.major, device.minor, device.rate)});
  }
}

// A weight of cfq's successor where it is in use, else of the scheduler that old kernels have.
void add_weight(Settings& all, const std::string& name, const std::string& value) {
  all.push_back({"blkio.bfq." + name, value, Missing::alternative});
  all.push_back({"blkio." + name, value});
}

void add_block_io(Settings& all, const oci::BlockIoResources& io) {
  if (io.weight && *io.weight != 0) add_weight(all, "weight", std::to_string(*io.weight));
  if (io.leaf_weight && *io.leaf_weight != 0)
    all.push_back({"blkio.leaf_weight", std::to_string(*io.leaf_weight)});
  for (const oci::WeightDevice& device : io.weight_device) {
    const std::string number = fmt::format("{}:{} ", device.major, device.minor);
    if (device.weight) add_weight(all, "weight_device", number + std::to_string(*device.weight));
    if (device.leaf_weight)
      all.push_back({"blkio.leaf_weight_device", number + std::to_string(*device.leaf_weight)});
  }
  add_throttles(all, "blkio.throttle.read_bps_device", io.throttle_read_bps_device);
  add_throttles(all, "blkio.throttle.write_bps_device", io.throttle_write_bps_device);
  add_throttles(all, "blkio.throttle.read_iops_device", io.throttle_read_iops_device);
  add_throttles(all, "blkio.throttle.write_iops_device", io.throttle_write_iops_device);
}

void add_hugepages(Settings& all, const oci::HugepageLimit& hugepages) {
  const std::string limit = std::to_string(hugepages.limit);
  all.push_back({fmt::format("hugetlb.{}.limit_in_bytes", hugepages.page_size), limit});
  // A reservation that exceeds the limit would end in SIGBUS at first touch; a limit on it fails
  // mmap(2) instead (5.7).
  all.push_back(
      {fmt::format("hugetlb.{}.rsvd.limit_in_bytes", hugepages.page_size), limit, Missing::ignore});
}

void add_network(Settings& all, const oci::NetworkResources& network) {
  if (network.class_id) all.push_back({"net_cls.classid", std::to_string(*network.class_id)});
  for (const oci::InterfacePriority& interface : network.priorities) {
    all.push_back({"net_prio.ifpriomap", fmt::format("{} {}", interface.name, interface.priority)});
  }
}

void add_rdma(Settings& all, const std::string& device, const oci::RdmaLimit& limit) {
  std::string value = device;
  if (limit.hca_handles) value += fmt::format(" hca_handle={}", *limit.hca_handles);
  if (limit.hca_objects) value += fmt::format(" hca_object={}", *limit.hca_objects);
  all.push_back({"rdma.max", value});
}

}  // namespace

Settings settings(const oci::Resources& resources) {
  if (!resources.unified.empty()) {
    throw Error{
        ErrorKind::InvalidSpec,
        fmt::format("unified: {} is a file of cgroup v2, and this host uses cgroup v1 for it",
                    resources.unified.begin()->first)}
        .with_hint("use the members memory, cpu, pids and blockIO, which mean the same on both");
  }
  Settings all;
  if (resources.pids) add_pids(all, *resources.pids);
  if (resources.memory) add_memory(all, *resources.memory);
  if (resources.block_io) add_block_io(all, *resources.block_io);
  if (resources.cpu) add_cpu(all, *resources.cpu);
  if (resources.cpu) add_cpuset(all, *resources.cpu);
  for (const oci::HugepageLimit& limit : resources.hugepage_limits) add_hugepages(all, limit);
  if (resources.network) add_network(all, *resources.network);
  for (const auto& [device, limit] : resources.rdma) add_rdma(all, device, limit);
  return all;
}

}  // namespace ocelot::cgroups::v1
