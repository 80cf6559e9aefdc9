#pragma once
#include <string>

#include "oci/config_update.hpp"
#include "runtime/cli/arguments.hpp"

namespace ocelot::cli {

// The document of linux.resources that the command's options describe; what was not given is not in
// it. Throws Error{InvalidArgument} that names the option.
std::string resources_document(const Arguments& arguments);

// What a shim is asked for it; the document of linux.resources must be sound.
std::string update_request(const oci::ConfigUpdate& update);

}  // namespace ocelot::cli
