#include <signal.h>

#include "runtime/base/error.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/lookup.hpp"
#include "runtime/operations.hpp"

namespace ocelot {
namespace {

void signal_whole_cgroup(const Container& container, int signal) {
  if (signal == SIGKILL) {
    container.cgroup().kill_all();
  } else {
    container.cgroup().signal_all(signal);
  }
}

}  // namespace

void fail_ended() {
  throw Error{ErrorKind::WrongState, "container not running"}.with_hint(
      "its process has ended: `delete` removes what is left of it");
}

void kill(const GlobalOptions& global, const std::string& id, int signal, Scope scope) {
  const UniqueFd directory = look_at_container(global, id);
  const Container container = load_container(directory.get(), id);
  // Without a pid namespace of its own the others do not end with init; and where init is gone they
  // are all that is left.
  if (scope == Scope::all || (signal == SIGKILL && !container.record().own_pid_namespace)) {
    if (container.may_be_in_cgroup()) signal_whole_cgroup(container, signal);
    return;
  }
  const auto init = container.init();
  if (!init) fail_ended();
  if (const int error_number = sys::try_pidfd_send_signal(init->get(), signal)) {
    if (error_number == ESRCH) fail_ended();
    sys::fail(error_number, "pidfd_send_signal");
  }
  // A frozen process of cgroup v1 dies only once it is thawed.
  if (signal == SIGKILL && container.cgroup().frozen()) container.cgroup().kill_all();
}

}  // namespace ocelot
