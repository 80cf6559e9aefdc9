#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <stdexcept>

#include "tests/engines/containerd.hpp"
#include "tests/support/pty.hpp"

// `ctr run -t` at a real terminal.

namespace ocelot::test {

struct ContainerdTerminalCase : ContainerdCase {
  // Waits for the line `last`; returns all that came. ctr leaves it to two terminals to end a line.
  static std::string lines_until(Pty& pty, const std::string& last) {
    std::string text = pty.read_until(last + "\r\r\n");
    std::erase(text, '\r');
    return text;
  }

  // ctr listens for SIGWINCH only once it has handed the first size on, and tells nobody when.
  static void send_until_answered(Command& ctr, Pty& pty, const std::string& answer) {
    for (int times_left = 200;; --times_left) {
      ctr.send(SIGWINCH);
      try {
        pty.read_until(answer, std::chrono::milliseconds{100});
        return;
      } catch (const std::runtime_error&) {
        if (times_left == 0) throw;
      }
    }
  }

  Command run(const Pty& pty, With with, const std::string& script) const {
    RunOptions options = containerd.options();
    RunOptions terminal = pty.options();
    options.fds = terminal.fds;
    options.in_child = terminal.in_child;
    return Command{
        containerd.command(containerd.run_words(with, {"--rm", "--tty"}, {"sh", "-c", script})),
        std::move(options)};
  }
};

// Each program waits until its last output was seen: containerd may lose that of one that ends at
// once.
BOOST_FIXTURE_TEST_SUITE(containerd_terminal, ContainerdTerminalCase)

BOOST_AUTO_TEST_CASE(the_container_has_a_terminal_of_its_own) {
  for (With with : kBoth) {
    Pty pty;
    Command ctr = run(
        pty, with,
        "tty; ls -l /dev/console | cut -c1-10; echo x > /dev/tty; echo done; read seen; exit 42");
    BOOST_TEST(lines_until(pty, "done") == "/dev/pts/0\ncrw--w----\nx\ndone\n");
    pty.write("\r");
    BOOST_TEST(ctr.wait().status == 42);
  }
}

BOOST_AUTO_TEST_CASE(what_is_typed_arrives_and_control_c_interrupts) {
  for (With with : kBoth) {
    Pty pty;
    Command ctr =
        run(pty, with,
            "trap 'echo caught; read seen; exit 9' INT; echo ready; read line; echo got $line; "
            "while :; do sleep 0.05; done");
    lines_until(pty, "ready");
    pty.write("hello\r");
    lines_until(pty, "got hello");
    pty.write("\x03");
    lines_until(pty, "caught");
    pty.write("\r");
    BOOST_TEST(ctr.wait().status == 9);
  }
}

BOOST_AUTO_TEST_CASE(a_new_window_size_reaches_the_container) {
  for (With with : kBoth) {
    Pty pty;
    pty.resize(33, 77);
    Command ctr = run(pty, with,
                      "until [ \"$(stty size)\" = '33 77' ]; do :; done; echo first; "
                      "until [ \"$(stty size)\" = '44 88' ]; do :; done; echo second; read seen");
    lines_until(pty, "first");
    pty.resize(44, 88);
    send_until_answered(ctr, pty, "second");
    pty.write("\r");
    BOOST_TEST(ctr.wait().status == 0);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::test
