#include "runtime/creation.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mount.h>
#include <sys/socket.h>

#include <cstdlib>

#include "hooks/hooks.hpp"
#include "runtime/announce_pid.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/text.hpp"
#include "runtime/base/unix_socket.hpp"
#include "runtime/caller_stdio.hpp"
#include "runtime/channel.hpp"
#include "runtime/handles.hpp"
#include "runtime/inherited_fds.hpp"
#include "runtime/intel_rdt.hpp"
#include "runtime/new_cgroup.hpp"
#include "runtime/new_process.hpp"
#include "runtime/notify_socket.hpp"
#include "runtime/planned_container.hpp"
#include "runtime/poststop_on_failure.hpp"
#include "runtime/saved_config.hpp"
#include "runtime/seccomp_cache.hpp"
#include "runtime/stage.hpp"
#include "runtime/start_socket.hpp"
#include "runtime/steps/id_maps.hpp"
#include "runtime/steps/net_devices.hpp"
#include "runtime/steps/process.hpp"

namespace ocelot {
namespace {

// The runtime's half of making a container. The members are in the order in which they come to be;
// on failure they end in the opposite order: the processes first, then the cgroup, the hooks, and
// the directory.
class Creation {
 public:
  Creation(const CreateOptions& options, Plan plan, CallerStdio stdio, const Store& store,
           const std::string& root, cgroups::Hierarchies hierarchies)
      : options_(options),
        plan_(std::move(plan)),
        stdio_(std::move(stdio)),
        directory_(store.create(plan_.id, "create")),
        poststop_(record_),
        cgroup_(cgroups::make_driver(hierarchies, plan_.cgroup, plan_.unit_properties)) {
    handles_.hierarchies = std::move(hierarchies);
    write_ahead();
    if (const std::string notify_socket = host_notify_socket(); !notify_socket.empty()) {
      make_notify_directory(directory_.fd());
      plan_notify_socket(plan_, notify_socket, fmt::format("{}/{}", root, plan_.id));
    }
  }

  NewContainer make(const std::string& config_text) {
    if (plan_.intel_rdt) make_intel_rdt_group();
    make_cgroup();
    open_handles();
    start_stage();
    serve_stage();
    save_config(directory_.fd(), config_text);
    serve_init();
    finish();
    return commit();
  }

 private:
  void write_ahead() {
    record_ = new_record(plan_);
    save(directory_.fd(), record_);
  }

  // Where the caller may make none and none is needed, the container stays in the caller's.
  void make_cgroup() {
    try {
      cgroup_.make(plan_, record_.cgroup_owner());
    } catch (const Error& error) {
      const int reason = error.error_number();
      if (!plan_.cgroup_optional || (reason != EACCES && reason != EPERM && reason != EROFS)) throw;
      record_.cgroup = plan_.cgroup = {.manager = cgroups::Manager::disabled};
      save(directory_.fd(), record_);
      cgroup_.replace(cgroups::make_driver(handles_.hierarchies, plan_.cgroup));
    }
  }

  void make_intel_rdt_group() {
    intel_rdt_.emplace(*plan_.intel_rdt);
    record_.intel_rdt_group = intel_rdt_->group_to_remove();
    record_.intel_rdt_monitor = intel_rdt_->monitor_to_remove();
    save(directory_.fd(), record_);
    intel_rdt_->make();
  }

  void open_handles() {
    const trace::Span span{text("open what the plan needs")};
    // Where this is denied, nobody would find the container's process again.
    const UniqueFd can_be_found = sys::pidfd_open(sys::process_id());
    handles_.membership = cgroup_.driver().membership_files();
    handles_.namespaces = open_namespaces(plan_.namespaces);
    if (plan_.rootfs.sources_opened_by == SourcesOpenedBy::runtime)
      handles_.mounts = open_mount_sources(plan_.rootfs);
    if (plan_.seccomp && plan_.seccomp->notify) {
      Context at{text("linux.seccomp.listenerPath")};
      handles_.seccomp_agent = connect_unix(plan_.seccomp->listener_path, SOCK_STREAM);
    }
    handles_.start_listener = listen_for_start(directory_.fd());
    handles_.stdio = stdio_.take_container_ends(directory_.fd());
    // Those of start and delete open them again, but should not be the first to find out.
    if (plan_.hooks.any()) handles_.hook_output = hooks::open_output_files(plan_.annotations);
  }

  void start_stage() {
    const trace::Span span{text("start the stage")};
    Stage stage = ocelot::start_stage(
        cgroup_.driver().birth_directory(),
        [&](Channel& own, Channel& init) { return run_stage(plan_, handles_, own, init); });
    stage_ = std::move(stage.process);
    stage_channel_ = std::move(stage.channel);
    init_channel_ = std::move(stage.newborn);
    // What the new processes have now, this one needs no longer.
    handles_.mounts = {};
    handles_.membership.clear();
    handles_.namespaces.clear();
    handles_.stdio.clear();
    handles_.start_listener.reset();
    handles_.seccomp_agent.reset();
  }

  void serve_stage() {
    Context at{text("unable to start container process: error during container init"),
               text("serve the stage")};
    for (const Step step : stage_conversation(plan_))
      serve(step, receive(stage_channel_, step, stage_));
    wait_for_stage(stage_);
    cgroup_.delegate_below(plan_, init_.pid());
  }

