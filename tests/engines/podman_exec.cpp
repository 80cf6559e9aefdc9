#include <boost/test/unit_test.hpp>

#include "tests/engines/podman.hpp"
#include "tests/engines/terminal_of_exec.hpp"
#include "tests/support/check.hpp"
#include "tests/support/temp_dir.hpp"

// Further processes in a running container: exec, cp, top and the health check.

namespace ocelot::test {

struct PodmanExecCase : PodmanCase {
  // `podman exec FLAGS c WORDS` in a container of ocelot and in one of runc; checks that exit code
  // and output are equal; returns what it was with ocelot.
  Output same_exec(const std::vector<std::string>& words, std::vector<std::string> flags = {},
                   const std::vector<std::string>& run_flags = {}, const RunOptions& more = {}) {
    flags.insert(flags.begin(), "exec");
    flags.emplace_back("c");
    flags.insert(flags.end(), words.begin(), words.end());
    std::vector<Output> outputs;
    for (With with : kBoth) {
      podman.start(with, "c", run_flags, "echo up; exec sleep 1000");
      outputs.push_back(podman.call(flags, more));
      podman.must({"rm", "--force", "--time", "0", "c"});
    }
    BOOST_TEST(outputs[0].status == outputs[1].status, outputs[0].err + outputs[1].err);
    BOOST_TEST(outputs[0].out == outputs[1].out);
    return outputs[0];
  }
};

BOOST_FIXTURE_TEST_SUITE(podman_exec, PodmanExecCase)

BOOST_AUTO_TEST_CASE(output_and_exit_code_are_the_processs) {
  Output output = same_exec({"sh", "-c", "echo out; echo err >&2; exit 42"});
  BOOST_TEST(output.out == "out\n");
  BOOST_TEST(output.err == "err\n");
  BOOST_TEST(output.status == 42);
}

BOOST_AUTO_TEST_CASE(input_reaches_it) {
  RunOptions with_input;
  with_input.input = "one\ntwo\n";
  BOOST_TEST(same_exec({"cat"}, {"--interactive"}, {}, with_input).out == "one\ntwo\n");
}

BOOST_AUTO_TEST_CASE(a_command_that_cannot_be_executed_gives_127_or_126) {
  BOOST_TEST(same_exec({"nosuch"}).status == 127);
  BOOST_TEST(same_exec({"/etc/passwd"}).status == 126);
}

BOOST_AUTO_TEST_CASE(user_directory_and_environment_are_its_own) {
  BOOST_TEST(same_exec({"sh", "-c", "id -u; id -g; pwd; echo $A"},
                       {"--user", "12:34", "-w", "/tmp", "-e", "A=x y"})
                 .out == "12\n34\n/tmp\nx y\n");
}

BOOST_AUTO_TEST_CASE(privileges_are_the_containers_unless_asked_for) {
  const std::vector<std::string> words{"grep", "-E", "^(Cap|NoNewPrivs|Seccomp:)",
                                       "/proc/self/status"};
  same_exec(words);
  same_exec(words, {"--privileged"});
  same_exec(words, {"--user", "12"});
}

BOOST_AUTO_TEST_CASE(detached_it_runs_on_and_top_shows_it) {
  for (With with : kBoth) {
    podman.start(with, "c", {}, "echo up; exec sleep 1000");
    podman.must({"exec", "--detach", "c", "sleep", "1234"});
    const std::string top = podman.must({"top", "c", "args"});
    BOOST_TEST(top.find("sleep 1000") != std::string::npos, top);
    BOOST_TEST(top.find("sleep 1234") != std::string::npos, top);
    podman.must({"rm", "--force", "--time", "0", "c"});
  }
}

BOOST_AUTO_TEST_CASE(files_are_copied_in_and_out) {
  TempDir files;
  write_file(files / "in", "content\n");
  for (With with : kBoth) {
    podman.start(with, "c", {}, "echo up; exec sleep 1000");
    podman.must({"cp", files / "in", "c:/tmp/copied"});
    BOOST_TEST(podman.must({"exec", "c", "cat", "/tmp/copied"}) == "content");
    podman.must({"cp", "c:/tmp/copied", files / "out"});
    BOOST_TEST(read_file(files / "out") == "content\n");
    podman.must({"rm", "--force", "--time", "0", "c"});
  }
}

BOOST_AUTO_TEST_CASE(health_check_is_a_process_of_the_container) {
  for (With with : kBoth) {
    podman.start(with, "c", {"--health-cmd", "test -e /tmp/well", "--health-interval", "disable"},
                 "echo up; exec sleep 1000");
    BOOST_TEST(podman.call({"healthcheck", "run", "c"}).status == 1);
    podman.must({"exec", "c", "touch", "/tmp/well"});
    BOOST_TEST(podman.call({"healthcheck", "run", "c"}).status == 0);
    podman.must({"rm", "--force", "--time", "0", "c"});
  }
}

BOOST_AUTO_TEST_CASE(a_real_terminal_is_relayed) {
  for (With with : kBoth) {
    podman.start(with, "c", {}, "echo up; exec sleep 1000");
    check_terminal_of_exec(podman, "c");
    podman.must({"rm", "--force", "--time", "0", "c"});
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::test
