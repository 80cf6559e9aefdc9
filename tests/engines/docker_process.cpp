#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "tests/engines/docker.hpp"
#include "tests/engines/terminal_of_exec.hpp"
#include "tests/support/runtime.hpp"

// `docker run` and `docker exec`: which runtime it is, arguments, streams, exit codes, privileges.

namespace ocelot::test {

BOOST_FIXTURE_TEST_SUITE(docker_process, DockerCase)

BOOST_AUTO_TEST_CASE(the_daemon_uses_ocelot_by_default_and_runc_when_told) {
  BOOST_TEST(docker.must({"info", "--format", "{{.DefaultRuntime}}"}) == "ocelot");
  BOOST_TEST(docker.must({"info", "--format", "{{index .Runtimes \"ocelot\"}}"})
                 .find(std::filesystem::absolute(Runtime::path()).string()) != std::string::npos);
  for (With with : kBoth) {
    docker.start(with, {}, "echo up; exec sleep 1000");
    BOOST_TEST(docker.must({"inspect", "--format", "{{.HostConfig.Runtime}}", "box"}) ==
               (with == With::Ocelot ? "ocelot" : "runc"));
    docker.remove();
  }
}

BOOST_AUTO_TEST_CASE(output_input_and_exit_code_are_the_processs) {
  const Output output = same_script("echo out; echo err >&2; exit 42");
  BOOST_TEST(output.status == 42);
  BOOST_TEST(output.out == "out\n");
  BOOST_TEST(output.err == "err\n");
  RunOptions with_input;
  with_input.input = "one\ntwo\n";
  BOOST_TEST(same_as_runc({"cat"}, {"--interactive"}, with_input).out == "one\ntwo\n");
  BOOST_TEST(same_script("sleep 1000 & kill -9 $!; wait $!").status == 137);
}

BOOST_AUTO_TEST_CASE(a_command_that_cannot_be_executed_gives_127_or_126) {
  const Output output = same_as_runc({"nosuch"});
  BOOST_TEST(output.status == 127);
  BOOST_TEST(output.err.find("executable file not found in $PATH") != std::string::npos,
             output.err);
  BOOST_TEST(same_as_runc({"/bin/nosuch"}).status == 127);
  BOOST_TEST(same_as_runc({"/etc/passwd"}).status == 126);
}

BOOST_AUTO_TEST_CASE(identity_and_privileges_are_as_with_runc) {
  const std::string look =
      "id; pwd; echo $HOME; grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status";
  same_script(look);
  same_script(look, {"--user", "alice", "--workdir", "/tmp"});
  same_script(look, {"--cap-drop", "all", "--security-opt", "no-new-privileges"});
  same_script("ls /dev; touch /x || echo refused; ls /proc/acpi | wc -l", {"--read-only"});
}

BOOST_AUTO_TEST_CASE(a_process_is_added) {
  for (With with : kBoth) {
    docker.start(with, {}, "echo up; exec sleep 1000");
    BOOST_TEST(docker.must({"exec", "--user", "alice", "--env", "A=x y", "--workdir", "/tmp", "box",
                            "sh", "-c", "id -un; pwd; echo $A"}) == "alice\n/tmp\nx y");
    BOOST_TEST(docker.call({"exec", "box", "sh", "-c", "exit 3"}).status == 3);
    BOOST_TEST(docker.call({"exec", "box", "nosuch"}).status == 126);
    BOOST_TEST(docker.call({"exec", "box", "/etc/passwd"}).status == 126);
    RunOptions with_input;
    with_input.input = "content\n";
    BOOST_TEST(docker.call({"exec", "--interactive", "box", "cat"}, with_input).out == "content\n");
    docker.must({"exec", "--detach", "box", "sleep", "1234"});
    const std::string top = docker.must({"top", "box", "-o", "pid,args"});
    BOOST_TEST(top.find("sleep 1000") != std::string::npos, top);
    BOOST_TEST(top.find("sleep 1234") != std::string::npos, top);
    docker.remove();
  }
}

BOOST_AUTO_TEST_CASE(an_added_process_has_a_terminal) {
  for (With with : kBoth) {
    docker.start(with, {}, "echo up; exec sleep 1000");
    check_terminal_of_exec(docker, "box");
    docker.remove();
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::test
