#pragma once
#include <string>
#include <vector>

namespace ocelot {

// Where a program that belongs to this one is looked for, the nearest first: beside it, and where
// it is installed.
std::vector<std::string> companion_paths(const std::string& name);

}  // namespace ocelot
