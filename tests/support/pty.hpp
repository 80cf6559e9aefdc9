#pragma once

#include <termios.h>

#include <chrono>
#include <string>
#include <string_view>

#include "tests/support/command.hpp"
#include "tests/support/unique_fd.hpp"

namespace ocelot::test {

// A pseudoterminal pair of ours, the terminal a person would sit at.
class Pty {
 public:
  Pty();

  int master() const { return master_.get(); }
  int slave() const { return slave_.get(); }

  void resize(unsigned short rows, unsigned short columns);
  termios attributes() const;  // of the slave: raw or not

  // Options with which a Command has this terminal as its streams and its controlling terminal.
  RunOptions options() const;

  void write(std::string_view text);
  // Reads the terminal's output until it contains `text`; throws after `timeout`.
  std::string read_until(std::string_view text,
                         std::chrono::milliseconds timeout = std::chrono::seconds{20});
  // All that was read so far.
  const std::string& seen() const { return seen_; }

 private:
  UniqueFd master_;
  UniqueFd slave_;
  std::string seen_;
};

// The same reading on any descriptor, as a master received from elsewhere. End of file (EIO of a
// pty whose slave is closed) ends it; then `text` must have come.
std::string read_until(int fd, std::string& seen, std::string_view text,
                       std::chrono::milliseconds timeout = std::chrono::seconds{20});

// Reads to end of file or hang-up.
std::string read_to_end(int fd, std::chrono::milliseconds timeout = std::chrono::seconds{20});

}  // namespace ocelot::test
