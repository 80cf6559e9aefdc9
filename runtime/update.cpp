#include <fmt/core.h>

#include "oci/validate.hpp"
#include "runtime/base/error.hpp"
#include "runtime/host.hpp"
#include "runtime/lookup.hpp"
#include "runtime/operations.hpp"
#include "runtime/saved_config.hpp"
#include "runtime/warnings.hpp"

namespace ocelot {
namespace {

void check(const oci::ReadResources& requested, const GlobalOptions& global) {
  oci::Spec about;
  about.linux_.emplace().resources = requested.resources;
  const Host host = gather_host(about, global);
  const oci::Violations violations =
      oci::merge(requested.violations, oci::validate(requested.resources, host.facts));
  oci::refuse(violations, "resources");
  warn_of(violations, "resources");
  tell_unknown(requested.unknown, "resources");
}

void change(const Container& container, const oci::Resources& resources, cgroups::Undo& undo) {
  Context at{text("cgroup")};
  container.cgroup().change(resources, undo);
}

}  // namespace

void update(const GlobalOptions& global, const std::string& id, const UpdateRequest& request) {
  const ContainerDirectory directory = lock_container(global, id, "update");
  const Container container = load_container(directory.fd(), id);
  const oci::Status status = container.status();
  if (status == oci::Status::stopped || status == oci::Status::creating)
    throw Error{ErrorKind::WrongState, "container not running"};
  check(request.resources, global);
  oci::Resources resources = request.resources.resources;
  // Engines send the list of config.json along, without the rules that linux.devices adds to it:
  // carried out, it would take from the container what create gave it. runc leaves it alone too.
  resources.devices.clear();
  const auto saved = load_config(directory.fd());
  cgroups::all_or_nothing([&](cgroups::Undo& undo) {
    change(container, resources, undo);
    if (saved) save_config(directory.fd(), oci::updated(*saved, request.config));
  });
}

}  // namespace ocelot
