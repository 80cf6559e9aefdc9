#include "runtime/announce_pid.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/socket.h>

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/unix_socket.hpp"

namespace ocelot {

void send_pidfd(const std::string& path, const char* payload, int pidfd) {
  if (path.empty()) return;
  Context at{text("--pidfd-socket")};
  const UniqueFd socket = connect_unix(path, SOCK_STREAM);
  const int fds[] = {pidfd};
  send_packet(socket.get(), payload, fds);
}

void write_pid_file(const std::string& path, pid_t pid) {
  if (path.empty()) return;
  Context at{[&] { return fmt::format("--pid-file {}", path); }};
  write_atomically(AT_FDCWD, path, fmt::format("{}", pid), 0644);
}

}  // namespace ocelot
