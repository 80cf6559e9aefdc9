#include <fmt/core.h>

#include <algorithm>

#include "oci/checker.hpp"
#include "oci/lists.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::oci {
namespace {

// A limit that the other version of cgroups has not.
void refuse_on_v2(Checker& check, const std::string& path, std::string_view name, bool asked,
                  const char* section) {
  if (!asked || !check.host.cgroup_v2) return;
  check.refuse(path, "cgroup-v1-only",
               fmt::format("{} has no equivalent on cgroup v2: leave it out", name), section);
}

void need_controller(Checker& check, const std::string& path, const char* v1, const char* v2,
                     bool asked, const char* section) {
  const auto& have = check.host.cgroup_controllers;
  const char* name = check.host.cgroup_v2 ? v2 : v1;
  if (!asked || std::find(have.begin(), have.end(), name) != have.end()) return;
  check.refuse(path, "cgroup-controller",
               fmt::format("this host has no cgroup controller \"{}\"", name), section);
}

void check_device_rules(Checker& check, const std::string& at,
                        const std::vector<DeviceRule>& rules) {
  constexpr const char* section = "config-linux.md#allowed-device-list";
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const DeviceRule& rule = rules[i];
    const std::string path = fmt::format("{}/devices/{}", at, i);
    if (rule.access.empty()) {
      check.refuse(path + "/access", "device-access",
                   "device access is not set: write letters of \"rwm\"", section);
    } else if (rule.access.find_first_not_of("rwm") != std::string::npos) {
      check.refuse(path + "/access", "device-access",
                   fmt::format("\"{}\" must be letters of \"rwm\"", printable(rule.access)),
                   section);
    }
    const auto check_number = [&](const char* name, const std::optional<std::int64_t>& number) {
      if (number && (*number < -1 || *number > UINT32_MAX)) {
        check.refuse(fmt::format("{}/{}", path, name), "device-number",
                     fmt::format("{} is no device number: leave it out for all", *number), section);
      }
    };
    check_number("major", rule.major);
    check_number("minor", rule.minor);
  }
}

void check_memory(Checker& check, const std::string& at, const MemoryResources& memory,
                  Purpose purpose) {
  constexpr const char* section = "config-linux.md#memory";
  const auto check_bytes = [&](const char* name, const std::optional<std::int64_t>& bytes) {
    if (bytes && *bytes < -1) {
      check.refuse(fmt::format("{}/{}", at, name), "memory-negative",
                   fmt::format("{} is no number of bytes: write -1 for no limit", *bytes), section);
    }
  };
  check_bytes("limit", memory.limit);
  check_bytes("reservation", memory.reservation);
  check_bytes("swap", memory.swap);
  check_bytes("kernel", memory.kernel);
  check_bytes("kernelTCP", memory.kernel_tcp);

  const std::int64_t limit = memory.limit.value_or(0), swap = memory.swap.value_or(0);
  if (swap > 0 && limit > 0 && swap < limit) {
    check.refuse(
        at + "/swap", "memory-swap-limit",
        fmt::format("{} must not be less than limit, {}: it counts memory and swap together", swap,
                    limit),
        section);
  }
  if (swap > 0 && limit == 0 && purpose == Purpose::create) {
    check.refuse(at + "/swap", "memory-swap-alone",
                 "unable to set swap limit without memory limit: write limit too", section);
  }
  if (memory.swappiness && *memory.swappiness > 100) {
    check.refuse(at + "/swappiness", "memory-swappiness",
                 fmt::format("{} is outside 0 to 100", *memory.swappiness), section);
  }
  refuse_on_v2(check, at + "/swappiness", "swappiness", memory.swappiness.has_value(), section);
  refuse_on_v2(check, at + "/kernel", "kernel", memory.kernel.value_or(0) > 0, section);
  if (memory.kernel.value_or(0) > 0 && !check.host.cgroup_v2) {
    check.warn(at + "/kernel", "memory-kernel",
               "kernel memory settings are ignored by Linux since 5.16: leave it out", section);
  }
  refuse_on_v2(check, at + "/kernelTCP", "kernelTCP", memory.kernel_tcp.value_or(0) > 0, section);
  refuse_on_v2(check, at + "/disableOOMKiller", "disableOOMKiller",
               memory.disable_oom_killer.value_or(false), section);
  need_controller(check, at, "memory", "memory",
                  limit > 0 || swap > 0 || memory.reservation.value_or(0) > 0 ||
                      memory.disable_oom_killer.value_or(false),
                  section);
}

