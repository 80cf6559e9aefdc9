#pragma once
#include <optional>
#include <string>

#include "runtime/cli/shim.hpp"

// Containers of somebody else: observers and operators cannot read what is kept of them, and ask
// their shims.
namespace ocelot::cli {

// The shim of a container in a store of somebody else's; nullopt where the store is the caller's.
// Throws Error{NotFound, WrongState} when there is no such container, or no shim.
std::optional<Shim> foreign_shim(const GlobalOptions& global, const std::string& id);

}  // namespace ocelot::cli
