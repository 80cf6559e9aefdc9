#pragma once
#include <string>

#include "oci/resources.hpp"

namespace ocelot::cli {

// What a shim is asked for `update`: the limits that the command's options can set, or a document
// of linux.resources as it was given, which must be sound.
std::string update_request(const oci::Resources& resources);
std::string update_request(const std::string& document);

}  // namespace ocelot::cli
