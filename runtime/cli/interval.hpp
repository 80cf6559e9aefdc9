#pragma once
#include <chrono>

#include "runtime/cli/arguments.hpp"

namespace ocelot::cli {

// The length of time that `option` gives, or `otherwise`. Throws Error when it is none, or not
// above 0.
std::chrono::milliseconds interval(const Arguments& arguments, const Option& option,
                                   std::chrono::milliseconds otherwise);

}  // namespace ocelot::cli
