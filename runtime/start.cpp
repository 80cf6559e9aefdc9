#include <utility>

#include "runtime/container.hpp"
#include "runtime/operations.hpp"
#include "runtime/release.hpp"

namespace ocelot {

void start(ContainerDirectory locked, Readiness readiness) {
  std::optional<NotifyRelay> relay;
  std::optional<UniqueFd> init;
  {
    ContainerDirectory directory = std::move(locked);
    const Container container = load_container(directory.fd(), directory.id());
    init = container.init();
    relay = release(container, directory, readiness);
  }
  // Without the lock: the container may take its time to be ready.
  if (relay && init) relay_notify(*relay, init->get());
}

}  // namespace ocelot