void check_list(Checker& check, const std::string& path, const std::string& list,
                const char* section) {
  if (list.empty() || parse_list(trim(list))) return;
  check.refuse(path, "cpu-list",
               fmt::format("\"{}\" is no list of numbers from 0 to {}: write one like \"0-3,7\"",
                           printable(list), max_list_number),
               section);
}

void check_cpu(Checker& check, const std::string& at, const CpuResources& cpu) {
  constexpr const char* section = "config-linux.md#cpu";
  const std::int64_t quota = cpu.quota.value_or(0);
  const std::uint64_t period = cpu.period.value_or(0), burst = cpu.burst.value_or(0);
  if (period != 0 && (period < 1000 || period > 1'000'000)) {
    check.refuse(at + "/period", "cpu-period",
                 fmt::format("{} is outside 1000 to 1000000 microseconds", period), section);
  }
  if (quota > 0 && quota < 1000) {
    check.refuse(at + "/quota", "cpu-quota",
                 fmt::format("{} is less than the kernel's least, 1000 microseconds", quota),
                 section);
  }
  if (quota > 0 && burst > static_cast<std::uint64_t>(quota)) {
    check.refuse(at + "/burst", "cpu-burst",
                 fmt::format("{} must not be more than quota, {}", burst, quota), section);
  }
  if (cpu.idle && *cpu.idle != 0 && *cpu.idle != 1) {
    check.refuse(at + "/idle", "cpu-idle", fmt::format("{} must be 0 or 1", *cpu.idle), section);
  }
  const std::int64_t rt_runtime = cpu.realtime_runtime.value_or(0);
  const std::uint64_t rt_period = cpu.realtime_period.value_or(0);
  if (rt_runtime > 0 && rt_period > 0 && static_cast<std::uint64_t>(rt_runtime) > rt_period) {
    check.refuse(at + "/realtimeRuntime", "cpu-realtime",
                 fmt::format("{} must not be more than realtimePeriod, {}", rt_runtime, rt_period),
                 section);
  }
  refuse_on_v2(check, at + "/realtimeRuntime", "realtimeRuntime", rt_runtime != 0, section);
  refuse_on_v2(check, at + "/realtimePeriod", "realtimePeriod", rt_period != 0, section);
  check_list(check, at + "/cpus", cpu.cpus, section);
  check_list(check, at + "/mems", cpu.mems, section);
  need_controller(check, at, "cpu", "cpu",
                  cpu.shares.value_or(0) != 0 || quota > 0 || burst > 0 ||
                      cpu.idle.value_or(0) != 0 || rt_runtime != 0,
                  section);
  need_controller(check, at, "cpuset", "cpuset", !cpu.cpus.empty() || !cpu.mems.empty(), section);
}

void check_block_io(Checker& check, const std::string& at, const BlockIoResources& block_io) {
  constexpr const char* section = "config-linux.md#block-io";
  const auto check_weight = [&](const std::string& path,
                                const std::optional<std::uint16_t>& weight) {
    if (weight && *weight != 0 && (*weight < 10 || *weight > 1000)) {
      check.refuse(path, "block-io-weight", fmt::format("{} is outside 10 to 1000", *weight),
                   section);
    }
  };
  check_weight(at + "/weight", block_io.weight);
  check_weight(at + "/leafWeight", block_io.leaf_weight);
  refuse_on_v2(check, at + "/leafWeight", "leafWeight", block_io.leaf_weight.value_or(0) != 0,
               section);
  for (std::size_t i = 0; i < block_io.weight_device.size(); ++i) {
    const WeightDevice& device = block_io.weight_device[i];
    const std::string path = fmt::format("{}/weightDevice/{}", at, i);
    if (!device.weight && !device.leaf_weight) {
      check.refuse(path, "block-io-weight-device", "must have weight or leafWeight", section);
    }
    check_weight(path + "/weight", device.weight);
    check_weight(path + "/leafWeight", device.leaf_weight);
    refuse_on_v2(check, path + "/leafWeight", "leafWeight", device.leaf_weight.has_value(),
                 section);
  }
  const bool asked =
      block_io.weight.value_or(0) != 0 || block_io.leaf_weight.value_or(0) != 0 ||
      !block_io.weight_device.empty() || !block_io.throttle_read_bps_device.empty() ||
      !block_io.throttle_write_bps_device.empty() || !block_io.throttle_read_iops_device.empty() ||
      !block_io.throttle_write_iops_device.empty();
  need_controller(check, at, "blkio", "io", asked, section);
}

