#pragma once
#include <string>

#include "cgroups/stats.hpp"

namespace ocelot::cli {

// What `stats` shows, from the document that a shim answers with (runtime/stats_json.hpp). Throws
// Error{Failed} for one that lacks it.
cgroups::Stats stats_from(const std::string& document);

}  // namespace ocelot::cli