  void serve_init() {
    Context at{text("unable to start container process: error during container init"),
               text("serve init")};
    for (const Step step : init_conversation(plan_))
      serve(step, receive(init_channel_, step, init_));
  }

  // Nothing is left that could fail in the container: what engines look for is made, and only then
  // init is let go.
  void finish() {
    stdio_.deliver_pipes();
    record_.phase = Phase::created;
    save(directory_.fd(), record_);
    send_pidfd(options_.pidfd_socket, "standard", init_.pidfd());
    write_pid_file(options_.pid_file, init_.pid());
    init_channel_.proceed();
  }

  // A process that ends without a word was killed from outside, most likely for its memory limit.
  Message receive(const Channel& channel, Step step, ChildProcess& process) {
    auto message = channel.receive(step);
    if (message) return std::move(*message);
    const ExitStatus status = process.wait();
    const std::uint64_t oom_kills = cgroup_.driver().oom_kills().value_or(0);
    throw Error{
        ErrorKind::Failed,
        fmt::format("the container's process ended with {}{}", status.describe(),
                    oom_kills > 0 ? ": container init was OOM-killed (memory limit too low?)" : "")}
        .with_hint(oom_kills > 0 ? "raise linux.resources.memory.limit" : "");
  }

  void serve(Step step, Message request) {
    switch (step) {
      case Step::map_ids:
        write_id_maps(stage_.pid(), plan_.namespaces, plan_.process.which_groups != Groups::denied);
        return stage_channel_.proceed();
      case Step::set_time_offsets:
        write_value(AT_FDCWD, fmt::format("/proc/{}/timens_offsets", stage_.pid()),
                    plan_.namespaces.time_offsets);
        return stage_channel_.proceed();
      case Step::init_started:
        return adopt_init(std::move(request));
      case Step::open_binds:
        return hand_over_binds(static_cast<std::size_t>(request.number));
      case Step::run_hooks:
        return run_create_hooks();
      case Step::console:
        return take_terminal(std::move(request));
      case Step::set_limits:
        set_limits(init_.pid(), plan_.process.rlimits);
        return init_channel_.proceed();
      case Step::ready:  // answered by finish()
      case Step::pid_on_host:
      case Step::done:
      case Step::executing:
      case Step::failed:
      case Step::proceed:
        break;
    }
  }

  void adopt_init(Message request) {
    const auto pid = static_cast<pid_t>(request.number);
    init_ = ChildProcess{pid, only_fd(std::move(request), "the stage sent no pidfd of init")};
    record_.init = identify(init_.pid(), init_.pidfd());
    save(directory_.fd(), record_);
    cgroup_.settle(plan_);
    if (intel_rdt_) intel_rdt_->add(init_.pid());
    if (!plan_.net_devices.empty()) {
      const UniqueFd network =
          sys::open(AT_FDCWD, fmt::format("/proc/{}/ns/net", init_.pid()), O_RDONLY);
      net_devices_ = move_net_devices(plan_.net_devices, network.get());
    }
    stage_channel_.proceed();
  }

  void hand_over_binds(std::size_t first) {
    const std::deque<UniqueFd> binds = open_binds(plan_.rootfs, first);
    std::vector<int> fds;
    for (const UniqueFd& bind : binds) fds.push_back(bind.get());
    init_channel_.proceed(0, fds);
  }

  void run_create_hooks() {
    poststop_.arm();
    const oci::State state = record_.state(oci::Status::creating);
    hooks::run_until_failure(plan_.hooks.prestart, "prestart", state, handles_.hook_output);
    hooks::run_until_failure(plan_.hooks.create_runtime, "createRuntime", state,
                             handles_.hook_output);
    init_channel_.proceed(init_.pid());
  }

  void take_terminal(Message request) {
    stdio_.deliver_terminal(only_fd(std::move(request), "init sent no terminal"));
    init_channel_.proceed();
  }

  NewContainer commit() {
    cgroup_.commit();
    if (intel_rdt_) intel_rdt_->commit();
    net_devices_.commit();
    poststop_.commit();
    directory_.commit();
    return {std::move(directory_), std::move(record_), std::move(init_), stdio_.take_terminal()};
  }

  const CreateOptions& options_;
  Plan plan_;
  CallerStdio stdio_;
  Record record_;
  ContainerDirectory directory_;
  PoststopOnFailure poststop_;
  NewCgroup cgroup_;
  std::optional<IntelRdtGroup> intel_rdt_;
  MovedNetDevices net_devices_;
  Handles handles_;
  ChildProcess stage_;
  ChildProcess init_;
  Channel stage_channel_{UniqueFd{}};
  Channel init_channel_{UniqueFd{}};
};

}  // namespace

NewContainer make_container(const GlobalOptions& global, const CreateOptions& options,
                            Caller caller, const InheritedFds& fds) {
  check_id(options.id);
  Context at{[&] { return fmt::format("container {}", options.id); }};
  PlannedContainer planned = plan_container(global, options, caller, fds);
  const Store store = Store::open_or_make(global.root);
  if (planned.spec.linux_->seccomp) {
    planned.plan.seccomp = cached_seccomp(store.fd(), *planned.spec.linux_->seccomp);
    for (const std::string& warning : planned.plan.seccomp->warnings) log::debug(warning);
  }
  Creation creation{options,     std::move(planned.plan),       std::move(planned.stdio), store,
                    global.root, std::move(planned.hierarchies)};
  return creation.make(planned.config_text);
}

}  // namespace ocelot
