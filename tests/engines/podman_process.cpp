#include <fcntl.h>

#include <boost/test/unit_test.hpp>

#include "tests/engines/podman.hpp"

// What the container's process is: its arguments, streams, exit code, identity and surroundings.

namespace ocelot::test {

BOOST_FIXTURE_TEST_SUITE(podman_process, PodmanCase)

BOOST_AUTO_TEST_CASE(its_output_reaches_the_caller) {
  BOOST_TEST(same_as_runc_args({"echo", "hello", "two  words"}).out == "hello two  words\n");
  BOOST_TEST(same_as_runc("echo a b c | wc -w").out == "3\n");
}

BOOST_AUTO_TEST_CASE(output_and_errors_stay_apart) {
  Output output = same_as_runc("echo out; echo err >&2");
  BOOST_TEST(output.out == "out\n");
  BOOST_TEST(output.err == "err\n");
}

BOOST_AUTO_TEST_CASE(its_input_comes_from_the_caller_and_ends) {
  RunOptions with_input;
  with_input.input = "one\ntwo\n";
  BOOST_TEST(same_as_runc("cat; echo end", {"--interactive"}, with_input).out == "one\ntwo\nend\n");
  BOOST_TEST(same_as_runc("cat; echo end", {}, with_input).out == "end\n");
}

BOOST_AUTO_TEST_CASE(a_megabyte_passes_through_unharmed) {
  RunOptions with_input;
  for (int i = 0; with_input.input.size() < 1'000'000; ++i)
    with_input.input += std::to_string(i) + "\n";
  BOOST_TEST((same_as_runc("cat", {"--interactive"}, with_input).out == with_input.input));
}

BOOST_AUTO_TEST_CASE(its_exit_code_is_podmans) {
  BOOST_TEST(same_as_runc("exit 0").status == 0);
  BOOST_TEST(same_as_runc("exit 42").status == 42);
  BOOST_TEST(same_as_runc("sleep 100 & kill -9 $!; wait $!; exit $?").status == 137);
}

BOOST_AUTO_TEST_CASE(a_command_that_does_not_exist_gives_127) {
  Output output = same_as_runc_args({"nosuch"});
  BOOST_TEST(output.status == 127);
  BOOST_TEST(
      output.err.find("exec: \"nosuch\": executable file not found in $PATH") != std::string::npos,
      output.err);
  BOOST_TEST(same_as_runc_args({"/bin/nosuch"}).status == 127);
}

BOOST_AUTO_TEST_CASE(a_command_that_may_not_be_executed_gives_126) {
  Output output = same_as_runc_args({"/etc/passwd"});
  BOOST_TEST(output.status == 126);
  BOOST_TEST(output.err.find("exec: \"/etc/passwd\": ") != std::string::npos, output.err);
  BOOST_TEST(output.err.find("OCI permission denied") != std::string::npos, output.err);
  BOOST_TEST(same_as_runc_args({"/bin"}).status == 126);
}

BOOST_AUTO_TEST_CASE(it_is_process_one_of_its_pid_namespace) {
  BOOST_TEST(same_as_runc("echo $$ $PPID; ps -o pid,args").out.starts_with("1 0\n"));
}

BOOST_AUTO_TEST_CASE(it_inherits_no_descriptor_but_the_three_streams) {
  UniqueFd secret{::open("/etc/hostname", O_RDONLY | O_CLOEXEC)};
  RunOptions leaky;
  leaky.fds = {{secret.get(), 5}, {secret.get(), 200}};
  // 3 is the directory that ls itself reads
  BOOST_TEST(same_as_runc("ls /proc/self/fd", {}, leaky).out == "0\n1\n2\n3\n");
}

// conmon ignores SIGPIPE.
BOOST_AUTO_TEST_CASE(it_has_no_signal_ignored_or_blocked) {
  Output output = same_as_runc_args({"grep", "-E", "Sig(Blk|Ign|Cgt)", "/proc/self/status"});
  BOOST_TEST(output.out ==
             "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\nSigCgt:\t0000000000000000\n");
}

BOOST_AUTO_TEST_CASE(env_and_workdir_and_umask_are_its_own) {
  BOOST_TEST(same_as_runc("echo $A; pwd; umask",
                          {"--env", "A=x y", "--workdir", "/tmp", "--umask", "0027"})
                 .out == "x y\n/tmp\n0027\n");
  BOOST_TEST(same_as_runc("env | sort", {"--hostname", "box", "--env", "A=b"}).out ==
             "A=b\nHOME=/root\nHOSTNAME=box\nPATH=/bin\nPWD=/\nSHLVL=1\nTERM=xterm\n"
             "container=podman\n");
}

BOOST_AUTO_TEST_CASE(user_is_a_number_or_a_name_with_its_groups) {
  BOOST_TEST(same_as_runc("id -u; id -g; id -G", {"--user", "12345:777"}).out ==
             "12345\n777\n777\n");
  BOOST_TEST(same_as_runc("id; echo $HOME", {"--user", "alice"}).out ==
             "uid=1000(alice) gid=1000(alice) groups=50(staff),1000(alice)\n/tmp\n");
  BOOST_TEST(same_as_runc("id -G", {"--user", "alice", "--group-add", "5"}).out == "1000 5 50\n");
}

BOOST_AUTO_TEST_CASE(hostname_and_sysctl_are_set_in_its_namespaces) {
  BOOST_TEST(same_as_runc("hostname; cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax",
                          {"--hostname", "box", "--sysctl", "net.ipv4.ip_forward=1", "--sysctl",
                           "kernel.msgmax=12345"})
                 .out == "box\n1\n12345\n");
}

BOOST_AUTO_TEST_CASE(a_sysctl_that_does_not_exist_is_an_error) {
  BOOST_TEST(same_as_runc("true", {"--sysctl", "net.nosuch=1"}).status != 0);
}

BOOST_AUTO_TEST_CASE(rlimits_and_oom_score_are_set) {
  BOOST_TEST(same_as_runc("ulimit -n; ulimit -Hn; ulimit -u; cat /proc/self/oom_score_adj",
                          {"--ulimit", "nofile=100:200", "--ulimit", "nproc=300:300",
                           "--oom-score-adj", "123"})
                 .out == "100\n200\n300\n123\n");
}

BOOST_AUTO_TEST_CASE(a_limit_that_may_not_be_raised_is_an_error_and_not_ignored) {
  Output output = same_as_runc("true", {"--ulimit", "nofile=999999999:999999999"});
  BOOST_TEST(output.status == 126);
  BOOST_TEST(output.err.find("OCI permission denied") != std::string::npos, output.err);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::test
