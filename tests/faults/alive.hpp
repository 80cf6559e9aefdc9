#pragma once

#include <poll.h>

namespace ocelot::test {

// True while the process of `pidfd` has not ended; one that nobody has reaped yet has.
inline bool is_alive(int pidfd) {
  pollfd entry{pidfd, POLLIN, 0};
  return ::poll(&entry, 1, 0) == 0;
}

}  // namespace ocelot::test
