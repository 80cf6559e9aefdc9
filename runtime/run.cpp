#include "runtime/base/error.hpp"
#include "runtime/base/log.hpp"
#include "runtime/creation.hpp"
#include "runtime/destroy.hpp"
#include "runtime/operations.hpp"
#include "runtime/release.hpp"

namespace ocelot {
namespace {

void destroy_quietly(const Container& container, ContainerDirectory& directory) {
  try {
    destroy(container, directory);
  } catch (const Error& error) {
    log::debug(error.what());  // the failure that led here is the one to tell
  }
}

// The directory's lock is given up: the container can be operated on while this process waits for it.
NewContainer make_and_start(const GlobalOptions& global, const CreateOptions& options) {
  NewContainer made = make_container(global, options, options.detach ? Caller::leaves : Caller::stays);
  const Container container{made.directory.fd(), made.record};
  try {
    release(container, made.directory);
  } catch (const Error&) {
    made.init = {};  // ends it
    destroy_quietly(container, made.directory);
    throw;
  }
  return made;
}

}  // namespace

int run(const GlobalOptions& global, const CreateOptions& options) {
  if (!options.no_subreaper && !options.detach) sys::set_child_subreaper(true);
  ChildProcess init;
  UniqueFd terminal;
  {
    NewContainer made = make_and_start(global, options);
    init = std::move(made.init);
    terminal = std::move(made.terminal);
  }
  if (options.detach) {
    static_cast<void>(init.release());
    return 0;
  }
  const ExitStatus status = init.wait();
  if (!options.keep) remove(global, options.id, Force::yes);
  return status.shell_status();
}

}  // namespace ocelot
