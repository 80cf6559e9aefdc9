#include "runtime/base/error.hpp"
#include "runtime/container.hpp"
#include "runtime/operations.hpp"

namespace ocelot {

void check_can_pause(oci::Status status) {
  if (status == oci::Status::running || status == oci::Status::created) return;
  throw Error{ErrorKind::WrongState, "container not running"}.with_hint(
      status == oci::Status::paused
          ? "it is paused already"
          : "only a container that is running, or created, can be paused");
}

void check_can_resume(oci::Status status) {
  if (status != oci::Status::paused)
    throw Error{ErrorKind::WrongState, "container not paused"}.with_hint(
        "only what `pause` has stopped is resumed; `state` shows how it is");
}

void pause(const ContainerDirectory& directory) {
  const Container container = load_container(directory.fd(), directory.id());
  check_can_pause(container.status());
  container.cgroup().freeze(cgroups::Freezer::frozen);
}

void resume(const ContainerDirectory& directory) {
  const Container container = load_container(directory.fd(), directory.id());
  check_can_resume(container.status());
  container.cgroup().freeze(cgroups::Freezer::thawed);
}

}  // namespace ocelot
