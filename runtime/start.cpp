#include "runtime/lookup.hpp"
#include "runtime/operations.hpp"
#include "runtime/release.hpp"

namespace ocelot {

void start(const GlobalOptions& global, const std::string& id) {
  ContainerDirectory directory = lock_container(global, id, "start");
  release(load_container(directory.fd(), id), directory);
}

}  // namespace ocelot
