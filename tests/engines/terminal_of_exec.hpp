#pragma once
#include <boost/test/unit_test.hpp>
#include <string>

#include "tests/support/command.hpp"
#include "tests/support/pty.hpp"

namespace ocelot::test {

// `exec -it` of an engine, at a real terminal: the added process has one of its own, hears what is
// typed, and its status arrives.
template <typename Engine>
void check_terminal_of_exec(const Engine& engine, const std::string& container) {
  Pty pty;
  RunOptions options = engine.options();
  RunOptions terminal = pty.options();
  options.fds = terminal.fds;
  options.in_child = terminal.in_child;
  Command exec{engine.command({"exec", "-it", container, "sh", "-c",
                               "tty; echo ready; read line; echo got $line; exit 7"}),
               std::move(options)};
  pty.read_until("ready\r\n");
  pty.write("hello\r");
  pty.read_until("got hello\r\n");
  BOOST_TEST(pty.seen().find("/dev/pts/0") != std::string::npos, pty.seen());
  BOOST_TEST(exec.wait().status == 7);
}

}  // namespace ocelot::test
