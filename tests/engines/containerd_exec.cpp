#include <boost/test/unit_test.hpp>

#include "tests/engines/containerd.hpp"
#include "tests/support/pty.hpp"

// `ctr task exec`: further processes in a running task.

namespace ocelot::test {

struct ContainerdExecCase : ContainerdCase {
  void start(With with) const { containerd.start(with, {}, "echo up; exec sleep 1000"); }

  // `task exec FLAGS c WORDS` in a task of ocelot and in one of runc; checks that exit code and
  // output are equal; returns what it was with ocelot.
  Output same_exec(const std::vector<std::string>& words,
                   const std::vector<std::string>& flags = {}) const {
    std::vector<std::string> line{"task", "exec", "--exec-id", "e"};
    line.insert(line.end(), flags.begin(), flags.end());
    line.emplace_back("c");
    line.insert(line.end(), words.begin(), words.end());
    return same_of_both([&](With with) {
      start(with);
      Output output = containerd.call(line);
      containerd.end();
      return output;
    });
  }
};

BOOST_FIXTURE_TEST_SUITE(containerd_exec, ContainerdExecCase)

BOOST_AUTO_TEST_CASE(output_and_exit_code_are_the_processs) {
  Output output = same_exec({"sh", "-c", "echo out; echo err >&2; exit 42"});
  BOOST_TEST(output.out == "out\n");
  BOOST_TEST(output.err == "err\n");
  BOOST_TEST(output.status == 42);
}

BOOST_AUTO_TEST_CASE(user_and_directory_are_its_own) {
  BOOST_TEST(same_exec({"sh", "-c", "id -u; pwd"}, {"--user", "12", "--cwd", "/tmp"}).out ==
             "12\n/tmp\n");
}

BOOST_AUTO_TEST_CASE(privileges_are_the_tasks) {
  BOOST_TEST(same_exec({"grep", "-E", "^(Cap|NoNewPrivs|Seccomp:)", "/proc/self/status"}).status ==
             0);
}

BOOST_AUTO_TEST_CASE(a_program_that_does_not_exist_is_an_error_that_says_so) {
  Output output = same_exec({"nosuch"});
  BOOST_TEST(output.status != 0);
  BOOST_TEST(output.err.find("executable file not found in $PATH") != std::string::npos,
             output.err);
}

BOOST_AUTO_TEST_CASE(a_real_terminal_is_relayed) {
  for (With with : kBoth) {
    start(with);
    Pty pty;
    RunOptions options = containerd.options();
    RunOptions terminal = pty.options();
    options.fds = terminal.fds;
    options.in_child = terminal.in_child;
    Command ctr{containerd.command({"task", "exec", "--exec-id", "e", "--tty", "c", "sh", "-c",
                                    "tty; echo ready; read line; echo got $line; exit 7"}),
                std::move(options)};
    pty.read_until("ready\r\r\n");
    pty.write("hello\r");
    pty.read_until("got hello\r\r\n");
    BOOST_TEST(pty.seen().find("/dev/pts/0") != std::string::npos, pty.seen());
    BOOST_TEST(ctr.wait().status == 7);
    containerd.end();
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::test
