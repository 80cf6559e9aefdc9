#include "runtime/cli/state_json.hpp"

#include <nlohmann/json.hpp>

namespace ocelot::cli {

std::string state_json(const ContainerState& state) {
  nlohmann::ordered_json object;
  object["ociVersion"] = state.oci.oci_version;
  object["id"] = state.oci.id;
  object["pid"] = state.oci.pid;
  object["status"] = oci::to_string(state.oci.status);
  object["bundle"] = state.oci.bundle;
  if (!state.rootfs.empty()) object["rootfs"] = state.rootfs;
  if (!state.created.empty()) object["created"] = state.created;
  if (!state.oci.annotations.empty()) object["annotations"] = state.oci.annotations;
  object["owner"] = state.owner;
  // A path may hold bytes that are no UTF-8.
  return object.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace ocelot::cli
