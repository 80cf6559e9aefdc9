#include "runtime/lookup.hpp"

namespace ocelot {

ContainerDirectory lock_container(const GlobalOptions& global, const std::string& id,
                                  const char* operation) {
  check_id(id);
  if (const auto store = Store::open(global.root)) {
    if (auto directory = store->lock(id, operation)) return std::move(*directory);
  }
  fail_not_found(id);
}

UniqueFd look_at_container(const GlobalOptions& global, const std::string& id) {
  check_id(id);
  if (const auto store = Store::open(global.root)) {
    if (auto directory = store->look(id)) return std::move(*directory);
  }
  fail_not_found(id);
}

}  // namespace ocelot
