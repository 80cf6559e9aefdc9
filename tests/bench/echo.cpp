#include "tests/bench/echo.hpp"

#include <fmt/core.h>
#include <poll.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <string>

#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_network.hpp"
#include "shim/control/frame.hpp"
#include "shim/control/limits.hpp"

namespace ocelot::bench {
namespace {

// False at the end of the connection.
bool receive(int socket) {
  static std::array<char, control::max_packet_bytes> bytes;
  std::array<char, 256> control_bytes;
  iovec part{bytes.data(), bytes.size()};
  msghdr message{.msg_iov = &part,
                 .msg_iovlen = 1,
                 .msg_control = control_bytes.data(),
                 .msg_controllen = control_bytes.size()};
  return ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC) > 0;
}

int serve(int socket, std::size_t answer_bytes) {
  const UniqueFd epoll{::epoll_create1(EPOLL_CLOEXEC)};
  epoll_event event{.events = EPOLLIN, .data = {.fd = socket}};
  ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, socket, &event);
  const std::string reply(answer_bytes, 'r');
  for (;;) {
    if (::epoll_wait(epoll.get(), &event, 1, -1) != 1) continue;
    if (!receive(socket)) return 0;
    ::send(socket, reply.data(), reply.size(), MSG_NOSIGNAL);
  }
}

}  // namespace

double Times::quantile(double share) {
  std::sort(us_.begin(), us_.end());
  return us_.at(static_cast<std::size_t>(share * static_cast<double>(us_.size() - 1)));
}

void use_one_processor() {
  cpu_set_t allowed;
  if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  int last = CPU_SETSIZE - 1;
  while (last > 0 && !CPU_ISSET(last, &allowed)) --last;
  CPU_ZERO(&allowed);
  CPU_SET(last, &allowed);
  ::sched_setaffinity(0, sizeof allowed, &allowed);
}

Echo::Echo(std::size_t answer_bytes)
    : ends_(control::SocketPair::create()),
      server_(spawn(
          "echo", {},
          [&] {
            ends_.one.reset();
            sys::set_nonblocking(ends_.other.get(), false);
            return serve(ends_.other.get(), answer_bytes);
          },
          [](const Error& error) { fmt::print("echo: {}\n", error.what()); })) {
  ends_.other.reset();
}

void Echo::ask(std::size_t bytes) {
  static const std::string request(control::max_packet_bytes, 'q');
  ::send(ends_.one.get(), request.data(), bytes, MSG_NOSIGNAL);
  sys::poll(ends_.one.get(), POLLIN, -1);
  receive(ends_.one.get());
}

}  // namespace ocelot::bench
