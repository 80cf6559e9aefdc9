#include "runtime/restoration.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sched.h>
#include <sys/mount.h>

#include <algorithm>

#include "hooks/hooks.hpp"
#include "oci/names.hpp"
#include "runtime/announce_pid.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_mounts.hpp"
#include "runtime/base/text.hpp"
#include "runtime/birth.hpp"
#include "runtime/container.hpp"
#include "runtime/criu_work.hpp"
#include "runtime/destroy.hpp"
#include "runtime/handles.hpp"
#include "runtime/new_cgroup.hpp"
#include "runtime/new_process.hpp"
#include "runtime/plan/checkpoint.hpp"
#include "runtime/planned_container.hpp"
#include "runtime/poststop_on_failure.hpp"
#include "runtime/root.hpp"
#include "runtime/saved_config.hpp"
#include "runtime/steps/process.hpp"

namespace ocelot {
namespace {

// What is mounted into the rootfs needs a place there; what is mounted upon another mount finds its
// place in that.
void make_mount_points(const RootfsPlan& plan) {
  const Root root{sys::open(AT_FDCWD, plan.path, O_PATH | O_DIRECTORY)};
  std::vector<std::string_view> mounted;
  for (const MountStep& step : plan.mounts) {
    Context at{[&] { return fmt::format("mounts[{}] {}", step.index, step.destination); }};
    const bool upon_another = std::ranges::any_of(
        mounted, [&](std::string_view place) { return is_at_or_below(step.destination, place); });
    if (step.kind == MountKind::remount || upon_another) continue;
    mounted.push_back(step.destination);
    const auto source =
        step.kind == MountKind::bind ? sys::stat_following(step.source) : std::nullopt;
    if (source && !S_ISDIR(source->st_mode)) {
      static_cast<void>(root.make_file(step.destination));
    } else {
      static_cast<void>(root.make_directory(step.destination));
    }
  }
}

// The images may be of something else than the configuration describes: where that has a namespace
// of the container's own, init must not be in the host's. Nothing of it runs yet.
void check_namespaces(const NamespacePlan& plan, pid_t init) {
  for (const auto& [word, type] : oci::namespace_words()) {
    if (!plan.makes(static_cast<int>(oci::clone_flag(type)))) continue;
    const std::string_view file = oci::file_of(type);
    if (sys::read_link(AT_FDCWD, fmt::format("/proc/{}/ns/{}", init, file)) !=
        sys::read_link(AT_FDCWD, fmt::format("/proc/self/ns/{}", file)))
      continue;
    throw Error{ErrorKind::InvalidArgument,
                fmt::format("the images hold a process of the host's {} namespace, where the "
                            "configuration has a new one",
                            word)}
        .with_hint("restore with the configuration of the container that was dumped");
  }
}

// The members are in the order in which they come to be; on failure they end in the opposite order.
class Restoration {
 public:
  Restoration(const RestoreOptions& options, PlannedContainer planned, CriuWork work,
              const Store& store)
      : options_(options),
        plan_(std::move(planned.plan)),
        stdio_(std::move(planned.stdio)),
        work_(std::move(work)),
        directory_(store.create(plan_.id, "restore")),
        poststop_(record_),
        cgroup_(cgroups::make_driver(planned.hierarchies, plan_.cgroup, plan_.unit_properties)) {
    handles_.hierarchies = std::move(planned.hierarchies);
    record_ = new_record(plan_);
    save(directory_.fd(), record_);
  }

  NewContainer make(const std::string& config_text) {
    cgroup_.make(plan_, record_.cgroup_owner());
    save_config(directory_.fd(), config_text);
    open_handles();
    set_options();
    run_criu();
    return commit();
  }

 private:
  void open_handles() {
    make_mount_points(plan_.rootfs);
    handles_.membership = cgroup_.driver().membership_files();
    handles_.namespaces = open_namespaces(plan_.namespaces);
    handles_.mounts = open_mount_sources(plan_.rootfs);
    if (plan_.process.stdio == Stdio::inherit) {
      for (int fd = 0; fd <= 2; ++fd) handles_.stdio.push_back(sys::duplicate(fd));
    } else {
      handles_.stdio = stdio_.take_container_ends(directory_.fd());
    }
  }

