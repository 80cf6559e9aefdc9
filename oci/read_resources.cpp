#include "oci/names.hpp"
#include "oci/read_structs.hpp"

namespace ocelot::oci {

void read(Reader& r, DeviceRule& rule) {
  static constexpr Word<char> types[] = {{"a", 'a'}, {"b", 'b'}, {"c", 'c'}};
  r.section("config-linux.md#allowed-device-list");
  r.required("allow", rule.allow);
  r.optional_word("type", types, rule.type);
  r.optional("major", rule.major);
  r.optional("minor", rule.minor);
  r.optional("access", rule.access);
}

void read(Reader& r, MemoryResources& memory) {
  r.section("config-linux.md#memory");
  r.optional("limit", memory.limit);
  r.optional("reservation", memory.reservation);
  r.optional("swap", memory.swap);
  r.optional("kernel", memory.kernel);
  r.optional("kernelTCP", memory.kernel_tcp);
  r.optional("swappiness", memory.swappiness);
  r.optional("disableOOMKiller", memory.disable_oom_killer);
  r.optional("useHierarchy", memory.use_hierarchy);
  r.optional("checkBeforeUpdate", memory.check_before_update);
}

void read(Reader& r, CpuResources& cpu) {
  r.section("config-linux.md#cpu");
  r.optional("shares", cpu.shares);
  r.optional("quota", cpu.quota);
  r.optional("burst", cpu.burst);
  r.optional("period", cpu.period);
  r.optional("realtimeRuntime", cpu.realtime_runtime);
  r.optional("realtimePeriod", cpu.realtime_period);
  r.optional("cpus", cpu.cpus);
  r.optional("mems", cpu.mems);
  r.optional("idle", cpu.idle);
}

void read(Reader& r, PidsResources& pids) {
  r.section("config-linux.md#pids");
  r.optional("limit", pids.limit);
}

void read(Reader& r, WeightDevice& device) {
  r.required("major", device.major);
  r.required("minor", device.minor);
  r.optional("weight", device.weight);
  r.optional("leafWeight", device.leaf_weight);
}

void read(Reader& r, ThrottleDevice& device) {
  r.required("major", device.major);
  r.required("minor", device.minor);
  r.required("rate", device.rate);
}

void read(Reader& r, BlockIoResources& block_io) {
  r.section("config-linux.md#block-io");
  r.optional("weight", block_io.weight);
  r.optional("leafWeight", block_io.leaf_weight);
  r.optional("weightDevice", block_io.weight_device);
  r.optional("throttleReadBpsDevice", block_io.throttle_read_bps_device);
  r.optional("throttleWriteBpsDevice", block_io.throttle_write_bps_device);
  r.optional("throttleReadIOPSDevice", block_io.throttle_read_iops_device);
  r.optional("throttleWriteIOPSDevice", block_io.throttle_write_iops_device);
}

void read(Reader& r, HugepageLimit& hugepage) {
  r.section("config-linux.md#huge-page-limits");
  r.required("pageSize", hugepage.page_size);
  r.required("limit", hugepage.limit);
}

void read(Reader& r, InterfacePriority& interface) {
  r.required("name", interface.name);
  r.required("priority", interface.priority);
}

void read(Reader& r, NetworkResources& network) {
  r.section("config-linux.md#network");
  r.optional("classID", network.class_id);
  r.optional("priorities", network.priorities);
}

void read(Reader& r, RdmaLimit& rdma) {
  r.section("config-linux.md#rdma");
  r.optional("hcaHandles", rdma.hca_handles);
  r.optional("hcaObjects", rdma.hca_objects);
}

void read(Reader& r, Resources& resources) {
  r.section("config-linux.md#control-groups");
  r.optional("devices", resources.devices);
  r.optional("memory", resources.memory);
  r.optional("cpu", resources.cpu);
  r.optional("pids", resources.pids);
  r.optional("blockIO", resources.block_io);
  r.optional("hugepageLimits", resources.hugepage_limits);
  r.optional("network", resources.network);
  r.optional("rdma", resources.rdma);
  r.optional("unified", resources.unified);
}

}  // namespace ocelot::oci
