#include "runtime/destroy.hpp"

#include <fmt/core.h>
#include <signal.h>

#include "hooks/hooks.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/process.hpp"
#include "runtime/intel_rdt.hpp"
#include "runtime/last_oom_kills.hpp"
#include "runtime/shim_cgroup_record.hpp"

namespace ocelot {
namespace {

constexpr int end_of_init_ms = 10'000;

void end_init(const Container& container) {
  const auto init = container.init();
  if (!init) return;
  // In its cgroup first: a frozen process of v1 would not even die.
  container.cgroup().kill_all();
  sys::try_pidfd_send_signal(init->get(), SIGKILL);
  if (!wait_readable(init->get(), end_of_init_ms)) {
    throw Error{ErrorKind::Failed,
                fmt::format("container init still running: process {} does not end",
                            container.record().init->pid)}
        .with_hint(
            "it waits in the kernel, most likely for a file system that does not answer: see "
            "/proc/PID/stack");
  }
}

void remove_cgroup(const Container& container) {
  cgroups::Driver& cgroup = container.cgroup();
  if (container.may_be_in_cgroup()) return cgroup.remove();
  if (cgroup.remove_if_empty()) return;
  log::warning(fmt::format("its cgroup stays: another container has taken it over, with {}",
                           cgroups::describe(cgroup.processes())));
}

// One that lives is in it, and removes it itself.
ShimCgroupRecord cgroup_of_a_shim_that_is_gone(int state_directory) {
  try {
    return load_shim_cgroup(state_directory);
  } catch (const Error& error) {
    log::warning(error.what());
    return {};
  }
}

}  // namespace

void destroy(const Container& container, ContainerDirectory& directory) {
  Context at{[&] { return fmt::format("delete {}", directory.id()); }};
  end_init(container);
  // After a reboot a cgroup of that name, and whoever is in it, belongs to somebody else.
  const auto& init = container.record().init;
  if (!init || is_of_this_boot(*init)) {
    leave_oom_kills(directory.fd(), container.cgroup());
    remove_cgroup(container);
  }
  remove_intel_rdt(container.record().intel_rdt_group, container.record().intel_rdt_monitor);
  const ShimCgroupRecord shim_cgroup = cgroup_of_a_shim_that_is_gone(directory.fd());
  remove_shim_cgroup(shim_cgroup);  // first: it is written down in the directory
  // The hooks, too: whoever repeats this when it was interrupted runs them again.
  const Record& record = container.record();
  hooks::run_all(record.poststop, "poststop", record.state(oci::Status::stopped),
                 [](const std::string& text) { log::warning(text); });
  directory.remove();
}

void destroy_quietly(const Container& container, ContainerDirectory& directory) noexcept {
  try {
    destroy(container, directory);
  } catch (const std::exception& error) {
    log::debug(error.what());
  }
}

}  // namespace ocelot
