#include "runtime/lookup.hpp"
#include "shim/sandbox.hpp"

namespace ocelot::shim {

bool Sandbox::settled() const {
  return under_way() == 0 && !exec_is_ending() && !(peer_ && peer_->awaits_reply());
}

void Sandbox::hand_over(Handover& handover) {
  const auto running = [](Process& process) {
    return Handover::Running{process.pid(), process.release(), process.relation()};
  };
  handover.init = running(*init_);
  handover.started = started_;
  handover.stdio = stdio_->hand_over();
  if (peer_) handover.channel = peer_->hand_over();
  handover.readiness = readiness_.hand_over();
  handover.next_exec = next_exec_;
  const auto leave = [&](Exec& exec) -> Handover::Exec& {
    Handover::Exec left{.name = exec.name,
                        .pid = exec.process->pid(),
                        .running = {},
                        .exit = exec.exit,
                        .stdio = {}};
    if (exec.stdio) left.stdio = exec.stdio->hand_over();
    return handover.execs.emplace_back(std::move(left));
  };
  for (auto& [name, exec] : execs_) {
    if (!exec.exit) leave(exec).running = running(*exec.process);
  }
  for (const std::string& name : ended_execs_) leave(execs_.at(name));
}

void Sandbox::go_on(Handover& handover) {
  look(look_at_container(global_, id_));
  started_ = handover.started;
  stdio_ = std::make_unique<Stdio>(loop_, stdio_options_, std::move(handover.stdio.streams));
  if (handover.channel) {
    peer_.emplace(loop_, lasting_workers_, std::move(*handover.channel),
                  [this](pid_t pid) { return owns(pid); });
  }
  readiness_.go_on(std::move(handover.readiness));
  next_exec_ = handover.next_exec;
  for (Handover::Exec& each : handover.execs) {
    Exec& exec = execs_[each.name];
    exec.name = each.name;
    exec.exit = std::move(each.exit);
    if (each.stdio) {
      exec.stdio =
          std::make_unique<Stdio>(loop_, exec_stdio_options(), std::move(each.stdio->streams));
    }
    if (each.running) {
      exec.process = watch_exec(each.name, each.running->pid, std::move(each.running->pidfd),
                                each.running->relation);
    } else {
      exec.process = std::make_unique<Process>(loop_, each.pid);
      ended_execs_.push_back(each.name);
    }
  }
  init_ = watch_init(handover.init.pid, std::move(handover.init.pidfd), handover.init.relation);
}

void Sandbox::go_on_with_streams(Handover& handover) {
  stdio_->go_on(handover.stdio);
  for (Handover::Exec& each : handover.execs) {
    if (!each.stdio) continue;
    Stdio& stdio = *execs_.at(each.name).stdio;
    stdio.go_on(*each.stdio);
    if (!each.running) stdio.finish([] {});
  }
}

}  // namespace ocelot::shim
