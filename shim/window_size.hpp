#pragma once
#include <sys/ioctl.h>

#include <nlohmann/json_fwd.hpp>

namespace ocelot::shim {

// The members "width" and "height" of a request. Throws Error{InvalidArgument} for what no terminal
// can have, and nlohmann's exceptions where they are missing.
winsize window_size_of(const nlohmann::json& arguments);

}  // namespace ocelot::shim
