#include "runtime/base/unix_socket.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "runtime/base/error.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"

namespace ocelot {
namespace {

constexpr std::size_t max_descriptors = 253;  // SCM_MAX_FD
constexpr time_t patience_seconds = 5;

struct Address {
  sockaddr_un value{};
  socklen_t length = 0;
};

Address address(const std::string& path) {
  Address result;
  result.value.sun_family = AF_UNIX;
  if (path.size() >= sizeof result.value.sun_path)
    sys::fail(ENAMETOOLONG, fmt::format("socket path {}", path));
  std::memcpy(result.value.sun_path, path.c_str(), path.size() + 1);
  result.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  return result;
}

UniqueFd unix_socket(int type) {
  const int fd = ::socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
  if (fd == -1) sys::fail(errno, "socket AF_UNIX");
  return UniqueFd{fd};
}

// With a limit to how long a connect waits for a listener that accepts nothing, and a message for
// somebody who reads none.
UniqueFd patient_socket(int type) {
  UniqueFd socket = unix_socket(type);
  const timeval limit{.tv_sec = patience_seconds, .tv_usec = 0};
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) == -1)
    sys::fail(errno, "setsockopt SO_SNDTIMEO");
  return socket;
}

[[noreturn]] void fail_to_connect(int error_number, const std::string& name) {
  if (error_number != EAGAIN) sys::fail(error_number, fmt::format("connect {}", name));
  throw Error{ErrorKind::Failed, fmt::format("connect {}", name), ETIMEDOUT}.with_hint(
      "too many connections wait there: whoever listens at it accepts none");
}

int try_connect(int socket, const std::string& path) {
  const Address to = address(path);
  return sys::retry([&] {
           return ::connect(socket, reinterpret_cast<const sockaddr*>(&to.value), to.length);
         }) == 0
             ? 0
             : errno;
}

}  // namespace

SocketPair socket_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == -1)
    sys::fail(errno, "socketpair");
  return {UniqueFd{ends[0]}, UniqueFd{ends[1]}};
}

UniqueFd bind_unix(int dir, const std::string& name, int type, mode_t mode) {
  UniqueFd socket = unix_socket(type);
  const Address at = address(fmt::format("/proc/self/fd/{}/{}", dir, name));
  // The mode of the socket is the file mode that the descriptor has at bind, less the umask.
  if (::fchmod(socket.get(), mode) == -1) sys::fail(errno, "fchmod socket");
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&at.value), at.length) == -1)
    sys::fail(errno, fmt::format("bind {}", name));
  return socket;
}

UniqueFd listen_unix(int dir, const std::string& name, int type, mode_t mode) {
  UniqueFd socket = bind_unix(dir, name, type, mode);
  if (::listen(socket.get(), 16) == -1) sys::fail(errno, fmt::format("listen {}", name));
  return socket;
}

UniqueFd connect_unix(const std::string& path, int type) {
  UniqueFd socket = patient_socket(type);
  std::string reach = path;
  UniqueFd directory;
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    const std::size_t slash = path.rfind('/');
    directory = sys::open(AT_FDCWD, slash == std::string::npos ? "." : path.substr(0, slash + 1),
                          O_PATH | O_DIRECTORY);
    reach = fmt::format("/proc/self/fd/{}/{}", directory.get(), path.substr(slash + 1));
  }
  if (const int error_number = try_connect(socket.get(), reach))
    fail_to_connect(error_number, path);
  return socket;
}

UniqueFd connect_abstract_unix(const std::string& name, int type) {
  UniqueFd socket = patient_socket(type);
  Address to;
  to.value.sun_family = AF_UNIX;
  if (name.size() + 1 > sizeof to.value.sun_path)
    sys::fail(ENAMETOOLONG, fmt::format("socket name @{}", name));
  std::memcpy(to.value.sun_path + 1, name.data(), name.size());
  to.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  if (sys::retry([&] {
        return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&to.value), to.length);
      }) == -1) {
    fail_to_connect(errno, "@" + name);
  }
  return socket;
}

UniqueFd try_connect_unix(int dir, const std::string& name, int type, int& error_number) {
  UniqueFd socket = unix_socket(type);
  error_number = try_connect(socket.get(), fmt::format("/proc/self/fd/{}/{}", dir, name));
  return error_number == 0 ? std::move(socket) : UniqueFd{};
}

std::optional<UniqueFd> connect_unix_if_listening(int dir, const std::string& name, int type) {
  UniqueFd socket = patient_socket(type);
  const int error_number = try_connect(socket.get(), fmt::format("/proc/self/fd/{}/{}", dir, name));
  if (error_number == 0) return socket;
  if (error_number == ENOENT || error_number == ECONNREFUSED) return std::nullopt;
  fail_to_connect(error_number, name);
}

UniqueFd accept_unix(int listener) {
  const int fd = sys::retry([&] { return ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC); });
  if (fd == -1) sys::fail(errno, "accept4");
  return UniqueFd{fd};
}

int try_send_packet(int socket, std::string_view bytes, std::span<const int> fds) noexcept {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(max_descriptors * sizeof(int))> control{};
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (!fds.empty()) {
    if (fds.size() > max_descriptors) return EINVAL;
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(fds.size_bytes());
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(fds.size_bytes());
    std::memcpy(CMSG_DATA(header), fds.data(), fds.size_bytes());
  }
  const ssize_t sent = sys::retry([&] { return ::sendmsg(socket, &message, MSG_NOSIGNAL); });
  if (sent == -1) return errno;
  return static_cast<std::size_t>(sent) == bytes.size() ? 0 : EMSGSIZE;
}

void send_packet(int socket, std::string_view bytes, std::span<const int> fds) {
  if (const int error_number = try_send_packet(socket, bytes, fds)) {
    sys::fail(error_number == EAGAIN ? ETIMEDOUT : error_number,
              fmt::format("sendmsg ({} bytes, {} descriptors)", bytes.size(), fds.size()));
  }
}

ssize_t try_look_at_packet(int socket, msghdr& message) noexcept {
  constexpr int flags = MSG_PEEK | MSG_DONTWAIT | MSG_CMSG_CLOEXEC;
  const ssize_t length = sys::retry([&] { return ::recvmsg(socket, &message, flags); });
  return length == -1 ? -errno : length;
}

std::optional<Packet> receive_packet(int socket, std::size_t limit) {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(max_descriptors * sizeof(int))> control;
  // Pages of it that nothing is written to are never there: a new process pays for each.
  std::array<char, most_packet_bytes> bytes;
  iovec part{bytes.data(), std::min(limit, bytes.size())};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t count = sys::retry([&] { return ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC); });
  if (count == -1) sys::fail(errno, "recvmsg");
  Packet packet;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t number = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < number; ++i) {
      int fd;
      std::memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof fd);
      packet.fds.emplace_back(fd);
    }
  }
  if (count == 0) return std::nullopt;
  if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) sys::fail(EMSGSIZE, "recvmsg");
  packet.bytes.assign(bytes.data(), static_cast<std::size_t>(count));
  return packet;
}

}  // namespace ocelot
