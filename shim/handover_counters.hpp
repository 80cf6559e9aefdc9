#pragma once
#include <nlohmann/json_fwd.hpp>

#include "shim/container_peer.hpp"
#include "shim/control/metrics.hpp"
#include "shim/stdio/stdio.hpp"

// What a shim has counted, in a handover: without what is so at the moment alone. A counter that
// one of both programs does not know begins at zero.
namespace ocelot::shim {

nlohmann::ordered_json counters_json(const StdioCounters& counters);
nlohmann::ordered_json counters_json(const ContainerPeer::Counters& counters);
nlohmann::ordered_json counters_json(const control::Metrics& metrics);

// Throw nlohmann's exceptions.
void read_counters(const nlohmann::ordered_json& document, StdioCounters& counters);
void read_counters(const nlohmann::ordered_json& document, ContainerPeer::Counters& counters);
void read_counters(const nlohmann::ordered_json& document, control::Metrics& metrics);

}  // namespace ocelot::shim
