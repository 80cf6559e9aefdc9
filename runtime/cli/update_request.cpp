#include "runtime/cli/update_request.hpp"

#include <nlohmann/json.hpp>

namespace ocelot::cli {
namespace {

using nlohmann::json;

template <typename Number>
void put(json& object, const char* name, const std::optional<Number>& value) {
  if (value) object[name] = *value;
}

json cpu_document(const oci::CpuResources& cpu) {
  json object = json::object();
  put(object, "shares", cpu.shares);
  put(object, "quota", cpu.quota);
  put(object, "burst", cpu.burst);
  put(object, "period", cpu.period);
  put(object, "realtimeRuntime", cpu.realtime_runtime);
  put(object, "realtimePeriod", cpu.realtime_period);
  put(object, "idle", cpu.idle);
  if (!cpu.cpus.empty()) object["cpus"] = cpu.cpus;
  if (!cpu.mems.empty()) object["mems"] = cpu.mems;
  return object;
}

json memory_document(const oci::MemoryResources& memory) {
  json object = json::object();
  put(object, "limit", memory.limit);
  put(object, "reservation", memory.reservation);
  put(object, "swap", memory.swap);
  return object;
}

std::string request(json resources) {
  return json{{"operation", "update"}, {"resources", std::move(resources)}}.dump();
}

}  // namespace

std::string update_request(const oci::Resources& resources) {
  json document = json::object();
  if (resources.cpu) document["cpu"] = cpu_document(*resources.cpu);
  if (resources.memory) document["memory"] = memory_document(*resources.memory);
  if (resources.pids) put(document["pids"], "limit", resources.pids->limit);
  if (resources.block_io) put(document["blockIO"], "weight", resources.block_io->weight);
  return request(std::move(document));
}

std::string update_request(const std::string& document) {
  return request(json::parse(document));
}

}  // namespace ocelot::cli
