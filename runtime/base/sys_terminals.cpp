#include "runtime/base/sys_terminals.hpp"

#include <fcntl.h>

#include "runtime/base/sys.hpp"

namespace ocelot::sys {

void unlock_terminal(int master) {
  int locked = 0;
  if (::ioctl(master, TIOCSPTLCK, &locked) == -1) fail(errno, "ioctl TIOCSPTLCK");
}

UniqueFd open_terminal_peer(int master) {
  const int fd = ::ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (fd == -1) fail(errno, "ioctl TIOCGPTPEER");
  return UniqueFd{fd};
}

void set_window_size(int terminal, const winsize& size) {
  if (::ioctl(terminal, TIOCSWINSZ, &size) == -1) fail(errno, "ioctl TIOCSWINSZ");
}

std::optional<winsize> window_size(int fd) noexcept {
  winsize size;
  if (::ioctl(fd, TIOCGWINSZ, &size) == -1) return std::nullopt;
  return size;
}

std::optional<termios> terminal_attributes(int fd) noexcept {
  termios attributes;
  if (::tcgetattr(fd, &attributes) == -1) return std::nullopt;
  return attributes;
}

void set_terminal_attributes(int fd, const termios& attributes) {
  if (retry([&] { return ::tcsetattr(fd, TCSANOW, &attributes); }) == -1) fail(errno, "tcsetattr");
}

}  // namespace ocelot::sys
