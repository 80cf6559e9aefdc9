#include "runtime/base/sys_files.hpp"
#include "runtime/operations.hpp"
#include "runtime/restoration.hpp"
#include "runtime/stay.hpp"

namespace ocelot {

int restore(const GlobalOptions& global, const RestoreOptions& options) {
  if (options.create.detach) {
    NewContainer made = restore_container(global, options, Caller::leaves);
    static_cast<void>(made.init.release());
    return 0;
  }
  const Orphans orphans = become_reaper(options.create);
  NewContainer made = restore_container(global, options, Caller::stays);
  const UniqueFd directory = sys::duplicate(made.directory.fd());
  // Its lock is given up: it can be operated on while this process waits for it.
  { const ContainerDirectory unlocked = std::move(made.directory); }
  Foreground foreground{std::move(made.terminal)};
  return stay(global, options.create, directory.get(), foreground, made.init, orphans);
}

}  // namespace ocelot
