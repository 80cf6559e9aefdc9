#include "oci/state.hpp"

#include <nlohmann/json.hpp>

namespace ocelot::oci {

const char* to_string(Status status) {
  switch (status) {
    case Status::creating:
      return "creating";
    case Status::created:
      return "created";
    case Status::running:
      return "running";
    case Status::paused:
      return "paused";
    case Status::stopped:
      return "stopped";
  }
  return "unknown";
}

std::string to_json(const State& state) {
  nlohmann::ordered_json json{
      {"ociVersion", state.oci_version}, {"id", state.id}, {"status", to_string(state.status)}};
  if (state.pid != 0) json["pid"] = state.pid;
  json["bundle"] = state.bundle;
  if (!state.annotations.empty()) json["annotations"] = state.annotations;
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace ocelot::oci
