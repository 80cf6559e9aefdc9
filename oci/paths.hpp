#pragma once
#include <string>
#include <string_view>

namespace ocelot::oci {

// A container path as text, made absolute and without empty, "." and ".." parts: what it names if
// no part is a symbolic link.
std::string clean_path(std::string_view path);

}  // namespace ocelot::oci
