#include "runtime/cli/stats_document.hpp"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"

namespace ocelot::cli {
namespace {

using nlohmann::json;

std::uint64_t number(const json& object, const char* name) {
  return object.value(name, std::uint64_t{0});
}

json member(const json& object, const char* name) {
  return object.value(name, json::object());
}

std::optional<cgroups::Pressure> pressure(const json& object) {
  const auto psi = object.find("psi");
  if (psi == object.end()) return std::nullopt;
  cgroups::Pressure pressure;
  pressure.some.avg10 = psi->at("some").at("avg10");
  return pressure;
}

}  // namespace

cgroups::Stats stats_from(const std::string& document) try {
  const json data = json::parse(document).at("data");
  const json cpu = member(data, "cpu"), memory = member(data, "memory"),
             pids = member(data, "pids"), io = member(data, "blkio"), raw = member(memory, "raw");
  cgroups::Stats stats;
  stats.cpu.total = number(member(cpu, "usage"), "total");
  stats.cpu.pressure = pressure(cpu);
  stats.memory.memory.usage = number(member(memory, "usage"), "usage");
  stats.memory.memory.limit = number(member(memory, "usage"), "limit");
  for (const auto& [key, value] : raw.items()) stats.memory.raw[key] = value;
  stats.memory.pressure = pressure(memory);
  stats.pids.current = number(pids, "current");
  stats.pids.limit = number(pids, "limit");
  for (const json& each : io.value("ioServiceBytesRecursive", json::array())) {
    stats.io.service_bytes.push_back({.major = number(each, "major"),
                                      .minor = number(each, "minor"),
                                      .op = each.value("op", ""),
                                      .value = number(each, "value")});
  }
  stats.io.pressure = pressure(io);
  return stats;
} catch (const json::exception& error) {
  throw Error{ErrorKind::Failed, fmt::format("the shim's figures: {}", error.what())};
}

}  // namespace ocelot::cli
