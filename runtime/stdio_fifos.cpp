#include "runtime/stdio_fifos.hpp"

#include <fcntl.h>
#include <fmt/core.h>

#include <array>
#include <string>

#include "runtime/base/error.hpp"
#include "runtime/base/sys_files.hpp"

namespace ocelot {
namespace {

constexpr std::array names{"stdin", "stdout", "stderr"};

UniqueFd open_fifo(int dir, const char* name, int flags) {
  UniqueFd fd = sys::open(dir, name, flags | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY);
  if (!S_ISFIFO(sys::stat(fd.get()).st_mode))
    throw Error{ErrorKind::Failed, fmt::format("{}: not a FIFO", name)};
  return fd;
}

UniqueFd open_blocking(int dir, const char* name, int flags) {
  UniqueFd fd = open_fifo(dir, name, flags);
  sys::set_nonblocking(fd.get(), false);
  return fd;
}

}  // namespace

ContainerEnds make_fifos(int dir) {
  const Context at{text("standard streams")};
  std::size_t made = 0;
  try {
    for (const char* name : names) {
      if (sys::stat_if_exists(dir, name))
        throw Error{ErrorKind::AlreadyExists, fmt::format("{} is there already", name)};
      sys::make_node(dir, name, S_IFIFO | 0600, 0);
      ++made;
    }
    return {open_blocking(dir, "stdin", O_RDONLY), open_blocking(dir, "stdout", O_RDWR),
            open_blocking(dir, "stderr", O_RDWR)};
  } catch (...) {
    while (made > 0) sys::unlink_if_exists(dir, names[--made]);
    throw;
  }
}

ShimEnds open_shim_ends(int dir) {
  const Context at{text("standard streams")};
  ShimEnds ends;
  // With both directions: a FIFO that nobody reads yet cannot be opened for writing alone.
  ends.stdin_write = open_fifo(dir, "stdin", O_RDWR);
  ends.stdout_read = open_fifo(dir, "stdout", O_RDONLY);
  ends.stderr_read = open_fifo(dir, "stderr", O_RDONLY);
  ends.stdout_twin = open_fifo(dir, "stdout", O_WRONLY);
  ends.stderr_twin = open_fifo(dir, "stderr", O_WRONLY);
  return ends;
}

}  // namespace ocelot
