#include "runtime/planned_container.hpp"

#include <sched.h>

#include <chrono>

#include "oci/bundle.hpp"
#include "oci/validate.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/rfc3339.hpp"
#include "runtime/host.hpp"
#include "runtime/plan/make_plan.hpp"
#include "runtime/warnings.hpp"

namespace ocelot {
namespace {

PlanInput plan_input(const GlobalOptions& global, const CreateOptions& options,
                     const oci::Bundle& bundle, Stdio stdio, const InheritedFds& fds) {
  PlanInput input{.id = options.id,
                  .bundle = bundle.path,
                  .no_pivot = options.no_pivot,
                  .no_new_keyring = options.no_new_keyring,
                  .stdio = stdio,
                  .cgroup_manager = global.cgroup_manager};
  input.listen_fds = fds.listen.count;
  input.listen_fd_names = fds.listen.names;
  input.inherited_fds = fds.numbers;
  input.channel_fd = fds.channel;
  return input;
}

}  // namespace

PlannedContainer plan_container(const GlobalOptions& global, const CreateOptions& options,
                                Caller caller, const InheritedFds& fds) {
  oci::Bundle bundle = oci::open_bundle(options.bundle, options.config);
  Host host = gather_host(bundle, global);
  const oci::Violations violations = oci::violations_of(bundle, host.facts);
  oci::refuse(violations);
  warn_of(violations, "config.json");
  tell_unknown(bundle.unknown, "config.json");

  CallerStdio stdio =
      CallerStdio::choose(bundle.spec.process->terminal, options.console_socket, caller);
  Plan plan = make_plan(bundle.spec, host, plan_input(global, options, bundle, stdio.kind(), fds));
  for (const std::string& warning : plan.warnings) log::warning(warning);
  return {std::move(bundle.spec), std::move(bundle.config_text), std::move(host.hierarchies),
          std::move(stdio), std::move(plan)};
}

Record new_record(const Plan& plan) {
  return {.phase = Phase::creating,
          .id = plan.id,
          .bundle = plan.bundle,
          .rootfs = plan.rootfs.path,
          .created = rfc3339(std::chrono::system_clock::now()),
          .cgroup = plan.cgroup,
          .own_pid_namespace = plan.namespaces.makes(CLONE_NEWPID),
          .session_keyring = plan.session_keyring,
          .annotations = plan.annotations,
          .poststart = plan.hooks.poststart,
          .poststop = plan.hooks.poststop};
}

}  // namespace ocelot
