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
// What is written to `terminal` is read at its master as it is, no carriage returns added.
void keep_line_ends(int terminal);
// False when `fd` is the caller's controlling terminal and another process group has it now.
bool in_terminal_foreground(int fd) noexcept;
// While this program uses a terminal with other attributes: should it die of a fault of its own
// (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT), `fd` first gets `attributes` again.
void restore_terminal_when_crashing(int fd, const termios& attributes);
void forget_terminal_when_crashing() noexcept;

}  // namespace ocelot::sys
