#include "tests/support/pty.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <stdexcept>

#include "tests/support/check.hpp"

namespace ocelot::test {
namespace {

// False at end of file.
bool read_some(int fd, std::string& text, std::chrono::steady_clock::time_point deadline) {
  using namespace std::chrono;
  for (;;) {
    auto left = ceil<milliseconds>(deadline - steady_clock::now()).count();
    pollfd poll_fd{fd, POLLIN, 0};
    int ready = ::poll(&poll_fd, 1, static_cast<int>(std::max<int64_t>(0, left)));
    if (ready == -1 && errno == EINTR) continue;
    checked(ready, "poll");
    if (ready == 0) throw std::runtime_error("nothing more came in time; so far: " + text);
    char buffer[16384];
    ssize_t n = ::read(fd, buffer, sizeof buffer);
    if (n == -1 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n == 0 || (n == -1 && errno == EIO)) return false;
    checked(static_cast<int>(n), "read");
    text.append(buffer, static_cast<size_t>(n));
    return true;
  }
}

}  // namespace

std::string read_until(int fd, std::string& seen, std::string_view text,
                       std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (seen.find(text) == std::string::npos)
    if (!read_some(fd, seen, deadline))
      throw std::runtime_error("ended without '" + std::string{text} + "': " + seen);
  return seen;
}

std::string read_to_end(int fd, std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  std::string text;
  while (read_some(fd, text, deadline)) {
  }
  return text;
}

Pty::Pty() : master_{checked(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), "posix_openpt")} {
  checked(::grantpt(master_.get()), "grantpt");
  checked(::unlockpt(master_.get()), "unlockpt");
  slave_ = UniqueFd{
      checked(::ioctl(master_.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC), "TIOCGPTPEER")};
}

void Pty::resize(unsigned short rows, unsigned short columns) {
  winsize size{rows, columns, 0, 0};
  checked(::ioctl(master_.get(), TIOCSWINSZ, &size), "TIOCSWINSZ");
}

termios Pty::attributes() const {
  termios attributes{};
  checked(::tcgetattr(slave_.get(), &attributes), "tcgetattr");
  return attributes;
}

RunOptions Pty::options() const {
  RunOptions options;
  options.fds = {{slave_.get(), 0}, {slave_.get(), 1}, {slave_.get(), 2}};
  options.in_child = [] {
    checked(::setsid(), "setsid");
    checked(::ioctl(0, TIOCSCTTY, 0), "TIOCSCTTY");
  };
  return options;
}

void Pty::write(std::string_view text) {
  while (!text.empty()) {
    ssize_t n =
        checked(static_cast<int>(::write(master_.get(), text.data(), text.size())), "write");
    text.remove_prefix(static_cast<size_t>(n));
  }
}

std::string Pty::read_until(std::string_view text, std::chrono::milliseconds timeout) {
  return test::read_until(master_.get(), seen_, text, timeout);
}

}  // namespace ocelot::test
