#include "runtime/exec_target.hpp"

#include <fcntl.h>
#include <fmt/core.h>

#include "oci/read_spec.hpp"
#include "oci/validate.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/process.hpp"
#include "runtime/base/sys_files.hpp"
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

// A file is never changed but replaced.
bool unchanged(const struct stat& one, const struct stat& other) {
  return sys::same_file(one, other) && one.st_size == other.st_size &&
         one.st_ctim.tv_sec == other.st_ctim.tv_sec && one.st_ctim.tv_nsec == other.st_ctim.tv_nsec;
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

void check_process(const oci::ReadProcess& wanted, const oci::Spec& container,
                   const oci::HostFacts& facts) {
  const oci::Violations violations =
      oci::merge(wanted.violations, oci::validate(wanted.process, container, facts));
  oci::refuse(violations, "process");
  warn_of(violations, "process");
  tell_unknown(wanted.unknown, "process");
}

// Mostly where the container is, which is known already.
std::shared_ptr<cgroups::Driver> cgroup_of(const Container& container, const Host& host,
                                           cgroups::Location location) {
  if (location.paths == container.record().cgroup.paths) return container.shared_cgroup();
  return cgroups::make_driver(host.hierarchies, location);
}

}  // namespace

const oci::Spec& ExecContainer::spec() {
  const auto file = stat_saved_config(directory_);
  if (!saved_ || !file || !unchanged(*saved_, *file)) {
    spec_ = load_spec(directory_);
    saved_ = file;
  }
  return spec_;
}

const Host& ExecContainer::host_for(const oci::Spec& spec) {
  if (!host_) host_ = gather_host(spec, global_);
  look_at_labels(spec, host_->facts);
  return *host_;
}

ExecTarget find_exec_target(ExecContainer& known, const ExecOptions& options) {
  const Container& container = known.container();
  UniqueFd init = init_of(container);

  oci::Spec spec = known.spec();
  const oci::ReadProcess wanted = wanted_process(*spec.process, options);
  spec.process = wanted.process;
  const Host& host = known.host_for(spec);
  check_process(wanted, spec, host.facts);

  const Record& record = container.record();
  const std::string membership = membership_of(*record.init, init.get());
  auto cgroup = cgroup_of(container, host, exec_cgroup(record.cgroup, membership, options.cgroups));
  if (!options.ignore_paused && cgroup->frozen()) {
    throw Error{ErrorKind::WrongState,
                "cannot exec in a paused container (use --ignore-paused to override)"}
        .with_hint("resume it first");
  }
  return {std::move(init), std::move(spec), std::move(cgroup)};
}

}  // namespace ocelot
