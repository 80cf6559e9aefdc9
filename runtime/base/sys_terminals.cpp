#include "runtime/base/sys_terminals.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "runtime/base/sys.hpp"

namespace ocelot::sys {
namespace {

// What a signal handler needs has to be in reach without a lock or memory of its own.
constexpr int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
int terminal_to_restore = -1;
termios attributes_to_restore;

void restore_and_die(int signal) {
  ::tcsetattr(terminal_to_restore, TCSANOW, &attributes_to_restore);
  ::raise(signal);  // its handler is the default one again
}

}  // namespace

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

void keep_line_ends(int terminal) {
  auto attributes = terminal_attributes(terminal);
  if (!attributes) return;
  attributes->c_oflag &= ~static_cast<tcflag_t>(ONLCR);
  set_terminal_attributes(terminal, *attributes);
}

bool in_terminal_foreground(int fd) noexcept {
  const pid_t group = ::tcgetpgrp(fd);
  return group == -1 || group == ::getpgrp();
}

void restore_terminal_when_crashing(int fd, const termios& attributes) {
  terminal_to_restore = fd;
  attributes_to_restore = attributes;
  struct sigaction action {};
  action.sa_handler = restore_and_die;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (const int signal : faults) {
    if (::sigaction(signal, &action, nullptr) == -1) fail(errno, "sigaction");
  }
}

void forget_terminal_when_crashing() noexcept {
  for (const int signal : faults) ::signal(signal, SIG_DFL);
}

}  // namespace ocelot::sys
