#include "runtime/inherited_fds.hpp"

#include <fcntl.h>
#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>

#include "runtime/base/error.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/base/text.hpp"

namespace ocelot {
namespace {

constexpr int first = 3;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

ListenFds listen_fds_of_caller() {
  const auto count = parse_integer<unsigned>(variable("LISTEN_FDS"));
  if (!count || parse_integer<pid_t>(variable("LISTEN_PID")) != sys::process_id()) return {};
  return {*count, variable("LISTEN_FDNAMES")};
}

unsigned sum_of_inherited(unsigned listen, unsigned preserved) {
  constexpr unsigned too_many = most_inherited_fds + 1;
  return std::min(listen, too_many) + std::min(preserved, too_many);
}

std::vector<int> reserve_inherited_fds(unsigned count) {
  std::vector<int> open;
  if (count == 0) return open;
  if (count > most_inherited_fds)
    throw Error{ErrorKind::InvalidArgument,
                fmt::format("--preserve-fds: more than {} descriptors", most_inherited_fds)}
        .with_hint("close what the container does not need, or give a smaller number");
  log::make_room(first + static_cast<int>(count));
  for (int fd = first; fd < first + static_cast<int>(count); ++fd) {
    if (sys::is_open(fd)) {
      open.push_back(fd);
    } else {
      // The lowest free number is this one: those below it are open or were just occupied.
      static_cast<void>(sys::open(AT_FDCWD, "/", O_PATH).release());
    }
  }
  return open;
}

void InheritedFds::close() const {
  if (count > 0) sys::close_range(first, first + count - 1, 0);
}

}  // namespace ocelot
