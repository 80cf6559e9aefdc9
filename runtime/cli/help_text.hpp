#pragma once
#include <string>

#include "runtime/cli/table.hpp"

namespace ocelot::cli {

// What `ocelot --help` prints of `program`, and `ocelot COMMAND --help` of a command.
std::string help_of(const Command& command);

}  // namespace ocelot::cli
