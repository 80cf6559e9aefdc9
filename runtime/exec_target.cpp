#include "runtime/exec_target.hpp"

#include <fcntl.h>
#include <fmt/core.h>

#include "oci/read_spec.hpp"
#include "oci/validate.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/process.hpp"
#include "runtime/lookup.hpp"
#include "runtime/plan/exec.hpp"
#include "runtime/saved_config.hpp"
#include "runtime/warnings.hpp"

namespace ocelot {
namespace {

constexpr const char* stopped = "cannot exec in a stopped container";

UniqueFd init_of(const Container& container) {
  if (container.record().phase == Phase::creating)
    throw Error{ErrorKind::WrongState, "cannot exec in a container that is being created"}
        .with_hint(
            "wait for create to end; one that was interrupted is removed by `delete --force`");
  return container.living_init(stopped);
}

// Of a process that has ended the file tells that it is in the root cgroup: it is believed only if
// init still lives.
std::string membership_of(const ProcessIdentity& init, int pidfd) {
  const auto text = read_file_if_exists(AT_FDCWD, fmt::format("/proc/{}/cgroup", init.pid));
  if (!text || wait_readable(pidfd, 0))
    throw Error{ErrorKind::WrongState, stopped}.with_hint(
        "delete it and create it anew: a container runs once");
  return *text;
}

oci::Spec saved_spec(int directory) {
  const auto text = load_config(directory);
  Context at{ocelot::text("saved config.json")};
  if (!text)
    throw Error{ErrorKind::Failed, "is missing"}.with_hint(
        "the state was damaged: `delete --force` removes what is left of the container");
  oci::ReadSpec read = oci::read_spec(*text);
  oci::refuse(read.violations);
  if (!read.spec.process || !read.spec.linux_)
    throw Error{ErrorKind::Failed, "damaged: it describes no process"}.with_hint(
        "`delete --force` removes what is left of the container");
  return std::move(read.spec);
}

// The process, and what was wrong with its document.
oci::ReadProcess wanted_process(const oci::Process& container, const ExecOptions& options) {
  if (options.process_file.empty() && !options.process_text)
    return {described_process(container, options), {}, {}};
  Context at{[&] { return options.process_file.empty() ? "process" : options.process_file; }};
  oci::ReadProcess read = oci::read_process(
      options.process_text ? *options.process_text : read_file(AT_FDCWD, options.process_file));
  read.process = completed_process(std::move(read.process), container);
  return read;
}

void check_process(const oci::ReadProcess& wanted, const oci::Spec& container, const Host& host) {
  const oci::Violations violations =
      oci::merge(wanted.violations, oci::validate(wanted.process, container, host.facts));
  oci::refuse(violations, "process");
  warn_of(violations, "process");
  tell_unknown(wanted.unknown, "process");
}

}  // namespace

ExecTarget find_exec_target(const GlobalOptions& global, const ExecOptions& options) {
  const UniqueFd directory = look_at_container(global, options.id);
  const Container container = load_container(directory.get(), options.id);
  UniqueFd init = init_of(container);

  oci::Spec spec = saved_spec(directory.get());
  oci::ReadProcess wanted = wanted_process(*spec.process, options);
  spec.process = wanted.process;
  Host host = gather_host(spec, global);
  check_process(wanted, spec, host);

  const Record& record = container.record();
  const std::string membership = membership_of(*record.init, init.get());
  auto cgroup = cgroups::make_driver(host.hierarchies,
                                     exec_cgroup(record.cgroup, membership, options.cgroups));
  if (!options.ignore_paused && cgroup->frozen()) {
    throw Error{ErrorKind::WrongState,
                "cannot exec in a paused container (use --ignore-paused to override)"}
        .with_hint("resume it first");
  }
  return {record, std::move(init), std::move(spec), std::move(host), std::move(cgroup)};
}

}  // namespace ocelot
