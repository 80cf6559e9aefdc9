#pragma once
#include "runtime/cli/arguments.hpp"
#include "runtime/options.hpp"

namespace ocelot::cli {

// What checkpoint and restore both take.
CriuOptions criu_options(const Arguments& arguments);

}  // namespace ocelot::cli
