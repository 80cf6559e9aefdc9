#include "runtime/cli/foreign.hpp"

#include "runtime/store.hpp"

namespace ocelot::cli {

std::optional<Shim> foreign_shim(const GlobalOptions& global, const std::string& id) {
  if (!Store::is_foreign(global.root)) return std::nullopt;
  return Shim::needed(global, id);
}

}  // namespace ocelot::cli
