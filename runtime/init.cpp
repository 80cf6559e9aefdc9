#include "runtime/init.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mount.h>

#include <algorithm>
#include <iterator>

#include "hooks/hooks.hpp"
#include "oci/state.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_network.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/base/text.hpp"
#include "runtime/seccomp_agent.hpp"
#include "runtime/start_socket.hpp"
#include "runtime/steps/process.hpp"
#include "runtime/steps/rootfs.hpp"

namespace ocelot {
namespace {

bool has_home(const std::vector<std::string>& env) {
  return std::any_of(env.begin(), env.end(),
                     [](const std::string& variable) { return variable.starts_with("HOME="); });
}

// What execve is given, made before nothing may be allocated any more.
struct Program {
  std::string path;
  std::vector<std::string> args, env;
  std::vector<char*> argv, envp;

  Program(std::string executable, const ProcessPlan& plan, const std::string& home)
      : path(std::move(executable)), args(plan.args), env(plan.env) {
    if (!home.empty()) env.push_back("HOME=" + home);
    for (std::string& arg : args) argv.push_back(arg.data());
    for (std::string& variable : env) envp.push_back(variable.data());
    argv.push_back(nullptr);
    envp.push_back(nullptr);
  }
};

oci::State state_for_hooks(const Plan& plan, oci::Status status, pid_t pid) {
  return {.id = plan.id,
          .status = status,
          .pid = pid,
          .bundle = plan.bundle,
          .annotations = plan.annotations};
}

void start_session(const ProcessPlan& plan, const std::vector<UniqueFd>& stdio) {
  sys::new_session();
  sys::reset_signal_handlers();
  sys::unblock_all_signals();
  sys::set_umask(0);  // nodes and directories get the modes that the plan gives them
  for (std::size_t i = 0; i < stdio.size(); ++i)
    sys::duplicate_to(stdio[i].get(), static_cast<int>(i));
  if (!plan.scheduling.scheduler) reset_affinity();
}

void build_tree(const Root& root, const Plan& plan, Handles& handles, const Channel& channel) {
  const auto more_binds = [&](std::size_t first) {
    if (plan.rootfs.sources_opened_by == SourcesOpenedBy::init)
      return open_binds(plan.rootfs, first);
    Message answer = channel.ask(Step::open_binds, static_cast<std::int64_t>(first));
    return std::deque<UniqueFd>(std::make_move_iterator(answer.fds.begin()),
                                std::make_move_iterator(answer.fds.end()));
  };
  attach_mounts(root, plan, handles.mounts, more_binds, handles.hierarchies);
  make_devices(root, plan.rootfs, handles.mounts);
  make_working_directory(root, plan.process.cwd);
}

void set_names(const Plan& plan) {
  if (!plan.hostname.empty()) sys::set_hostname(plan.hostname);
  if (!plan.domainname.empty()) sys::set_domainname(plan.domainname);
}

void write_kernel_settings(const Root& root, const Plan& plan) {
  if (plan.sysctl.empty() && plan.process.apparmor_profile.empty() &&
      plan.process.selinux_label.empty())
    return;
  const Procfs proc = Procfs::open(root);
  write_sysctls(proc, plan);
  if (!plan.process.apparmor_profile.empty())
    set_apparmor_profile(proc, plan.process.apparmor_profile);
  if (!plan.process.selinux_label.empty()) set_selinux_label(proc, plan.process.selinux_label);
}

// Everything up to the point where only the program is missing.
Program become_container(const Plan& plan, Handles& handles, const Channel& channel,
                         SeccompAgent* agent) {
  start_session(plan.process, handles.stdio);
  if (plan.session_keyring) join_session_keyring(plan.id);
  if (plan.loopback_up) sys::bring_up_loopback();
  set_names(plan);

  if (plan.rootfs.sources_opened_by == SourcesOpenedBy::init)
    handles.mounts = open_mount_sources(plan.rootfs);
  const Root root =
      attach_rootfs(plan.rootfs, std::move(handles.mounts.rootfs), plan.has_create_hooks());
  build_tree(root, plan, handles, channel);
  if (plan.has_create_hooks()) {
    const Message answer = channel.ask(Step::run_hooks);
    hooks::run_until_failure(
        plan.hooks.create_container, "createContainer",
        state_for_hooks(plan, oci::Status::creating, static_cast<pid_t>(answer.number)));
  }
  enter_rootfs(root, plan.rootfs, plan.has_create_hooks());

  if (plan.process.stdio == Stdio::terminal) {
    const UniqueFd master = make_terminal(root, plan.process);
    const int fds[] = {master.get()};
    channel.ask(Step::console, 0, fds);
  }
  prepare_stdio(root, plan.process);
  set_rootfs_propagation(root, plan.rootfs.propagation);
  if (plan.rootfs.readonly)
    make_rootfs_readonly(root);  // after the hooks: they may still write to it
  write_kernel_settings(root, plan);
  protect_paths(root, plan.rootfs, std::move(handles.mounts.null_device));

  if (plan.process.no_new_privileges)
    sys::set_no_new_privileges();  // after the labels, whose change it would forbid
  apply_scheduling(
      plan.process.scheduling);  // the personality before the filter, which may forbid it
  const std::string home =
      has_home(plan.process.env) ? std::string() : home_directory(root, plan.process.uid);
  const bool entered = enter_working_directory(plan.process.cwd, Attempt::first);
  sys::set_umask(plan.process.umask);
  if (!plan.process.rlimits.empty()) channel.ask(Step::set_limits);
  // Without noNewPrivileges only a privileged process may load a filter. What follows, up to
  // execve, is the fixed list of system calls that contrib/design/seccomp.md gives.
  if (plan.seccomp && !plan.process.no_new_privileges) load_and_hand_over(*plan.seccomp, agent);
  apply_credentials(plan.process);
  if (!entered) enter_working_directory(plan.process.cwd, Attempt::last);
  return {find_executable(plan.process), plan.process, home};
}

void run_start_hooks(const Plan& plan, const Program& program) {
  // Inside the container a hook sees what the container's program would.
  std::vector<oci::Hook> hooks = plan.hooks.start_container;
  for (oci::Hook& hook : hooks) {
    if (!hook.env) hook.env = program.env;
  }
  hooks::run_until_failure(hooks, "startContainer",
                           state_for_hooks(plan, oci::Status::created, sys::process_id()));
}

// Only returns when execve has failed; the starter has been told.
int execute(const Plan& plan, Program& program, const Channel& starter, SeccompAgent* agent) {
  PreparedFailure failure(fmt::format("exec: \"{}\"", program.args.front()));
  for (const int fd : plan.process.inherited_fds) sys::set_close_on_exec(fd, false);
  std::vector<int> kept{starter.fd()};
  if (agent != nullptr) kept.push_back(agent->fd());
  close_other_descriptors(plan.process, kept);
  starter.tell(Step::executing);
  if (plan.seccomp && plan.process.no_new_privileges) load_and_hand_over(*plan.seccomp, agent);
  failure.tell(starter.fd(),
               sys::execute(program.path.c_str(), program.argv.data(), program.envp.data()));
  return 1;
}

}  // namespace

int run_init(const Plan& plan, Handles& handles, Channel& channel) {
  std::optional<SeccompAgent> agent;
  if (handles.seccomp_agent) agent.emplace(std::move(handles.seccomp_agent), plan);
  SeccompAgent* const seccomp_agent = agent ? &*agent : nullptr;
  Program program = become_container(plan, handles, channel, seccomp_agent);

  std::vector<int> kept{channel.fd(), handles.start_listener.get()};
  if (seccomp_agent != nullptr) kept.push_back(seccomp_agent->fd());
  close_other_descriptors(plan.process, kept);
  channel.ask(Step::ready);
  channel.close();

  const Channel starter = wait_for_start(handles.start_listener.get());
  try {
    run_start_hooks(plan, program);
    return execute(plan, program, starter, seccomp_agent);
  } catch (const Error& error) {
    starter.tell_failure(error);
    return 1;
  }
}

}  // namespace ocelot
