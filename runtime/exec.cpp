#include "runtime/exec.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <signal.h>
#include <sys/socket.h>

#include "runtime/announce_pid.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/unix_socket.hpp"
#include "runtime/exec_process.hpp"
#include "runtime/exec_target.hpp"
#include "runtime/foreground.hpp"
#include "runtime/inherited_fds.hpp"
#include "runtime/lookup.hpp"
#include "runtime/new_process.hpp"
#include "runtime/operations.hpp"
#include "runtime/seccomp_cache.hpp"
#include "runtime/steps/process.hpp"
#include "runtime/store.hpp"

namespace ocelot {
namespace {

// Who is born meanwhile has these processors; this process has its own again afterwards.
class BornOn {
 public:
  explicit BornOn(const CpuMask& processors) {
    if (processors.empty()) return;
    Context at{text("process.execCPUAffinity.initial")};
    own_ = sys::affinity();
    sys::set_affinity(processors);
  }
  BornOn(const BornOn&) = delete;
  BornOn& operator=(const BornOn&) = delete;
  ~BornOn() {
    if (!own_.empty()) sys::try_set_affinity(own_);
  }

 private:
  CpuMask own_;
};

ExecPlan make_plan(ExecContainer& known, const oci::Spec& spec, const PlanInput& input) {
  ExecPlan plan = plan_exec(spec, known.host_for(spec), input);
  for (const std::string& warning : plan.warnings) log::warning(warning);
  if (const auto& profile = spec.linux_->seccomp)
    plan.seccomp = cached_seccomp(Store::open_or_make(known.global().root).fd(), *profile);
  return plan;
}

}  // namespace

// The stage becomes the process, whose conversation follows until it waits to be let go; it has
// ended when its program is executed.
class Addition::Steps {
 public:
  Steps(const ExecOptions& options, const Record& record, ExecTarget target, ExecPlan plan,
        CallerStdio stdio, ExecCaller caller)
      : pidfd_socket_(options.pidfd_socket),
        cgroup_(std::move(target.cgroup)),
        plan_(std::move(plan)),
        stdio_(std::move(stdio)),
        conversation_(exec_conversation(plan_)) {
    handles_.init = std::move(target.init);
    if (plan_.seccomp && plan_.seccomp->notify) handles_.state = record.state(oci::Status::running);
    open_handles(std::move(caller.streams), options.ignore_paused);
    start_stage(caller.prelude);
  }

  int awaited() const {
    switch (phase_) {
      case Phase::end_of_stage:
        return stage_.pidfd();
      default:
        return channel_.fd();
    }
  }

  void advance() {
    switch (phase_) {
      case Phase::birth:
        learn_who_is_born();
        phase_ = Phase::conversation;
        break;
      case Phase::conversation:
        serve(conversation_[served_], receive(channel_, conversation_[served_], process_));
        if (++served_ < conversation_.size()) break;
        stdio_.deliver_pipes();
        send_pidfd(pidfd_socket_, "setns", process_.pidfd());
        phase_ = Phase::ready;
        break;
      case Phase::departure:
        receive(channel_, Step::executing, process_);
        phase_ = Phase::execve;
        break;
      case Phase::execve:
        channel_.receive_end();
        phase_ = Phase::end_of_stage;
        if (!wait_readable(stage_.pidfd(), 0)) break;
        [[fallthrough]];
      case Phase::end_of_stage:
        stage_.wait();
        phase_ = Phase::executed;
        break;
      case Phase::ready:
      case Phase::executed:
        break;
    }
  }

  void wait() const {
    wait_either_readable(awaited(), handles_.init.get(), -1);
    if (!wait_readable(awaited(), 0)) fail_if_stopped();
  }

  void fail_if_stopped() const {
    if (!wait_readable(handles_.init.get(), 0)) return;
    throw Error{ErrorKind::WrongState,
                "cannot exec in a stopped container: its init has ended meanwhile"}
        .with_hint("`state` shows how it is; a stopped container is deleted and created anew");
  }

  bool born() const { return phase_ != Phase::birth; }
  bool ready() const { return phase_ == Phase::ready; }
  bool executed() const { return phase_ == Phase::executed; }

  void let_go() {
    channel_.proceed();
    phase_ = Phase::departure;
  }

  ChildProcess& process() { return process_; }
  int terminal() const { return stdio_.terminal(); }
  UniqueFd take_terminal() { return stdio_.take_terminal(); }

  void abandon() noexcept {
    for (ChildProcess* child : {&process_, &stage_}) {
      if (!*child) continue;
      sys::try_pidfd_send_signal(child->pidfd(), SIGKILL);
      child->release();
    }
  }

 private:
  enum class Phase { birth, conversation, ready, departure, execve, end_of_stage, executed };

  void open_handles(std::vector<UniqueFd> streams, bool ignore_paused) {
    {
      Context at{text("join cgroup")};
      handles_.membership = cgroup_->membership_files();
      birth_ = cgroup_->birth_directory();
      // Born in a frozen one it would stop before it has let go of what it has of this process.
      if (birth_ && ignore_paused && cgroup_->frozen()) {
        handles_.membership.insert(handles_.membership.begin(),
                                   sys::open(birth_->get(), "cgroup.procs", O_WRONLY));
        birth_.reset();
      }
    }
    handles_.stdio = streams.empty() ? stdio_.take_container_ends() : std::move(streams);
  }

