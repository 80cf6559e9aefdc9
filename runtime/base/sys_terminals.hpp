#pragma once
#include <sys/ioctl.h>
#include <termios.h>

#include <optional>

#include "runtime/base/fd.hpp"

// Pseudoterminals. man: pty(7), ioctl_tty(2)
namespace ocelot::sys {

void unlock_terminal(int master);
// The other end of `master`, without looking up a name (TIOCGPTPEER).
[[nodiscard]] UniqueFd open_terminal_peer(int master);
void set_window_size(int terminal, const winsize& size);
// nullopt when `fd` is no terminal.
std::optional<winsize> window_size(int fd) noexcept;
std::optional<termios> terminal_attributes(int fd) noexcept;
void set_terminal_attributes(int fd, const termios& attributes);

}  // namespace ocelot::sys
