#include "runtime/lookup.hpp"
#include "runtime/operations.hpp"
#include "runtime/release.hpp"

namespace ocelot {

void start(const GlobalOptions& global, const std::string& id, Readiness readiness) {
  std::optional<NotifyRelay> relay;
  std::optional<UniqueFd> init;
  {
    ContainerDirectory directory = lock_container(global, id, "start");
    const Container container = load_container(directory.fd(), id);
    init = container.init();
    relay = release(container, directory, readiness);
  }
  // Without the lock: the container may take its time to be ready.
  if (relay && init) relay_notify(*relay, init->get());
}

}  // namespace ocelot
