#include "runtime/init.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <signal.h>
#include <sys/mount.h>

#include <iterator>

#include "hooks/hooks.hpp"
#include "oci/state.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_network.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/base/text.hpp"
#include "runtime/program.hpp"
#include "runtime/start_socket.hpp"
#include "runtime/steps/process.hpp"
#include "runtime/steps/rootfs.hpp"

namespace ocelot {
namespace {

// Before the rootfs is entered, the procfs is the host's.
pid_t pid_on_host() {
  return parse_integer<pid_t>(sys::read_link(AT_FDCWD, "/proc/self")).value_or(0);
}

oci::State container_state(const Plan& plan, oci::Status status, pid_t pid) {
  return {.id = plan.id,
          .status = status,
          .pid = pid,
          .bundle = plan.bundle,
          .annotations = plan.annotations};
}

// The result is to be sealed when the hooks have run.
std::vector<UniqueFd> build_tree(const Root& root, const Plan& plan, Handles& handles,
                                 const Channel& channel) {
  const auto more_binds = [&](std::size_t first) {
    if (plan.rootfs.sources_opened_by == SourcesOpenedBy::init)
      return open_binds(plan.rootfs, first);
    Message answer = channel.ask(Step::open_binds, static_cast<std::int64_t>(first));
    return std::deque<UniqueFd>(std::make_move_iterator(answer.fds.begin()),
                                std::make_move_iterator(answer.fds.end()));
  };
  std::vector<UniqueFd> to_seal =
      attach_mounts(root, plan, handles.mounts, more_binds, handles.hierarchies);
  make_devices(root, plan.rootfs, handles.mounts);
  make_working_directory(root, plan.process.cwd);
  return to_seal;
}

void set_names(const Plan& plan) {
  if (!plan.hostname.empty()) sys::set_hostname(plan.hostname);
  if (!plan.domainname.empty()) sys::set_domainname(plan.domainname);
}

void write_kernel_settings(const Root& root, const Plan& plan) {
  if (!plan.sysctl.empty()) write_sysctls(Procfs::open(root), plan);
  apply_labels(root, plan.process);
}

// Everything up to the point where only the program is missing.
Program become_container(const Plan& plan, Handles& handles, const Channel& channel,
                         const SeccompAgent* agent) {
  start_session(handles.stdio);
  // Who is to stop a container that waits for its start need not wait for SIGKILL.
  // A terminal that hangs up is no such request.
  for (const int signal : {SIGINT, SIGQUIT, SIGTERM}) sys::end_on_signal(signal);
  sys::set_umask(0);  // nodes and directories get the modes that the plan gives them
  set_affinity(plan.process.scheduling);
  if (plan.session_keyring) join_session_keyring(plan.id);
  if (plan.loopback_up) sys::bring_up_loopback();
  set_names(plan);

  if (plan.rootfs.sources_opened_by == SourcesOpenedBy::init)
    handles.mounts = open_mount_sources(plan.rootfs);
  const Root root =
      attach_rootfs(plan.rootfs, std::move(handles.mounts.rootfs), plan.has_create_hooks());
  const std::vector<UniqueFd> to_seal = build_tree(root, plan, handles, channel);
  if (plan.has_create_hooks()) {
    const Message answer = channel.ask(Step::run_hooks);
    hooks::run_until_failure(
        plan.hooks.create_container, "createContainer",
        container_state(plan, oci::Status::creating, static_cast<pid_t>(answer.number)),
        handles.hook_output);
  }
  enter_rootfs(root, plan.rootfs, plan.has_create_hooks());

  if (plan.process.stdio == Stdio::terminal) {
    const UniqueFd master = make_terminal(root, plan.process);
    bind_console(root);
    const int fds[] = {master.get()};
    channel.ask(Step::console, 0, fds);
  }
  prepare_stdio(root, plan.process);
  // After the hooks: they may still write to it.
  seal(to_seal);
  if (plan.rootfs.readonly) make_rootfs_readonly(root);
  write_kernel_settings(root, plan);
  protect_paths(root, plan.rootfs, std::move(handles.mounts.null_device));
  // After the last copy of a mount: there are none of those that are to be unbindable.
  set_rootfs_propagation(root, plan.rootfs.propagation);

  return take_identity(root, plan.process, plan.seccomp, channel, agent);
}

// Its limits hold already, and whoever starts it can only be told of one that is too low when there
// is room for the connection.
void check_room_for_start(int listener) {
  try {
    const UniqueFd like_the_connection = sys::duplicate(listener);
  } catch (const Error& error) {
    throw Error{ErrorKind::InvalidSpec, "process.rlimits: RLIMIT_NOFILE is too low to start it",
                error.error_number()}
        .with_hint("its own descriptors, and a few more until it is executed, must fit");
  }
}

void run_start_hooks(const Plan& plan, const Program& program, const hooks::OutputFiles& output) {
  // Inside the container a hook sees what the container's program would.
  std::vector<oci::Hook> hooks = plan.hooks.start_container;
  for (oci::Hook& hook : hooks) {
    if (!hook.env) hook.env = program.env;
  }
  hooks::run_until_failure(hooks, "startContainer",
                           container_state(plan, oci::Status::created, sys::process_id()), output);
}

}  // namespace

int run_init(const Plan& plan, Handles& handles, Channel& channel) {
  std::optional<SeccompAgent> agent;
  if (handles.seccomp_agent) {
    const pid_t pid = pid_on_host();
    agent.emplace(std::move(handles.seccomp_agent), *plan.seccomp, pid,
                  container_state(plan, oci::Status::creating, pid));
  }
  const SeccompAgent* const seccomp_agent = agent ? &*agent : nullptr;
  Program program = become_container(plan, handles, channel, seccomp_agent);

  std::vector<int> kept{channel.fd(), handles.start_listener.get()};
  if (seccomp_agent != nullptr) kept.push_back(seccomp_agent->fd());
  if (plan.hooks.start_container.empty()) handles.hook_output = {};
  for (const UniqueFd* file :
       {&handles.hook_output.standard_output, &handles.hook_output.standard_error}) {
    if (*file) kept.push_back(file->get());
  }
  close_other_descriptors(plan.process, kept);
  check_room_for_start(handles.start_listener.get());
  channel.ask(Step::ready);
  channel.close();

  const Channel starter = wait_for_start(handles.start_listener.get());
  try {
    run_start_hooks(plan, program, handles.hook_output);
    return execute(program, plan.process, plan.seccomp, starter, seccomp_agent);
  } catch (const Error& error) {
    starter.tell_failure(error);
    return 1;
  }
}

}  // namespace ocelot
