#include "runtime/cli/state_json.hpp"

#include <nlohmann/json.hpp>

namespace ocelot::cli {

namespace {

using nlohmann::ordered_json;

ordered_json object_of(const ContainerState& state) {
  ordered_json object;
  object["ociVersion"] = state.oci.oci_version;
  object["id"] = state.oci.id;
  object["pid"] = state.oci.pid;
  object["status"] = oci::to_string(state.oci.status);
  object["bundle"] = state.oci.bundle;
  if (!state.rootfs.empty()) object["rootfs"] = state.rootfs;
  if (!state.created.empty()) object["created"] = state.created;
  if (!state.oci.annotations.empty()) object["annotations"] = state.oci.annotations;
  object["owner"] = state.owner;
  return object;
}

// A path may hold bytes that are no UTF-8.
std::string text_of(const ordered_json& json, int indent) {
  return json.dump(indent, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace

std::string state_json(const ContainerState& state) {
  return text_of(object_of(state), 2);
}

std::string list_json(std::span<const ListedContainer> containers) {
  ordered_json array = ordered_json::array();
  for (const ListedContainer& container : containers) {
    ordered_json object = object_of(container.state);
    if (!container.damage.empty()) object["status"] = damaged;
    array.push_back(std::move(object));
  }
  return text_of(array, -1) + "\n";
}

}  // namespace ocelot::cli
