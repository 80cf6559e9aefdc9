#include "runtime/base/sys_network.hpp"

#include <fmt/core.h>
#include <malloc.h>
#include <net/if.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <cstring>

#include "runtime/base/kernel_abi.hpp"
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

void set_socket_option(int socket, int option, int value) {
  if (::setsockopt(socket, SOL_SOCKET, option, &value, sizeof value) == -1)
    fail(errno, fmt::format("setsockopt {} {}", option, value));
}

bool set_socket_option_if_known(int socket, int option, int value) {
  if (::setsockopt(socket, SOL_SOCKET, option, &value, sizeof value) == 0) return true;
  if (errno == ENOPROTOOPT) return false;
  fail(errno, fmt::format("setsockopt {} {}", option, value));
}

int socket_option(int socket, int option) {
  int value = 0;
  socklen_t length = sizeof value;
  if (::getsockopt(socket, SOL_SOCKET, option, &value, &length) == -1)
    fail(errno, fmt::format("getsockopt {}", option));
  return value;
}

ucred peer_credentials(int socket) {
  ucred peer{};
  socklen_t length = sizeof peer;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) == -1)
    fail(errno, "getsockopt SO_PEERCRED");
  return peer;
}

std::vector<gid_t> peer_groups(int socket) {
  std::vector<gid_t> groups(32);
  for (;;) {
    auto length = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &length) == 0) {
      groups.resize(length / sizeof(gid_t));
      return groups;
    }
    if (errno == ENOPROTOOPT || errno == ENODATA) return {};
    if (errno != ERANGE) fail(errno, "getsockopt SO_PEERGROUPS");
    groups.resize(length / sizeof(gid_t));
  }
}

std::optional<UniqueFd> peer_pidfd(int socket) {
  int pidfd = -1;
  socklen_t length = sizeof pidfd;
  if (::getsockopt(socket, SOL_SOCKET, so_peerpidfd, &pidfd, &length) == 0) return UniqueFd{pidfd};
  if (errno == EMFILE || errno == ENFILE) fail(errno, "getsockopt SO_PEERPIDFD");
  return std::nullopt;
}

std::optional<std::uint64_t> namespace_inode(int pidfd, PeerNamespace kind) {
  const UniqueFd space{::ioctl(
      pidfd, kind == PeerNamespace::User ? pidfd_get_user_namespace : pidfd_get_pid_namespace, 0)};
  if (!space && (errno == EMFILE || errno == ENFILE)) fail(errno, "ioctl PIDFD_GET_*_NAMESPACE");
  struct stat status;
  if (!space || ::fstat(space.get(), &status) == -1) return std::nullopt;
  return status.st_ino;
}

// A lone packet goes and comes with the cheaper call.
int try_send_packets(int socket, std::span<mmsghdr> packets) noexcept {
  constexpr int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
  if (packets.size() == 1) {
    const auto length = retry([&] { return ::sendmsg(socket, &packets[0].msg_hdr, flags); });
    return length == -1 ? -errno : 1;
  }
  const int sent = retry([&] {
    return ::sendmmsg(socket, packets.data(), static_cast<unsigned>(packets.size()), flags);
  });
  return sent == -1 ? -errno : sent;
}

int try_receive_packets(int socket, std::span<mmsghdr> packets) noexcept {
  constexpr int flags = MSG_DONTWAIT | MSG_CMSG_CLOEXEC;
  if (packets.size() == 1) {
    const auto length = retry([&] { return ::recvmsg(socket, &packets[0].msg_hdr, flags); });
    if (length == -1) return -errno;
    packets[0].msg_len = static_cast<unsigned>(length);
    return 1;
  }
  const int received = retry([&] {
    return ::recvmmsg(socket, packets.data(), static_cast<unsigned>(packets.size()), flags,
                      nullptr);
  });
  return received == -1 ? -errno : received;
}

void give_back_free_memory() noexcept {
  ::malloc_trim(0);
}

void discard_pages(std::span<char> bytes) noexcept {
  const auto page = static_cast<std::uintptr_t>(::getpagesize());
  const auto begin = (reinterpret_cast<std::uintptr_t>(bytes.data()) + page - 1) & ~(page - 1);
  const auto end = reinterpret_cast<std::uintptr_t>(bytes.data() + bytes.size()) & ~(page - 1);
  if (begin < end) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

void listen(int socket, int backlog) {
  if (::listen(socket, backlog) == -1) fail(errno, "listen");
}

UniqueFd try_accept(int listener, int& error_number) noexcept {
  const int fd =
      retry([&] { return ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK); });
  error_number = fd == -1 ? errno : 0;
  return UniqueFd{fd};
}

short poll(int fd, short events, int timeout_ms) {
  pollfd waiting{fd, events, 0};
  // A signal ends the wait early, as a time-out would: who waits looks at the clock anyway.
  if (::poll(&waiting, 1, timeout_ms) == -1 && errno != EINTR) fail(errno, "poll");
  return waiting.revents;
}

void random_bytes(std::span<char> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = retry([&] { return ::getrandom(bytes.data(), bytes.size(), 0); });
    if (count == -1) fail(errno, "getrandom");
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

}  // namespace ocelot::sys
