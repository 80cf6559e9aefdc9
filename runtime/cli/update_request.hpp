#pragma once
#include <string>

#include "runtime/cli/arguments.hpp"

namespace ocelot::cli {

// The document of linux.resources that the command's options describe; what was not given is not in
// it. Throws Error{InvalidArgument} that names the option.
std::string resources_document(const Arguments& arguments);

// What a shim is asked for `update`, with a document of linux.resources, which must be sound.
std::string update_request(const std::string& resources);

}  // namespace ocelot::cli
