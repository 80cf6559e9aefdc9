#include "runtime/standard_streams.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "runtime/base/sys_files.hpp"

namespace ocelot {

void open_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (sys::is_open(stream)) continue;
    const int lowest = sys::open(AT_FDCWD, "/dev/null", O_RDWR).release();
    sys::set_close_on_exec(lowest, false);
  }
}

}  // namespace ocelot
