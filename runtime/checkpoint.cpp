#include "runtime/plan/checkpoint.hpp"

#include <fcntl.h>
#include <fmt/core.h>

#include "runtime/base/error.hpp"
#include "runtime/base/process.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/text.hpp"
#include "runtime/container.hpp"
#include "runtime/criu_work.hpp"
#include "runtime/handles.hpp"
#include "runtime/host.hpp"
#include "runtime/operations.hpp"
#include "runtime/plan/make_plan.hpp"
#include "runtime/root.hpp"
#include "runtime/saved_config.hpp"

namespace ocelot {
namespace {

constexpr int end_of_init_ms = 10'000;

void refuse_unless_running(oci::Status status) {
  if (status == oci::Status::running || status == oci::Status::paused) return;
  throw Error{ErrorKind::WrongState,
              fmt::format("Container cannot be checkpointed in {} state", oci::to_string(status))}
      .with_hint("only what runs, or is paused, can be dumped");
}

criu::PageServer page_server(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  const auto port = colon == std::string::npos
                        ? std::nullopt
                        : parse_integer<std::uint16_t>(std::string_view{text}.substr(colon + 1));
  if (!port || colon == 0)
    throw Error{ErrorKind::InvalidArgument,
                "Use --page-server ADDRESS:PORT to specify page server"};
  return {text.substr(0, colon), *port};
}

std::vector<criu::ExternalMount> external_mounts(const Plan& plan, const Host& host, pid_t init) {
  std::vector<criu::ExternalMount> mounts;
  for (const HostMount& mount : host_mounts(plan, host.hierarchies))
    mounts.push_back({mount.destination, mount.name});
  const Root root{sys::open(AT_FDCWD, fmt::format("/proc/{}/root", init), O_PATH | O_DIRECTORY)};
  for (const std::string& path : plan.rootfs.masked_paths) {
    const auto masked = root.find(path);
    if (masked && !S_ISDIR(sys::stat(masked->get()).st_mode)) mounts.push_back({path, mask_name});
  }
  return mounts;
}

std::vector<std::string> external_namespaces(const Plan& plan) {
  std::vector<std::string> names;
  for (const OpenNamespace& entry : open_namespaces(plan.namespaces)) {
    if (const char* name = name_of_shared_namespace(entry.flag)) {
      names.push_back(fmt::format("{}[{}]:{}", entry.flag == CLONE_NEWNET ? "net" : "pid",
                                  sys::stat(entry.fd.get()).st_ino, name));
    }
  }
  return names;
}

void set_dump_options(criu::Options& options, const CheckpointOptions& asked) {
  options.parent_img = asked.parent_path;
  options.track_memory = asked.pre_dump || !asked.parent_path.empty();
  options.leave_running = asked.leave_running;
  options.tcp_skip_in_flight = asked.tcp_skip_in_flight;
  options.link_remap = asked.link_remap;
  if (!asked.page_server.empty()) options.page_server = page_server(asked.page_server);
}

void check_features(criu::Session& session, const CheckpointOptions& asked) {
  const criu::Features wanted{.memory_tracking = asked.pre_dump,
                              .lazy_pages = asked.criu.lazy_pages};
  if (!wanted.memory_tracking && !wanted.lazy_pages) return;
  const criu::Features found = session.features(wanted);
  const char* missing = wanted.memory_tracking && !found.memory_tracking ? "--pre-dump"
                        : wanted.lazy_pages && !found.lazy_pages         ? "--lazy-pages"
                                                                         : nullptr;
  if (missing == nullptr) return;
  throw Error{ErrorKind::Unsupported,
              fmt::format("criu or this kernel does not support {}", missing)}
      .with_hint("`criu check --all` tells what is missing");
}

}  // namespace

void checkpoint(const GlobalOptions& global, const ContainerDirectory& directory,
                const CheckpointOptions& options) {
  Context at{[&] { return fmt::format("container {}", options.id); }};
  const Container container = load_container(directory.fd(), options.id);
  refuse_unless_running(container.status());
  const UniqueFd init = container.living_init("container not running");
  Record record = container.record();
  const oci::Spec spec = load_spec(directory.fd());
  const Host host = gather_host(spec, global);
  Plan plan = make_plan(spec, host, {.id = record.id, .bundle = record.bundle});
  plan.cgroup = record.cgroup;
  refuse_what_criu_cannot_keep(spec, plan);

  CriuWork work = criu_work(options.criu, record.annotations, "dump.log", Missing::make,
                            fmt::format("{}/{}", global.root, options.id));
  set_dump_options(work.options, options);
  work.options.pid = record.init->pid;
  work.options.freeze_cgroup = freezer_directory(record.cgroup, host.hierarchies);
  work.options.external_mounts = external_mounts(plan, host, record.init->pid);
  work.options.external = external_namespaces(plan);
  if (!options.pre_dump)
    save_descriptors(work.images.get(), standard_descriptors(record.init->pid));

  criu::Session session{work.kept(), -1, [&] { work.enter_mounts(host.hierarchies); }};
  check_features(session, options);
  session.carry_out(options.pre_dump ? criu::Type::pre_dump : criu::Type::dump, work.options,
                    work.log, [&](const criu::Notification& stage) {
                      if (stage.script == "status-ready" && options.status_fd)
                        sys::write_all(*options.status_fd, std::string_view{"\0", 1});
                    });
  if (options.pre_dump || options.leave_running) return;
  wait_readable(init.get(), end_of_init_ms);
  record.checkpointed = true;
  save(directory.fd(), record);
}

}  // namespace ocelot
