#include "runtime/new_process.hpp"

#include <fmt/core.h>

#include "runtime/base/error.hpp"
#include "runtime/base/sys_processes.hpp"

namespace ocelot {

UniqueFd only_fd(Message message, const char* missing) {
  if (message.fds.size() != 1) throw Error{ErrorKind::Failed, missing};
  return std::move(message.fds.front());
}

void wait_for_stage(ChildProcess& stage) {
  const ExitStatus status = stage.wait();
  if (!status.success())
    throw Error{ErrorKind::Failed,
                fmt::format("the stage process ended with {}", status.describe())};
}

}  // namespace ocelot
