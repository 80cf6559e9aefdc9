#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>

#include "oci/read_spec.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/container.hpp"
#include "runtime/destroy.hpp"
#include "runtime/operations.hpp"
#include "runtime/saved_config.hpp"

namespace ocelot {
namespace {

void refuse_running(const std::string& id, oci::Status status) {
  if (status != oci::Status::running && status != oci::Status::paused) return;
  throw Error{
      ErrorKind::WrongState,
      fmt::format("cannot delete container {} that is not stopped: {}", id, oci::to_string(status))}
      .with_hint("stop it with kill, or use delete --force");
}

// Throws when the configuration is damaged, too.
void remove_configured_cgroup(const ContainerDirectory& directory) {
  const auto text = load_config(directory.fd());
  if (!text) return;
  const oci::Spec spec = oci::read_spec(*text).spec;
  const cgroups::Hierarchies hierarchies = cgroups::detect();
  const std::string cgroups_path = spec.linux_ ? spec.linux_->cgroups_path : "";
  // Which manager it was only the state file knew; a path for systemd has a form of its own.
  const auto manager = std::ranges::count(cgroups_path, ':') == 2 ? cgroups::Manager::systemd
                                                                  : cgroups::Manager::cgroupfs;
  cgroups::make_driver(hierarchies,
                       cgroups::locate(hierarchies, manager, cgroups_path, directory.id(),
                                       cgroups::find_systemd(hierarchies)))
      ->remove();
}

// Of a container whose state file is gone or damaged: its cgroup is where its configuration puts
// it.
void remove_remains(ContainerDirectory& directory) {
  try {
    remove_configured_cgroup(directory);
  } catch (const Error& error) {
    log::warning(fmt::format("the cgroup of {} may remain: {}", directory.id(), error.what()));
  }
  directory.remove();
}

std::optional<Record> load_whatever_is_there(const ContainerDirectory& directory, Force force) {
  try {
    return load(directory.fd());
  } catch (const Error& error) {
    if (force == Force::no) throw;
    log::debug(error.what());
    return std::nullopt;
  }
}

}  // namespace

void remove(ContainerDirectory& directory, Force force) {
  auto record = load_whatever_is_there(directory, force);
  if (!record) {
    if (force == Force::no) fail_not_found(directory.id());
    return remove_remains(directory);
  }
  const Container container{directory.fd(), std::move(*record)};
  if (force == Force::no) refuse_running(directory.id(), container.status());
  destroy(container, directory);
}

void remove_that_one(const GlobalOptions& global, const std::string& id, int directory,
                     Force force) {
  const auto store = Store::open(global.root);
  auto locked = store ? store->lock(id, "delete") : std::nullopt;
  // As long as it is open no other directory has its number.
  if (locked && sys::same_file(sys::stat(locked->fd()), sys::stat(directory)))
    remove(*locked, force);
}

}  // namespace ocelot
