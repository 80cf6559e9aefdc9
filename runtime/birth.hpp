#pragma once
#include <cstdint>
#include <vector>

#include "runtime/base/process.hpp"
#include "runtime/channel.hpp"
#include "runtime/plan/plan.hpp"

// The steps of a stage, that of create and that of exec: a process which brings itself to where
// another is to be born, has it as a sibling (create) or leaves its memory to it (exec), and ends.
namespace ocelot {

// process.oomScoreAdj, while procfs is the host's and lets this process write to itself.
void set_oom_score(const ProcessPlan& plan);

// The v1 hierarchies: writes itself into their open `tasks` files. With the runtime's credentials
// still, and while it has one thread and no child: what it starts is born where it is.
void join_cgroup(const std::vector<UniqueFd>& membership);

// Root of the user namespace just entered: what it makes from here on belongs to that namespace.
void become_root(const NamespacePlan& plan, const ProcessPlan& process);

// Has `body` run in a new process, a child of this one's parent; `flags` are CLONE_NEW*. Tells the
// runtime at the other end of `stage` which it is. An Error that leaves `body` goes to `own`, the
// new process's channel; it lets go of `stage`, else the runtime would not learn of the stage's
// end.
template <typename Body>
void bear(std::uint64_t flags, const char* name, Channel& stage, const Channel& own, Body&& body) {
  ChildProcess child = spawn(
      name, {.flags = flags | CLONE_PARENT},
      [&] {
        stage = Channel{UniqueFd{}};
        return body();
      },
      [&](const Error& error) { own.tell_failure(error); });
  const pid_t pid = child.pid();
  const UniqueFd pidfd = child.release();
  const int fds[] = {pidfd.get()};
  stage.ask(Step::init_started, pid, fds);
}

}  // namespace ocelot