  void set_options() {
    criu::Options& options = work_.options;
    options.lsm_profile = options_.lsm_profile;
    options.lsm_mount_context = options_.lsm_mount_context;
    options.cgroup_roots = cgroup_roots(plan_.cgroup);
    for (const HostMount& mount : host_mounts(plan_, handles_.hierarchies))
      options.external_mounts.push_back({mount.name, mount.source});
    if (!plan_.rootfs.masked_paths.empty())
      options.external_mounts.push_back({mask_name, "/dev/null"});
    for (const OpenNamespace& entry : handles_.namespaces) {
      if (const char* name = name_of_shared_namespace(entry.flag))
        options.inherited_fds.push_back({name, entry.fd.get()});
    }
    const auto descriptors = load_descriptors(work_.images.get());
    for (std::size_t i = 0; descriptors && i < handles_.stdio.size(); ++i) {
      if ((*descriptors)[i].starts_with("pipe:"))
        options.inherited_fds.push_back({(*descriptors)[i], handles_.stdio[i].get()});
    }
  }

  void run_criu() {
    std::vector<int> kept = work_.kept();
    for (const criu::InheritedFd& inherited : work_.options.inherited_fds)
      kept.push_back(inherited.fd);
    const auto birth = cgroup_.driver().birth_directory();
    criu::Session session{kept, birth ? birth->get() : -1, [&] {
                            join_cgroup(handles_.membership);
                            if (plan_.session_keyring) join_session_keyring(plan_.id);
                            // What criu makes inherits it; versions before 4.0 do not restore it.
                            if (plan_.process.no_new_privileges) sys::set_no_new_privileges();
                            work_.enter_mounts(handles_.hierarchies, handles_.mounts.rootfs.get());
                          }};
    handles_.stdio.clear();
    session.carry_out(criu::Type::restore, work_.options, work_.log,
                      [this](criu::Notification stage) { follow(std::move(stage)); });
  }

  void follow(criu::Notification stage) {
    if (stage.script == "setup-namespaces") {
      adopt_init(stage.pid);
      run_create_hooks();
    } else if (stage.script == "orphan-pts-master") {
      if (stage.fds.size() != 1)
        throw Error{ErrorKind::Failed, "criu sent no terminal of the container's"};
      stdio_.deliver_terminal(std::move(stage.fds.front()));
    } else if (stage.script == "post-restore") {
      check_namespaces(plan_.namespaces, init_.pid());
      finish();
    }
  }

  void adopt_init(pid_t pid) {
    init_ = ChildProcess{pid, sys::pidfd_open(pid)};
    record_.init = identify(init_.pid(), init_.pidfd());
    save(directory_.fd(), record_);
    cgroup_.settle(plan_);
  }

  void run_create_hooks() {
    poststop_.arm();
    const oci::State state = record_.state(oci::Status::creating);
    hooks::run_until_failure(plan_.hooks.prestart, "prestart", state);
    hooks::run_until_failure(plan_.hooks.create_runtime, "createRuntime", state);
  }

  // The processes are there, and stand still until criu has the answer.
  void finish() {
    stdio_.deliver_pipes();
    record_.phase = Phase::created;
    save(directory_.fd(), record_);
    send_pidfd(options_.create.pidfd_socket, "standard", init_.pidfd());
    write_pid_file(options_.create.pid_file, init_.pid());
  }

  NewContainer commit() {
    hooks::run_until_failure(record_.poststart, "poststart", record_.state(oci::Status::running));
    cgroup_.commit();
    poststop_.commit();
    directory_.commit();
    return {std::move(directory_), std::move(record_), std::move(init_), stdio_.take_terminal()};
  }

  const RestoreOptions& options_;
  Plan plan_;
  CallerStdio stdio_;
  CriuWork work_;
  Record record_;
  ContainerDirectory directory_;
  PoststopOnFailure poststop_;
  NewCgroup cgroup_;
  Handles handles_;
  ChildProcess init_;
};

// What a checkpoint has left of the container of that id.
void make_room(const Store& store, const std::string& id) {
  auto directory = store.lock(id, "restore");
  auto record = directory ? load(directory->fd()) : std::nullopt;
  if (!record || !record->checkpointed) return;
  const Container container{directory->fd(), std::move(*record)};
  if (container.status() == oci::Status::stopped) destroy(container, *directory);
}

}  // namespace

NewContainer restore_container(const GlobalOptions& global, const RestoreOptions& options,
                               Caller caller) {
  check_id(options.create.id);
  Context at{[&] { return fmt::format("container {}", options.create.id); }};
  const InheritedFds none{0};
  PlannedContainer planned = plan_container(global, options.create, caller, none);
  refuse_what_criu_cannot_keep(planned.spec, planned.plan);
  for (const std::string& loss : lost_by_restore(planned.plan)) log::warning(loss);
  CriuWork work = criu_work(options.criu, planned.plan.annotations, "restore.log", Missing::fail,
                            fmt::format("{}/{}", global.root, options.create.id));
  const std::string config_text = std::move(planned.config_text);
  const Store store = Store::open_or_make(global.root);
  make_room(store, options.create.id);
  Restoration restoration{options, std::move(planned), std::move(work), store};
  return restoration.make(config_text);
}

}  // namespace ocelot
