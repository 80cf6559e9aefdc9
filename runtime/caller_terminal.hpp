#pragma once
#include <sys/ioctl.h>
#include <termios.h>

#include <optional>

namespace ocelot {

// The terminal that a person sits at, when it is standard input. While it is entered every key
// reaches the container as it is; it gets its own attributes back when it is left, when this object
// ends, and when the program crashes.
class CallerTerminal {
 public:
  CallerTerminal() = default;
  CallerTerminal(const CallerTerminal&) = delete;
  CallerTerminal& operator=(const CallerTerminal&) = delete;
  ~CallerTerminal() { leave(); }

  static bool exists();
  // The size of the terminal that is standard input, or else standard output.
  static std::optional<winsize> size();

  // False, with nothing changed, while another job has the terminal.
  bool enter();
  void leave() noexcept;

 private:
  std::optional<termios> own_;
};

}  // namespace ocelot
