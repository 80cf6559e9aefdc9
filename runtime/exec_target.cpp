#include "runtime/exec_target.hpp"

#include <fcntl.h>
#include <fmt/core.h>

#include "oci/read_spec.hpp"
#include "oci/validate.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/process.hpp"
#include "runtime/plan/exec.hpp"

namespace ocelot {
namespace {

[[noreturn]] void fail_stopped() {
  throw Error{ErrorKind::WrongState, "cannot exec in a stopped container"};
}

UniqueFd living_init(const Container& container) {
  if (container.record().phase == Phase::creating)
    throw Error{ErrorKind::WrongState, "cannot exec in a container that is being created"};
  auto init = container.init();
  if (!init) fail_stopped();
  return std::move(*init);
}

// Of a process that has ended the file tells that it is in the root cgroup: it is believed only if
// init still lives.
std::string membership_of(const ProcessIdentity& init, int pidfd) {
  const auto text = read_file_if_exists(AT_FDCWD, fmt::format("/proc/{}/cgroup", init.pid));
  if (!text || wait_readable(pidfd, 0)) fail_stopped();
  return *text;
}

oci::Spec saved_spec(int directory) {
  Context at{text("saved config.json")};
  const auto text = read_regular_file_if_exists(directory, "config.json");
  if (!text) throw Error{ErrorKind::Failed, "is missing"};
  oci::ReadSpec read = oci::read_spec(*text);
  oci::refuse(read.violations);
  if (!read.spec.process || !read.spec.linux_)
    throw Error{ErrorKind::Failed, "damaged: it describes no process"};
  return std::move(read.spec);
}

// The process, and what was wrong with its document.
oci::ReadProcess wanted_process(const oci::Process& container, const ExecOptions& options) {
  if (options.process_file.empty() && !options.process_text)
    return {described_process(container, options), {}};
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
  for (const oci::Violation& violation : violations) {
    // Of capabilities the plan tells more exactly: it knows the caller's own.
    if (!violation.rule.starts_with("capability-"))
      log::warning(fmt::format("process: {}: {}", violation.path, violation.message));
  }
}

}  // namespace

ExecTarget find_exec_target(const GlobalOptions& global, const ExecOptions& options) {
  check_id(options.id);
  auto store = Store::open(global.root);
  if (!store) fail_not_found(options.id);
  const auto directory = store->look(options.id);
  if (!directory) fail_not_found(options.id);
  const Container container = load_container(directory->get(), options.id);
  UniqueFd init = living_init(container);

  oci::Spec spec = saved_spec(directory->get());
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
                "cannot exec in a paused container (use --ignore-paused to override)"};
  }
  return {std::move(*store), record,          std::move(init),
          std::move(spec),   std::move(host), std::move(cgroup)};
}

}  // namespace ocelot
