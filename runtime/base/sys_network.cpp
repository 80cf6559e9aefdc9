#include "runtime/base/sys_network.hpp"

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>

#include "runtime/base/fd.hpp"
#include "runtime/base/sys.hpp"

namespace ocelot::sys {

void bring_up_loopback() {
  const UniqueFd socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  if (!socket) fail(errno, "socket AF_INET");
  ifreq request{};
  std::memcpy(request.ifr_name, "lo", sizeof "lo");
  request.ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING;
  if (::ioctl(socket.get(), SIOCSIFFLAGS, &request) == -1) fail(errno, "ioctl SIOCSIFFLAGS lo");
}

}  // namespace ocelot::sys
