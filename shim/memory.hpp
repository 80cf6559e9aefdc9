#pragma once
#include <optional>

#include "shim/shim_options.hpp"

namespace ocelot::shim {

// What a later shim of the same container has to know: `shim.json` in its state directory.
struct Memory {
  ShimOptions options;
  bool terminal = false;  // the container's streams are a terminal, whose master its shim holds
};

void save_memory(int directory, const Memory& memory);
// nullopt when there is none: the container was not made by a shim. Throws Error when it cannot be
// understood.
std::optional<Memory> load_memory(int directory);

}  // namespace ocelot::shim
