#include <signal.h>

#include <boost/test/unit_test.hpp>

#include "tests/engines/podman.hpp"
#include "tests/support/pty.hpp"

// `run -it` at a real terminal.

namespace ocelot::test {

struct TerminalCase : PodmanCase {
  Command run(const Pty& pty, With with, const std::string& script) const {
    RunOptions options = podman.options();
    RunOptions terminal = pty.options();
    options.fds = terminal.fds;
    options.in_child = terminal.in_child;
    return Command{
        podman.command(podman.run_words(with, {"--interactive", "--tty"}, {"sh", "-c", script})),
        std::move(options)};
  }
};

BOOST_FIXTURE_TEST_SUITE(podman_terminal, TerminalCase)

BOOST_AUTO_TEST_CASE(the_container_has_a_terminal_of_its_own) {
  for (With with : kBoth) {
    Pty pty;
    Command podman_run = run(pty, with,
                             "tty; ls -l /dev/console | cut -c1-10; ls /proc/self/fd | wc -l; "
                             "test -t 0 && test -t 1 && test -t 2 && echo all; exit 42");
    pty.read_until("all\r\n");
    BOOST_TEST(pty.seen() == "/dev/pts/0\r\ncrw--w----\r\n4\r\nall\r\n");
    BOOST_TEST(podman_run.wait().status == 42);
  }
}

BOOST_AUTO_TEST_CASE(it_is_the_controlling_terminal) {
  for (With with : kBoth) {
    Pty pty;
    Command podman_run =
        run(pty, with, "echo to the terminal > /dev/tty; ps -o pid,tty,args; echo done");
    pty.read_until("done\r\n");
    BOOST_TEST(pty.seen().find("to the terminal\r\n") != std::string::npos, pty.seen());
    BOOST_TEST(podman_run.wait().status == 0);
  }
}

BOOST_AUTO_TEST_CASE(what_is_typed_arrives_and_is_echoed_once) {
  for (With with : kBoth) {
    Pty pty;
    Command podman_run = run(pty, with, "echo ready; read line; echo got $line");
    pty.read_until("ready\r\n");
    pty.write("hello\r");
    pty.read_until("got hello\r\n");
    BOOST_TEST(pty.seen() == "ready\r\nhello\r\ngot hello\r\n");
    BOOST_TEST(podman_run.wait().status == 0);
  }
}

BOOST_AUTO_TEST_CASE(control_c_interrupts_the_container) {
  for (With with : kBoth) {
    Pty pty;
    Command podman_run =
        run(pty, with, "trap 'echo caught; exit 9' INT; echo ready; while :; do sleep 0.05; done");
    pty.read_until("ready\r\n");
    pty.write("\x03");
    pty.read_until("caught\r\n");
    BOOST_TEST(podman_run.wait().status == 9);
  }
}

BOOST_AUTO_TEST_CASE(a_new_window_size_reaches_the_container) {
  for (With with : kBoth) {
    Pty pty;
    pty.resize(33, 77);
    Command podman_run = run(pty, with,
                             "until [ \"$(stty size)\" = '33 77' ]; do :; done; echo first; "
                             "until [ \"$(stty size)\" = '44 88' ]; do :; done; echo second");
    pty.read_until("first\r\n");
    pty.resize(44, 88);
    podman_run.send(SIGWINCH);
    pty.read_until("second\r\n");
    BOOST_TEST(podman_run.wait().status == 0);
  }
}

BOOST_AUTO_TEST_CASE(an_ordinary_user_owns_the_terminal) {
  for (With with : kBoth) {
    Pty pty;
    RunOptions options = podman.options();
    RunOptions terminal = pty.options();
    options.fds = terminal.fds;
    options.in_child = terminal.in_child;
    Command podman_run{podman.command(podman.run_words(
                           with, {"--tty", "--interactive", "--user", "1000"},
                           {"sh", "-c", "stat -c %u /dev/pts/0; echo x > $(tty); echo done"})),
                       std::move(options)};
    pty.read_until("done\r\n");
    BOOST_TEST(pty.seen() == "1000\r\nx\r\ndone\r\n");
    BOOST_TEST(podman_run.wait().status == 0);
  }
}

BOOST_AUTO_TEST_CASE(the_terminal_is_as_it_was_afterwards) {
  Pty pty;
  const termios before_it = pty.attributes();
  Command podman_run = run(pty, With::Ocelot, "echo ready; read line");
  pty.read_until("ready\r\n");
  pty.write("\r");
  BOOST_TEST(podman_run.wait().status == 0);
  BOOST_TEST(pty.attributes().c_lflag == before_it.c_lflag);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::test
