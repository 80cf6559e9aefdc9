#include "runtime/base/trace.hpp"
#include "runtime/creation.hpp"
#include "runtime/operations.hpp"

namespace ocelot {

void create(const GlobalOptions& global, const CreateOptions& options) {
  const InheritedFds fds{options.preserve_fds};
  const trace::Recording recording{options.trace};
  NewContainer made = make_container(global, options, Caller::leaves, fds);
  // It lives on as the child of whoever collects this process's children.
  static_cast<void>(made.init.release());
}

}  // namespace ocelot
