#pragma once
#include <string>

#include "runtime/stats.hpp"

// Statistics as JSON on one line without a newline, in the words of runc's `events`, which
// monitoring programs read. What the host does not count is left out where runc leaves it out.
namespace ocelot {

// {"type":"stats","id":ID,"data":{...}}
std::string stats_event_json(const std::string& id, const ContainerStats& stats);
// {"type":"oom","id":ID}
std::string oom_event_json(const std::string& id);

}  // namespace ocelot
