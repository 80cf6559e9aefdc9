#include "cgroups/systemd/driver.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include "cgroups/systemd/unit_properties.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/sys_files.hpp"

namespace ocelot::cgroups::systemd {
namespace {

constexpr std::chrono::seconds patience{30};

// man: sd_booted(3)
void refuse_without_systemd() {
  if (sys::open_if_exists(AT_FDCWD, "/run/systemd/system", O_PATH)) return;
  throw Error{ErrorKind::Unsupported,
              "systemd not running on this host, cannot use systemd cgroups manager"}
      .with_hint("use --cgroup-manager cgroupfs, and the same in the engine's configuration");
}

void tell_ignored(const Helper& helper) {
  if (helper.ignored().empty()) return;
  log::debug(
      fmt::format("this systemd does not know {}: the limits are in the cgroup's files alone",
                  fmt::join(helper.ignored(), ", ")));
}

// Told of one limit of the processor, systemd writes them all; its quota is rounded, and computed
// from quota and period.
oci::Resources with_bandwidth(oci::Resources resources, const oci::CpuResources& in_force) {
  if (!resources.cpu) return resources;
  oci::CpuResources& cpu = *resources.cpu;
  if (!cpu.shares && !cpu.quota && !cpu.period && !cpu.idle) return resources;
  if (cpu.quota.value_or(0) == 0) cpu.quota = in_force.quota;
  if (cpu.period.value_or(0) == 0) cpu.period = in_force.period;
  return resources;
}

}  // namespace

Request SystemdDriver::request(Operation operation, Properties properties) const {
  return {.operation = operation,
          .instance = location_.instance,
          .unit = location_.unit,
          .properties = std::move(properties),
          .timeout = patience};
}

// The place was written down before systemd was asked, by what is known of where it puts units.
void SystemdDriver::check_place() const {
  const auto places =
      memberships(read_file(AT_FDCWD, fmt::format("/proc/{}/cgroup", holder_.pid())));
  for (const std::string hierarchy : {"", "name=systemd"}) {
    const auto place = places.find(hierarchy);
    const auto expected = location_.paths.find(hierarchy);
    if (place == places.end() || expected == location_.paths.end()) continue;
    if (place->second == expected->second) return;
    throw Error{ErrorKind::Failed, fmt::format("systemd put {} into {} where {} was expected",
                                               location_.unit, place->second, expected->second)};
  }
}

void SystemdDriver::create() {
  refuse_without_systemd();
  holder_ = Helper{request(Operation::start, properties_)};
  tell_ignored(holder_);
  if (location_.unit.ends_with(".slice")) {
    let_go();  // a slice can be without a process, and must be
    return files_->create();
  }
  try {
    check_place();
    files_->adopt();
  } catch (...) {
    let_go();
    throw;
  }
}

void SystemdDriver::tell(Properties changed) const {
  tell_ignored(Helper{request(Operation::change, std::move(changed))});
}

void SystemdDriver::change(const oci::Resources& asked, Undo& undo) {
  const std::size_t before = undo.size();
  const oci::Resources resources = with_bandwidth(asked, files_->bandwidth());
  files_->change(resources, undo);
  Properties changed = properties_of(undo.written_since(before), unified_);
  if (changed.empty()) return;
  tell(std::move(changed));
  undo.set_listener(
      [this, &undo, before] { tell(properties_of(undo.written_since(before), unified_)); });
  files_->change(resources, undo);  // systemd has written what it was told, rounded
}

void SystemdDriver::remove() {
  let_go();
  files_->kill_all();
  stop_unit();
  files_->remove();
}

bool SystemdDriver::remove_if_empty() {
  let_go();
  if (!files_->processes().empty()) return false;
  stop_unit();
  return files_->remove_if_empty();
}

void SystemdDriver::stop_unit() const {
  // A cgroup must be removable when systemd cannot be asked: then the unit goes when systemd sees
  // that it is empty.
  try {
    const Helper done{request(Operation::stop)};
  } catch (const Error& error) {
    log::warning(fmt::format("systemd still has {}: {}", location_.unit, error.what()));
  }
}

}  // namespace ocelot::cgroups::systemd
