#include "runtime/stats_json.hpp"

#include <nlohmann/json.hpp>

namespace ocelot {
namespace {

using Json = nlohmann::ordered_json;

Json object() {
  return Json::object();
}

// runc leaves out counters that are 0, lists that are empty.
void put(Json& json, const char* key, std::uint64_t value) {
  if (value != 0) json[key] = value;
}
template <typename T>
void put(Json& json, const char* key, const std::vector<T>& list) {
  if (!list.empty()) json[key] = list;
}

Json json_of(const cgroups::Stall& stall) {
  return {{"avg10", stall.avg10},
          {"avg60", stall.avg60},
          {"avg300", stall.avg300},
          {"total", stall.total}};
}

void put(Json& json, const std::optional<cgroups::Pressure>& pressure) {
  if (pressure)
    json["psi"] = {{"some", json_of(pressure->some)}, {"full", json_of(pressure->full)}};
}

Json json_of(const cgroups::CpuStats& cpu) {
  Json usage = object(), throttling = object();
  put(usage, "total", cpu.total);
  put(usage, "percpu", cpu.percpu);
  put(usage, "percpu_kernel", cpu.percpu_kernel);
  put(usage, "percpu_user", cpu.percpu_user);
  usage["kernel"] = cpu.kernel;
  usage["user"] = cpu.user;
  put(throttling, "periods", cpu.periods);
  put(throttling, "throttledPeriods", cpu.throttled_periods);
  put(throttling, "throttledTime", cpu.throttled_time);
  Json json{{"usage", std::move(usage)}, {"throttling", std::move(throttling)}};
  put(json, cpu.pressure);
  return json;
}

Json json_of(const cgroups::CpusetStats& cpuset) {
  Json json = object();
  put(json, "cpus", cpuset.cpus);
  json["cpu_exclusive"] = cpuset.cpu_exclusive;
  put(json, "mems", cpuset.mems);
  json["mem_hardwall"] = cpuset.mem_hardwall;
  json["mem_exclusive"] = cpuset.mem_exclusive;
  json["memory_migrate"] = cpuset.memory_migrate;
  json["memory_spread_page"] = cpuset.memory_spread_page;
  json["memory_spread_slab"] = cpuset.memory_spread_slab;
  json["memory_pressure"] = cpuset.memory_pressure;
  json["sched_load_balance"] = cpuset.sched_load_balance;
  json["sched_relax_domain_level"] = cpuset.sched_relax_domain_level;
  return json;
}

Json json_of(const cgroups::Usage& usage) {
  Json json{{"limit", usage.limit}};
  put(json, "usage", usage.usage);
  put(json, "max", usage.max);
  json["failcnt"] = usage.failcnt;
  return json;
}

Json json_of(const cgroups::MemoryStats& memory) {
  Json json = object();
  put(json, "cache", memory.cache);
  json["usage"] = json_of(memory.memory);
  json["swap"] = json_of(memory.swap);
  json["kernel"] = json_of(memory.kernel);
  json["kernelTCP"] = json_of(memory.kernel_tcp);
  if (!memory.raw.empty()) json["raw"] = memory.raw;
  put(json, memory.pressure);
  return json;
}

Json json_of(const cgroups::PidsStats& pids) {
  Json json = object();
  put(json, "current", pids.current);
  put(json, "limit", pids.limit);
  return json;
}

void put_entries(Json& json, const char* key, const cgroups::IoEntries& entries) {
  for (const cgroups::IoEntry& entry : entries) {
    Json one = object();
    put(one, "major", entry.major);
    put(one, "minor", entry.minor);
    if (!entry.op.empty()) one["op"] = entry.op;
    put(one, "value", entry.value);
    json[key].push_back(std::move(one));
  }
}

Json json_of(const cgroups::IoStats& io) {
  Json json = object();
  put_entries(json, "ioServiceBytesRecursive", io.service_bytes);
  put_entries(json, "ioServicedRecursive", io.serviced);
  put_entries(json, "ioQueueRecursive", io.queued);
  put_entries(json, "ioServiceTimeRecursive", io.service_time);
  put_entries(json, "ioWaitTimeRecursive", io.wait_time);
  put_entries(json, "ioMergedRecursive", io.merged);
  put_entries(json, "ioTimeRecursive", io.time);
  put_entries(json, "sectorsRecursive", io.sectors);
  put(json, io.pressure);
  return json;
}

Json json_of(const std::map<std::string, cgroups::HugetlbStats>& hugetlb) {
  Json json = object();
  for (const auto& [size, stats] : hugetlb) {
    Json one = object();
    put(one, "usage", stats.usage);
    put(one, "max", stats.max);
    one["failcnt"] = stats.failcnt;
    json[size] = std::move(one);
  }
  return json;
}

Json json_of(const std::vector<InterfaceStats>& interfaces) {
  if (interfaces.empty()) return nullptr;
  Json array = Json::array();
  for (const InterfaceStats& one : interfaces) {
    array.push_back({{"Name", one.name},
                     {"RxBytes", one.rx_bytes},
                     {"RxPackets", one.rx_packets},
                     {"RxErrors", one.rx_errors},
                     {"RxDropped", one.rx_dropped},
                     {"TxBytes", one.tx_bytes},
                     {"TxPackets", one.tx_packets},
                     {"TxErrors", one.tx_errors},
                     {"TxDropped", one.tx_dropped}});
  }
  return array;
}

// A container may give its network interfaces names that are no UTF-8.
std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string stats_event_json(const std::string& id, const ContainerStats& stats) {
  Json data = object();
  data["cpu"] = json_of(stats.cgroup.cpu);
  data["cpuset"] = json_of(stats.cgroup.cpuset);
  data["memory"] = json_of(stats.cgroup.memory);
  data["pids"] = json_of(stats.cgroup.pids);
  data["blkio"] = json_of(stats.cgroup.io);
  data["hugetlb"] = json_of(stats.cgroup.hugetlb);
  data["intel_rdt"] = object();
  data["network_interfaces"] = json_of(stats.interfaces);
  return text_of({{"type", "stats"}, {"id", id}, {"data", std::move(data)}});
}

std::string oom_event_json(const std::string& id) {
  return text_of({{"type", "oom"}, {"id", id}});
}

}  // namespace ocelot
