#pragma once
#include <functional>
#include <memory>
#include <vector>

#include "runtime/base/process.hpp"
#include "runtime/caller_stdio.hpp"
#include "runtime/exec_target.hpp"
#include "runtime/options.hpp"

namespace ocelot {

// Who adds a process to a container.
struct ExecCaller {
  Caller caller = Caller::stays;
  // What the process's standard streams are to be, three or none: then they are those of this
  // process.
  std::vector<UniqueFd> streams = {};
  // What else the process inherits of this one's descriptors, of 3 and up.
  std::vector<int> inherited_fds = {};
  // Run in the new process before anything else.
  std::function<void()> prelude = {};
};

// A process on its way into a container: into the namespaces and the cgroup of the container's
// init, with the container's seccomp filter and what the options and the saved configuration say.
// It is a child of this process, which must have one thread. No lock is taken.
//
// It goes on as it tells: advance() serves it once. Made to wait in between, it may be driven by an
// event loop: while the container's cgroup is frozen (with `ignore_paused`), for one, it tells
// nothing. What else is done with the container meanwhile at worst makes it fail.
//
// Unless it was taken or abandoned, what there is of it ends with this object, which waits for
// that.
class Addition {
 public:
  // Throws Error{WrongState, InvalidSpec, InvalidArgument, ...}.
  Addition(ExecContainer& known, const ExecOptions& options, ExecCaller caller);
  Addition(Addition&&) noexcept;
  ~Addition();

  // Readable once advance() has something to do, and will not wait. Not while ready().
  int awaited() const;
  // Waits for that, or for the end of the container's init, of which it throws Error{WrongState}: a
  // process that is frozen with the container would never tell.
  void wait() const;
  // Throws Error{WrongState} when init has ended.
  void fail_if_stopped() const;
  // Throws Error with the reason when there will be no process.
  void advance();
  // There is a process.
  bool born() const;
  // Nothing but its execve is missing.
  bool ready() const;
  // Lets the process go that is ready.
  void let_go();
  // Its execve has happened.
  bool executed() const;

  // From born() on.
  ChildProcess& process();
  // The master of its terminal, unless that went to a console socket.
  UniqueFd take_terminal();
  int terminal() const;  // the same, to look at; -1 when there is none
  // Kills what there is of it, and leaves the collecting to whoever collects this process's
  // children: of a frozen cgroup nobody knows how long that takes.
  void abandon() noexcept;

 private:
  class Steps;
  std::unique_ptr<Steps> steps_;
};

}  // namespace ocelot
