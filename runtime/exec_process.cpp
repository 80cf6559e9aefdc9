#include "runtime/exec_process.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <optional>

#include "runtime/base/error.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/base/unix_socket.hpp"
#include "runtime/birth.hpp"
#include "runtime/program.hpp"
#include "runtime/steps/process.hpp"

namespace ocelot {
namespace {

// The process can be seen in the container from its birth. What it holds of the host is let go
// first, though nobody there may look into it before its execve.
void close_handles(const ExecPlan& plan, ExecHandles& handles, const Channel& channel) {
  handles.init.reset();
  handles.membership.clear();
  handles.stdio.clear();
  std::vector<int> kept{channel.fd()};
  if (handles.seccomp_agent) kept.push_back(handles.seccomp_agent.get());
  close_other_descriptors(plan.process, kept);
}

std::optional<SeccompAgent> connected_agent(const ExecPlan& plan, ExecHandles& handles,
                                            const Channel& channel) {
  if (!handles.seccomp_agent) return std::nullopt;
  const Message answer = channel.ask(Step::pid_on_host);
  return std::optional<SeccompAgent>{std::in_place, std::move(handles.seccomp_agent), *plan.seccomp,
                                     static_cast<pid_t>(answer.number), handles.state};
}

void make_terminal(const Root& root, const ExecPlan& plan, const Channel& channel) {
  if (plan.process.stdio != Stdio::terminal) return;
  const UniqueFd master = make_terminal(root, plan.process);
  const int fds[] = {master.get()};
  channel.ask(Step::console, 0, fds);
}

// In the container's pid namespace this process has another id, but its pidfd is the same there.
void tell_who_is_born(const Channel& channel, pid_t pid) {
  const UniqueFd own = sys::pidfd_open(sys::process_id());
  const int fds[] = {own.get()};
  channel.tell(Step::init_started, pid, fds);
}

// The stage has been killed by then: it does not run again, whatever becomes of the memory that it
// has lent.
void wait_for_end_of_stage(const Channel& channel) {
  if (!channel.wait_to_proceed()) sys::exit(1);  // the runtime is gone
}

int run_exec_process(const ExecPlan& plan, ExecHandles& handles, const Channel& channel,
                     pid_t pid) {
  tell_who_is_born(channel, pid);
  start_session(handles.stdio);
  close_handles(plan, handles, channel);
  wait_for_end_of_stage(channel);
  const auto agent = connected_agent(plan, handles, channel);
  const SeccompAgent* const seccomp_agent = agent ? &*agent : nullptr;
  set_affinity(plan.process.scheduling);
  if (plan.session_keyring) join_session_keyring(plan.id);

  const Root root{sys::open(AT_FDCWD, "/", O_PATH | O_DIRECTORY)};
  make_terminal(root, plan, channel);
  prepare_stdio(root, plan.process);
  apply_labels(root, plan.process);
  Program program = take_identity(root, plan.process, plan.seccomp, channel, seccomp_agent);
  channel.ask(Step::ready);
  return execute(program, plan.process, plan.seccomp, channel, seccomp_agent);
}

}  // namespace

void run_exec_stage(const ExecPlan& plan, ExecHandles& handles, const Channel& channel) {
  if (plan.seccomp && plan.seccomp->notify) {
    // Here, as an agent that does not accept may let this wait for long.
    Context at{text("linux.seccomp.listenerPath")};
    handles.seccomp_agent = connect_unix(plan.seccomp->listener_path, SOCK_STREAM);
  }
  set_oom_score(plan.process);
  join_cgroup(handles.membership);
  // Whoever is in the container already must not trace what joins it (CVE-2016-9962).
  sys::set_dumpable(false);
  sys::set_namespace(handles.init.get(), plan.join);
  if ((plan.join & CLONE_NEWUSER) != 0) become_root(plan.namespaces, plan.process);
  succeed(
      "ocelot:[2:EXEC]", [&](pid_t pid) { return run_exec_process(plan, handles, channel, pid); },
      [&](const Error& error) { channel.tell_failure(error); });
}

}  // namespace ocelot