void check_hugepages(Checker& check, const std::string& at,
                     const std::vector<HugepageLimit>& limits) {
  constexpr const char* section = "config-linux.md#huge-page-limits";
  const auto& sizes = check.host.hugepage_sizes;
  for (std::size_t i = 0; i < limits.size(); ++i) {
    if (std::find(sizes.begin(), sizes.end(), limits[i].page_size) != sizes.end()) continue;
    std::string known;
    for (const std::string& size : sizes) known.append(known.empty() ? "" : ", ").append(size);
    check.refuse(fmt::format("{}/hugepageLimits/{}/pageSize", at, i), "hugepage-size",
                 fmt::format("\"{}\" is no page size of this host, which has {}",
                             printable(limits[i].page_size), known.empty() ? "none" : known),
                 section);
  }
  need_controller(check, at + "/hugepageLimits", "hugetlb", "hugetlb",
                  !limits.empty() && !sizes.empty(), section);
}

void check_network(Checker& check, const std::string& at, const NetworkResources& network) {
  constexpr const char* section = "config-linux.md#network";
  const bool class_id = network.class_id.value_or(0) != 0, priorities = !network.priorities.empty();
  refuse_on_v2(check, at + "/classID", "classID", class_id, section);
  refuse_on_v2(check, at + "/priorities", "priorities", priorities, section);
  if (check.host.cgroup_v2) return;
  need_controller(check, at + "/classID", "net_cls", "net_cls", class_id, section);
  need_controller(check, at + "/priorities", "net_prio", "net_prio", priorities, section);
}

void check_unified(Checker& check, const std::string& at,
                   const std::map<std::string, std::string>& unified) {
  constexpr const char* section = "config-linux.md#unified";
  if (!unified.empty() && !check.host.cgroup_v2) {
    return check.refuse(at, "unified-v1",
                        "cannot use unified on cgroup v1: write the limits as memory, cpu, ...",
                        section);
  }
  for (const auto& [file, content] : unified) {
    const std::string path = at + json_pointer_part(file);
    const std::size_t dot = file.find('.');
    if (file.find('/') != std::string::npos || dot == std::string::npos || dot == 0) {
      check.refuse(
          path, "unified-file",
          fmt::format(
              "unified resource \"{}\" must be a file name (no slashes), like \"memory.high\"",
              printable(file)),
          section);
    } else if (const std::string controller = file.substr(0, dot); controller != "cgroup") {
      need_controller(check, path, controller.c_str(), controller.c_str(), true, section);
    }
  }
}

}  // namespace

void check_resources(Checker& check, const std::string& at, const Resources& resources,
                     Purpose purpose) {
  check_device_rules(check, at, resources.devices);
  if (resources.memory) check_memory(check, at + "/memory", *resources.memory, purpose);
  if (resources.cpu) check_cpu(check, at + "/cpu", *resources.cpu);
  if (resources.pids) {
    need_controller(check, at + "/pids", "pids", "pids", resources.pids->limit.value_or(-1) >= 0,
                    "config-linux.md#pids");
  }
  if (resources.block_io) check_block_io(check, at + "/blockIO", *resources.block_io);
  check_hugepages(check, at, resources.hugepage_limits);
  if (resources.network) check_network(check, at + "/network", *resources.network);
  for (const auto& [device, limit] : resources.rdma) {
    if (limit.hca_handles || limit.hca_objects) continue;
    check.refuse(at + "/rdma" + json_pointer_part(device), "rdma-limit",
                 "must have hcaHandles or hcaObjects", "config-linux.md#rdma");
  }
  need_controller(check, at + "/rdma", "rdma", "rdma", !resources.rdma.empty(),
                  "config-linux.md#rdma");
  check_unified(check, at + "/unified", resources.unified);
}

}  // namespace ocelot::oci
