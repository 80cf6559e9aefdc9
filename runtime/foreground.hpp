#pragma once
#include <signal.h>

#include <functional>

#include "runtime/base/fd.hpp"
#include "runtime/base/process.hpp"
#include "runtime/notify_socket.hpp"

namespace ocelot {

enum class Orphans { reap, leave };

// Stands between its caller and a container's process, for as long as that runs: signals go to the
// process, the caller's terminal or streams are relayed to and from its terminal.
//
// Made before the process is released. From then on signals wait to be forwarded, instead of ending
// this program, and the process finds its terminal with the size of the caller's; the destructor
// undoes both.
class Foreground {
 public:
  // `terminal` is the master of the process's terminal, or empty: then its standard streams are the
  // caller's own.
  explicit Foreground(UniqueFd terminal);
  // Signals wait already; the terminal is handed over by hold(), once it is there.
  Foreground() : Foreground(UniqueFd{}) {}
  Foreground(const Foreground&) = delete;
  Foreground& operator=(const Foreground&) = delete;
  ~Foreground();

  void hold(UniqueFd terminal);

  // Returns how the process ended, once all that it wrote to its terminal has been passed on.
  // `process` is reaped. With Orphans::reap other children that end meanwhile are, too: for a
  // subreaper. `notify` is relayed until the process is ready.
  ExitStatus run(ChildProcess& process, Orphans orphans, NotifyRelay* notify = nullptr);
  // The same with somebody else's child: `status` is called once `pidfd` says that it has ended.
  ExitStatus run(int pidfd, const std::function<ExitStatus()>& status);

 private:
  UniqueFd terminal_;
  UniqueFd signals_;
  sigset_t earlier_mask_;
};

}  // namespace ocelot
