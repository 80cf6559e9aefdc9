#include <fmt/core.h>

#include "oci/validate.hpp"
#include "runtime/base/error.hpp"
#include "runtime/container.hpp"
#include "runtime/host.hpp"
#include "runtime/intel_rdt.hpp"
#include "runtime/operations.hpp"
#include "runtime/saved_config.hpp"
#include "runtime/warnings.hpp"

namespace ocelot {
namespace {

void refuse_stopped(oci::Status status) {
  if (status == oci::Status::stopped || status == oci::Status::creating)
    throw Error{ErrorKind::WrongState, "container not running"}.with_hint(
        "only a container that is created, running or paused has limits to change");
}

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

// Of the group that create put the container into.
IntelRdtPlan planned_schemata(const GlobalOptions& global, const std::string& id,
                              const std::string& config, const oci::ConfigUpdate& update) {
  const oci::Spec spec = oci::read_spec(config).spec;
  if (!spec.linux_ || !spec.linux_->intel_rdt) {
    throw Error{ErrorKind::WrongState, "Intel RDT: the container has no group in resctrl"}
        .with_hint("create makes one for a container with linux.intelRdt in its config.json");
  }
  const oci::IntelRdt rdt{.clos_id = spec.linux_->intel_rdt->clos_id,
                          .l3_cache_schema = update.l3_cache_schema,
                          .mem_bw_schema = update.mem_bw_schema};
  oci::Spec about;
  about.linux_.emplace().intel_rdt = rdt;
  const Host host = gather_host(about, global);
  oci::refuse(oci::validate(rdt, host.facts), "update");
  return *plan_intel_rdt(rdt, id, host.facts.resctrl);
}

void change(const Container& container, const oci::Resources& resources, cgroups::Undo& undo) {
  Context at{text("cgroup")};
  container.cgroup().change(resources, undo);
}

}  // namespace

void update(const GlobalOptions& global, const ContainerDirectory& directory,
            const UpdateRequest& request) {
  const Container container = load_container(directory.fd(), directory.id());
  refuse_stopped(container.status());
  check(request.resources, global);
  const auto saved = load_config(directory.fd());
  std::optional<ChangedSchemata> schemata;
  if (request.config.changes_schemata())
    schemata.emplace(
        planned_schemata(global, directory.id(), saved.value_or("{}"), request.config));
  cgroups::all_or_nothing([&](cgroups::Undo& undo) {
    change(container, request.resources.resources, undo);
    if (saved) save_config(directory.fd(), oci::updated(*saved, request.config));
  });
  if (schemata) schemata->commit();
}

}  // namespace ocelot
