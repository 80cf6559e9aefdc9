#include "runtime/program.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "runtime/base/error.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/steps/process.hpp"

namespace ocelot {
namespace {

bool has_home(const std::vector<std::string>& env) {
  return std::any_of(env.begin(), env.end(),
                     [](const std::string& variable) { return variable.starts_with("HOME="); });
}

}  // namespace

Program::Program(std::string executable, const ProcessPlan& plan, const std::string& home)
    : path(std::move(executable)), args(plan.args), env(plan.env) {
  if (!home.empty()) env.push_back("HOME=" + home);
  for (std::string& arg : args) argv.push_back(arg.data());
  for (std::string& variable : env) envp.push_back(variable.data());
  argv.push_back(nullptr);
  envp.push_back(nullptr);
}

void start_session(const std::vector<UniqueFd>& stdio) {
  sys::new_session();
  sys::reset_signal_handlers();
  sys::unblock_all_signals();
  for (std::size_t i = 0; i < stdio.size(); ++i)
    sys::duplicate_to(stdio[i].get(), static_cast<int>(i));
}

void apply_labels(const Root& root, const ProcessPlan& plan) {
  if (plan.apparmor_profile.empty() && plan.selinux_label.empty()) return;
  const Procfs proc = Procfs::open(root);
  if (!plan.apparmor_profile.empty()) set_apparmor_profile(proc, plan.apparmor_profile);
  if (!plan.selinux_label.empty()) set_selinux_label(proc, plan.selinux_label);
}

Program take_identity(const Root& root, const ProcessPlan& plan,
                      const std::optional<SeccompProgram>& seccomp, const Channel& channel,
                      const SeccompAgent* agent) {
  if (plan.no_new_privileges)
    sys::set_no_new_privileges();     // after the labels, whose change it would forbid
  apply_scheduling(plan.scheduling);  // the personality before the filter, which may forbid it
  const std::string home = has_home(plan.env) ? std::string() : home_directory(root, plan.uid);
  const bool entered = enter_working_directory(plan.cwd, Attempt::first);
  sys::set_umask(plan.umask);
  if (plan.limits_by_runtime) {
    channel.ask(Step::set_limits);
  } else {
    set_limits(0, plan.rlimits);
  }
  // Without noNewPrivileges only a privileged process may load a filter. What follows, up to
  // execve, is the fixed list of system calls that contrib/design/seccomp.md gives.
  if (seccomp && !plan.no_new_privileges) load_and_hand_over(*seccomp, agent);
  apply_credentials(plan);
  if (!entered) enter_working_directory(plan.cwd, Attempt::last);
  return {find_executable(plan), plan, home};
}

int execute(Program& program, const ProcessPlan& plan, const std::optional<SeccompProgram>& seccomp,
            const Channel& observer, const SeccompAgent* agent) {
  const trace::Span span{text("execve")};
  PreparedFailure failure(fmt::format("exec: \"{}\"", program.args.front()));
  for (const int fd : plan.inherited_fds) sys::set_close_on_exec(fd, false);
  std::vector<int> kept{observer.fd()};
  if (agent != nullptr) kept.push_back(agent->fd());
  close_other_descriptors(plan, kept);
  observer.tell(Step::executing);
  if (seccomp && plan.no_new_privileges) load_and_hand_over(*seccomp, agent);
  failure.tell(observer.fd(),
               sys::execute(program.path.c_str(), program.argv.data(), program.envp.data()));
  return 1;
}

}  // namespace ocelot
