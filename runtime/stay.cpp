#include "runtime/stay.hpp"

#include "runtime/operations.hpp"

namespace ocelot {

Orphans become_reaper(const CreateOptions& options) {
  if (options.no_subreaper) return Orphans::leave;
  sys::set_child_subreaper(true);
  return Orphans::reap;
}

int stay(const GlobalOptions& global, const CreateOptions& options, int directory,
         Foreground& foreground, ChildProcess& init, Orphans orphans, NotifyRelay* notify) {
  const ExitStatus status = foreground.run(init, orphans, notify);
  if (!options.keep) remove_that_one(global, options.id, directory, Force::yes);
  return status.shell_status();
}

}  // namespace ocelot
