#include "runtime/caller_terminal.hpp"

#include <unistd.h>

#include "runtime/base/error.hpp"
#include "runtime/base/sys_terminals.hpp"

namespace ocelot {

bool CallerTerminal::exists() {
  return sys::terminal_attributes(STDIN_FILENO).has_value();
}

std::optional<winsize> CallerTerminal::size() {
  const auto size = sys::window_size(STDIN_FILENO);
  return size ? size : sys::window_size(STDOUT_FILENO);
}

bool CallerTerminal::enter() {
  if (!sys::in_terminal_foreground(STDIN_FILENO)) return false;
  if (own_) return true;
  own_ = sys::terminal_attributes(STDIN_FILENO);
  if (!own_) return false;
  sys::restore_terminal_when_crashing(STDIN_FILENO, *own_);
  termios raw = *own_;
  ::cfmakeraw(&raw);
  sys::set_terminal_attributes(STDIN_FILENO, raw);
  return true;
}

void CallerTerminal::leave() noexcept {
  if (!own_) return;
  try {
    sys::set_terminal_attributes(STDIN_FILENO, *own_);
  } catch (const Error&) {
    // The terminal is gone: nothing is left to be restored.
  }
  own_.reset();
  sys::forget_terminal_when_crashing();
}

}  // namespace ocelot
