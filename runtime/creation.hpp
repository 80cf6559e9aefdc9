#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "runtime/base/process.hpp"
#include "runtime/caller_stdio.hpp"
#include "runtime/inherited_fds.hpp"
#include "runtime/options.hpp"
#include "runtime/plan/plan.hpp"
#include "runtime/record.hpp"
#include "runtime/store.hpp"

namespace ocelot {

// A container that was created and waits to be started. Its init is a child of this process.
struct NewContainer {
  ContainerDirectory directory;  // with the lock
  Record record;
  ChildProcess init;
  UniqueFd terminal;  // the master, unless it was sent to a console socket
};

// Makes a container of the bundle, up to the point where its process waits to be started; with
// everything undone when it throws.
NewContainer make_container(const GlobalOptions& global, const CreateOptions& options,
                            Caller caller, const InheritedFds& fds);

}  // namespace ocelot
