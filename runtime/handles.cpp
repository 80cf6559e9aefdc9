#include "runtime/handles.hpp"

#include <fcntl.h>
#include <fmt/core.h>

#include "runtime/base/error.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_processes.hpp"

namespace ocelot {

std::vector<OpenNamespace> open_namespaces(const NamespacePlan& plan) {
  std::vector<OpenNamespace> namespaces;
  for (const NamespaceToJoin& entry : plan.join) {
    Context at{[&] { return fmt::format("namespace {}", entry.path); }};
    UniqueFd fd = sys::open(AT_FDCWD, entry.path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (sys::namespace_type(fd.get()) != entry.flag) {
      throw Error{ErrorKind::InvalidSpec,
                  "is not a namespace of the type that config.json declares"}
          .with_hint(
              "linux.namespaces[].path must name a file such as /proc/PID/ns/net, of the same type "
              "as the entry");
    }
    namespaces.push_back({entry.flag, std::move(fd)});
  }
  return namespaces;
}

}  // namespace ocelot
