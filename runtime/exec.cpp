#include "runtime/exec.hpp"

#include <fmt/core.h>
#include <sys/socket.h>

#include "runtime/announce_pid.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/unix_socket.hpp"
#include "runtime/exec_process.hpp"
#include "runtime/exec_target.hpp"
#include "runtime/foreground.hpp"
#include "runtime/inherited_fds.hpp"
#include "runtime/new_process.hpp"
#include "runtime/operations.hpp"
#include "runtime/seccomp_cache.hpp"
#include "runtime/store.hpp"

namespace ocelot {
namespace {

// The runtime's half of adding a process.
class Addition {
 public:
  Addition(const ExecOptions& options, ExecTarget target, ExecPlan plan, CallerStdio stdio)
      : options_(options),
        target_(std::move(target)),
        plan_(std::move(plan)),
        stdio_(std::move(stdio)) {}

  NewProcess make() {
    open_handles();
    start_stage();
    serve_stage();
    serve_process();
    return {std::move(process_), stdio_.take_terminal(), std::move(channel_)};
  }

 private:
  void open_handles() {
    handles_.init = std::move(target_.init);
    {
      Context at{text("join cgroup")};
      handles_.membership = target_.cgroup->membership_files();
      birth_ = target_.cgroup->birth_directory();
    }
    if (plan_.seccomp && plan_.seccomp->notify) {
      Context at{text("linux.seccomp.listenerPath")};
      handles_.seccomp_agent = connect_unix(plan_.seccomp->listener_path, SOCK_STREAM);
      handles_.state = target_.record.state(oci::Status::running);
    }
    handles_.stdio = stdio_.take_container_ends();
  }

  void start_stage() {
    if (!plan_.initial_affinity.empty()) {
      Context at{text("process.execCPUAffinity.initial")};
      sys::set_affinity(plan_.initial_affinity);
    }
    Context at{text("join cgroup")};
    Stage stage = ocelot::start_stage(birth_, [&](Channel& own, Channel& process) {
      return run_exec_stage(plan_, handles_, own, process);
    });
    stage_ = std::move(stage.process);
    stage_channel_ = std::move(stage.channel);
    channel_ = std::move(stage.newborn);
    // What the new processes have now, this one needs no longer.
    handles_.membership.clear();
    handles_.stdio.clear();
    handles_.seccomp_agent.reset();
  }

  void serve_stage() {
    Message born = receive(stage_channel_, Step::init_started, stage_);
    const auto pid = static_cast<pid_t>(born.number);
    process_ =
        ChildProcess{pid, only_fd(std::move(born), "the stage sent no pidfd of the process")};
    stage_channel_.proceed();
    wait_for_stage(stage_);
  }

  void serve_process() {
    for (const Step step : exec_conversation(plan_)) serve(step, receive(channel_, step, process_));
  }

  // Whoever ends without a word was killed from outside.
  Message receive(const Channel& channel, Step step, ChildProcess& process) {
    try {
      if (auto message = channel.receive(step)) return std::move(*message);
    } catch (const Error&) {
      fail_if_stopped();  // which tells more than that no process can be made there
      throw;
    }
    const ExitStatus status = process.wait();
    fail_if_stopped();
    throw Error{ErrorKind::Failed, fmt::format("the process ended with {} before its program was "
                                               "executed",
                                               status.describe())}
        .with_hint(target_.cgroup->oom_kills().value_or(0) > 0
                       ? "processes of this container were OOM-killed: its memory limit may be too "
                         "low"
                       : "");
  }

  void fail_if_stopped() const {
    if (!wait_readable(handles_.init.get(), 0)) return;
    throw Error{ErrorKind::WrongState,
                "cannot exec in a stopped container: its init has ended meanwhile"};
  }

  void serve(Step step, Message request) {
    switch (step) {
      case Step::pid_on_host:
        return channel_.proceed(process_.pid());
      case Step::console:
        return take_terminal(std::move(request));
      case Step::set_limits:
        set_limits(process_.pid(), plan_.process.rlimits);
        return channel_.proceed();
      case Step::ready:
        return finish();
      default:
        break;
    }
  }

  void take_terminal(Message request) {
    stdio_.deliver_terminal(only_fd(std::move(request), "the process sent no terminal"));
    channel_.proceed();
  }

  void finish() {
    stdio_.deliver_pipes();
    send_pidfd(options_.pidfd_socket, "setns", process_.pidfd());
  }

  const ExecOptions& options_;
  ExecTarget target_;
  ExecPlan plan_;
  CallerStdio stdio_;
  ExecHandles handles_;
  std::optional<UniqueFd> birth_;
  ChildProcess stage_;
  ChildProcess process_;
  Channel stage_channel_{UniqueFd{}};
  Channel channel_{UniqueFd{}};
};

}  // namespace

NewProcess prepare_exec(const GlobalOptions& global, const ExecOptions& options, Caller caller) {
  // Before anything is opened that could take one of the numbers.
  const std::vector<int> inherited = reserve_inherited_fds(options.preserve_fds);
  ExecTarget target = find_exec_target(global, options);
  CallerStdio stdio =
      CallerStdio::choose(target.spec.process->terminal, options.console_socket, caller);
  PlanInput input{.id = options.id,
                  .bundle = target.record.bundle,
                  .no_new_keyring = !target.record.session_keyring,
                  .stdio = stdio.kind()};
  input.inherited_fds = inherited;
  ExecPlan plan = plan_exec(target.spec, target.host, input);
  for (const std::string& warning : plan.warnings) log::warning(warning);
  if (target.spec.linux_->seccomp) {
    plan.seccomp =
        cached_seccomp(Store::open_or_make(global.root).fd(), *target.spec.linux_->seccomp);
  }
  Context at{text("unable to start container process")};
  Addition addition{options, std::move(target), std::move(plan), std::move(stdio)};
  return addition.make();
}

void release(NewProcess& made) {
  Context at{text("unable to start container process")};
  made.channel.proceed();
  if (!made.channel.receive(Step::executing)) {
    throw Error{ErrorKind::Failed, fmt::format("the process ended with {} before its program was "
                                               "executed",
                                               made.process.wait().describe())};
  }
  made.channel.receive_end();
}

int exec(const GlobalOptions& global, const ExecOptions& options) {
  if (options.detach) {
    NewProcess made = prepare_exec(global, options, Caller::leaves);
    release(made);
    write_pid_file(options.pid_file, made.process.pid());
    // It lives on as the child of whoever collects this process's children.
    static_cast<void>(made.process.release());
    return 0;
  }
  NewProcess made = prepare_exec(global, options, Caller::stays);
  Foreground foreground{std::move(made.terminal)};
  release(made);
  write_pid_file(options.pid_file, made.process.pid());
  return foreground.run(made.process, Orphans::leave).shell_status();
}

}  // namespace ocelot
