#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

// `linux.resources`: limits in the terms of cgroup v1, whatever the host has. Spec:
// config-linux.md#control-groups
//
// Absent members leave the kernel's value alone; 0 and -1 are values.
namespace ocelot::oci {

struct DeviceRule {
  bool allow = false;
  char type = 'a';                           // a, b, c
  std::optional<std::int64_t> major, minor;  // absent: any
  std::string access;                        // letters of "rwm"
};

struct MemoryResources {
  std::optional<std::int64_t> limit, reservation, swap, kernel,
      kernel_tcp;  // bytes; -1: no limit; swap counts memory plus swap
  std::optional<std::uint64_t> swappiness;
  std::optional<bool> disable_oom_killer, use_hierarchy, check_before_update;
};

struct CpuResources {
  std::optional<std::uint64_t> shares;
  std::optional<std::int64_t> quota;    // microseconds a period; -1: no limit
  std::optional<std::uint64_t> burst;   // microseconds
  std::optional<std::uint64_t> period;  // microseconds
  std::optional<std::int64_t> realtime_runtime;
  std::optional<std::uint64_t> realtime_period;
  std::string cpus, mems;  // lists, "0-3,7"
  std::optional<std::int64_t> idle;
};

struct PidsResources {
  std::optional<std::int64_t> limit;  // -1: no limit; 0 allows none
};

struct WeightDevice {
  std::int64_t major = 0, minor = 0;
  std::optional<std::uint16_t> weight, leaf_weight;
};

struct ThrottleDevice {
  std::int64_t major = 0, minor = 0;
  std::uint64_t rate = 0;  // bytes or operations a second
};

struct BlockIoResources {
  std::optional<std::uint16_t> weight, leaf_weight;
  std::vector<WeightDevice> weight_device;
  std::vector<ThrottleDevice> throttle_read_bps_device, throttle_write_bps_device;
  std::vector<ThrottleDevice> throttle_read_iops_device, throttle_write_iops_device;
};

struct HugepageLimit {
  std::string page_size;    // "2MB"
  std::uint64_t limit = 0;  // bytes
};

struct InterfacePriority {
  std::string name;
  std::uint32_t priority = 0;
};

struct NetworkResources {
  std::optional<std::uint32_t> class_id;
  std::vector<InterfacePriority> priorities;
};

struct RdmaLimit {
  std::optional<std::uint32_t> hca_handles, hca_objects;
};

struct Resources {
  std::vector<DeviceRule> devices;
  std::optional<MemoryResources> memory;
  std::optional<CpuResources> cpu;
  std::optional<PidsResources> pids;
  std::optional<BlockIoResources> block_io;
  std::vector<HugepageLimit> hugepage_limits;
  std::optional<NetworkResources> network;
  std::map<std::string, RdmaLimit> rdma;
  std::map<std::string, std::string> unified;
};

}  // namespace ocelot::oci