  void start_stage(const std::function<void()>& prelude) {
    const BornOn born_on{plan_.initial_affinity};
    Context at{text("join cgroup")};
    SocketPair pair = socket_pair();
    const Channel theirs{std::move(pair.theirs)};
    stage_ = spawn(
        "ocelot:[1:STAGE]", {.cgroup = birth_ ? birth_->get() : -1},
        [&]() -> int {
          pair.ours.reset();
          if (prelude) prelude();
          run_exec_stage(plan_, handles_, theirs);
        },
        [&](const Error& error) { theirs.tell_failure(error); });
    channel_ = Channel{std::move(pair.ours)};
    // What the new processes have now, this one needs no longer.
    handles_.membership.clear();
    handles_.stdio.clear();
  }

  void learn_who_is_born() {
    Message born = receive(channel_, Step::init_started, stage_);
    const auto pid = static_cast<pid_t>(born.number);
    process_ = ChildProcess{pid, only_fd(std::move(born), "the process sent no pidfd of itself")};
    end_stage();
    channel_.proceed();
  }

  // It has done its work, with privileges of the host, and would return into memory that is the new
  // process's now: who may trace that one once it has the container's credentials must not get the
  // stage's with it.
  void end_stage() const { sys::try_pidfd_send_signal(stage_.pidfd(), SIGKILL); }

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
        .with_hint(cgroup_->oom_kills().value_or(0) > 0
                       ? "processes of this container were OOM-killed: its memory limit may be too "
                         "low"
                       : "");
  }

  void serve(Step step, Message request) {
    switch (step) {
      case Step::pid_on_host:
        return channel_.proceed(process_.pid());
      case Step::console:
        stdio_.deliver_terminal(only_fd(std::move(request), "the process sent no terminal"));
        return channel_.proceed();
      case Step::set_limits:
        set_limits(process_.pid(), plan_.process.rlimits);
        return channel_.proceed();
      default:  // ready: it proceeds once it is let go
        break;
    }
  }

  const std::string pidfd_socket_;
  std::shared_ptr<cgroups::Driver> cgroup_;
  ExecPlan plan_;
  CallerStdio stdio_;
  std::vector<Step> conversation_;
  std::size_t served_ = 0;
  Phase phase_ = Phase::birth;
  ExecHandles handles_;
  std::optional<UniqueFd> birth_;
  ChildProcess stage_;
  ChildProcess process_;
  Channel channel_{UniqueFd{}};
};

Addition::Addition(ExecContainer& known, const ExecOptions& options, ExecCaller caller) {
  ExecTarget target = find_exec_target(known, options);
  CallerStdio stdio =
      CallerStdio::choose(target.spec.process->terminal, options.console_socket, caller.caller);
  const Record& record = known.container().record();
  PlanInput input{.id = options.id,
                  .bundle = record.bundle,
                  .no_new_keyring = !record.session_keyring,
                  .stdio = stdio.kind()};
  input.inherited_fds = std::move(caller.inherited_fds);
  ExecPlan plan = make_plan(known, target.spec, input);
  Context at{text("unable to start container process")};
  steps_ = std::make_unique<Steps>(options, record, std::move(target), std::move(plan),
                                   std::move(stdio), std::move(caller));
}

Addition::Addition(Addition&&) noexcept = default;
Addition::~Addition() = default;

int Addition::awaited() const {
  return steps_->awaited();
}

void Addition::wait() const {
  steps_->wait();
}

void Addition::fail_if_stopped() const {
  steps_->fail_if_stopped();
}

void Addition::advance() {
  Context at{text("unable to start container process")};
  steps_->advance();
}

bool Addition::born() const {
  return steps_->born();
}

bool Addition::ready() const {
  return steps_->ready();
}

void Addition::let_go() {
  Context at{text("unable to start container process")};
  steps_->let_go();
}

bool Addition::executed() const {
  return steps_->executed();
}

ChildProcess& Addition::process() {
  return steps_->process();
}

UniqueFd Addition::take_terminal() {
  return steps_->take_terminal();
}

int Addition::terminal() const {
  return steps_->terminal();
}

void Addition::abandon() noexcept {
  steps_->abandon();
}

namespace {

void advance(Addition& addition) {
  addition.wait();
  addition.advance();
}

void make_ready(Addition& addition) {
  while (!addition.ready()) advance(addition);
}

void execute(Addition& addition) {
  addition.let_go();
  while (!addition.executed()) advance(addition);
}

}  // namespace

int exec(const GlobalOptions& global, const ExecOptions& options) {
  ExecCaller caller{.caller = options.detach ? Caller::leaves : Caller::stays};
  // Before anything is opened that could take one of the numbers.
  caller.inherited_fds = reserve_inherited_fds(options.preserve_fds);
  const UniqueFd directory = look_at_container(global, options.id);
  const Container container = load_container(directory.get(), options.id);
  ExecContainer known{global, directory.get(), container};
  Addition addition{known, options, std::move(caller)};
  make_ready(addition);
  if (options.detach) {
    execute(addition);
    write_pid_file(options.pid_file, addition.process().pid());
    // It lives on as the child of whoever collects this process's children.
    static_cast<void>(addition.process().release());
    return 0;
  }
  Foreground foreground{addition.take_terminal()};
  execute(addition);
  write_pid_file(options.pid_file, addition.process().pid());
  return foreground.run(addition.process(), Orphans::leave).shell_status();
}

}  // namespace ocelot
