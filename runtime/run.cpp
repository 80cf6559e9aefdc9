#include "runtime/base/error.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/trace.hpp"
#include "runtime/creation.hpp"
#include "runtime/destroy.hpp"
#include "runtime/operations.hpp"
#include "runtime/release.hpp"
#include "runtime/stay.hpp"

namespace ocelot {
namespace {

// Starts the container, or leaves nothing of it. Its lock is given up: it can be operated on while
// this process waits for it.
std::optional<NotifyRelay> start_or_destroy(NewContainer& made) {
  ContainerDirectory directory = std::move(made.directory);
  const Container container{directory.fd(), made.record};
  try {
    return release(container, directory, Readiness::relayed_here);
  } catch (...) {
    made.init = {};  // ends it
    destroy_quietly(container, directory);
    throw;
  }
}

int run_detached(const GlobalOptions& global, const CreateOptions& options) {
  const InheritedFds fds{options.preserve_fds};
  trace::Recording recording{options.trace};
  NewContainer made = make_container(global, options, Caller::leaves, fds);
  auto relay = start_or_destroy(made);
  recording.finish();
  const UniqueFd init = made.init.release();
  if (relay) relay_notify(*relay, init.get());
  return 0;
}

int run_attached(const GlobalOptions& global, const CreateOptions& options) {
  const InheritedFds fds{options.preserve_fds};
  const Orphans orphans = become_reaper(options);
  trace::Recording recording{options.trace};
  NewContainer made = make_container(global, options, Caller::stays, fds);
  const UniqueFd directory = sys::duplicate(made.directory.fd());
  Foreground foreground{std::move(made.terminal)};
  auto relay = start_or_destroy(made);
  recording.finish();
  if (relay) relay->set_main_process(sys::process_id());
  return stay(global, options, directory.get(), foreground, made.init, orphans,
              relay ? &*relay : nullptr);
}

}  // namespace

int run(const GlobalOptions& global, const CreateOptions& options) {
  return options.detach ? run_detached(global, options) : run_attached(global, options);
}

}  // namespace ocelot
