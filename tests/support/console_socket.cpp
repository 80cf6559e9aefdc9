#include "tests/support/console_socket.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>

#include "tests/support/check.hpp"

namespace ocelot::test {
namespace {

void wait_readable(int fd, std::chrono::milliseconds timeout) {
  pollfd poll_fd{fd, POLLIN, 0};
  if (checked(::poll(&poll_fd, 1, static_cast<int>(timeout.count())), "poll") == 0)
    throw std::runtime_error("nobody sent to the socket in time");
}

}  // namespace

ConsoleSocket::ConsoleSocket(const std::string& path)
    : path_{path.empty() ? directory_ / "console.sock" : path},
      listener_{checked(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket")} {
  // A path may be longer than sun_path holds: go through its directory's descriptor.
  size_t slash = path_.rfind('/');
  UniqueFd parent{checked(::open(path_.substr(0, slash).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC),
                          "open the directory of " + path_)};
  std::string name =
      "/proc/self/fd/" + std::to_string(parent.get()) + "/" + path_.substr(slash + 1);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (name.size() >= sizeof address.sun_path) throw std::runtime_error("too long: " + name);
  std::memcpy(address.sun_path, name.c_str(), name.size() + 1);
  checked(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address),
          "bind " + path_);
  checked(::listen(listener_.get(), 4), "listen");
}

Received ConsoleSocket::receive(std::chrono::milliseconds timeout) {
  wait_readable(listener_.get(), timeout);
  connection_ =
      UniqueFd{checked(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC), "accept4")};
  wait_readable(connection_.get(), timeout);

  char bytes[4096];
  iovec iov{bytes, sizeof bytes};
  alignas(cmsghdr) char control[CMSG_SPACE(253 * sizeof(int))];
  msghdr message{};
  message.msg_iov = &iov;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t n = checked(static_cast<int>(::recvmsg(connection_.get(), &message, MSG_CMSG_CLOEXEC)),
                      "recvmsg");
  Received received;
  received.payload.assign(bytes, static_cast<size_t>(n));
  received.truncated = (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
      received.fds.emplace_back(fd);
    }
  }
  return received;
}

bool ConsoleSocket::peer_closed() {
  char byte = 0;
  wait_readable(connection_.get(), std::chrono::seconds{20});
  return ::recv(connection_.get(), &byte, 1, MSG_DONTWAIT) == 0;
}

}  // namespace ocelot::test
