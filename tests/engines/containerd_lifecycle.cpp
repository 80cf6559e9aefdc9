#include <boost/test/unit_test.hpp>

#include "tests/engines/containerd.hpp"
#include "tests/support/check.hpp"

// A task that containerd leaves running: list, kill, remove.

namespace ocelot::test {

namespace {

const char* const kObeys =
    "trap 'echo terminated; exit 3' TERM; trap 'echo usr1' USR1; echo up; sleep 1000 & "
    "while :; do wait; done";
const char* const kIgnores = "trap '' TERM; echo up; sleep 1000";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(containerd_lifecycle, ContainerdCase)

BOOST_AUTO_TEST_CASE(a_detached_task_runs_and_is_listed_until_it_is_removed) {
  for (With with : kBoth) {
    containerd.start(with, {}, kObeys);
    BOOST_TEST(containerd.status() == "RUNNING");
    const pid_t pid = containerd.pid();
    BOOST_TEST(read_file("/proc/" + std::to_string(pid) + "/comm") == "sh\n");
    UniqueFd pidfd = open_pidfd(pid);

    BOOST_TEST(containerd.call({"task", "rm", "c"}).status != 0);  // still running
    containerd.must({"task", "kill", "--signal", "SIGTERM", "c"});
    wait_for_end(pidfd.get());
    containerd.wait_until_stopped();
    BOOST_TEST(containerd.log() == "up\nterminated\n");

    Output removed = containerd.call({"task", "rm", "c"});
    BOOST_TEST(removed.err.find("non-zero exit code 3") != std::string::npos, removed.err);
    BOOST_TEST(containerd.status() == "");
    containerd.must({"containers", "rm", "c"});
  }
}

BOOST_AUTO_TEST_CASE(kill_ends_it_with_137) {
  for (With with : kBoth) {
    containerd.start(with, {}, kIgnores);
    containerd.must({"task", "kill", "--signal", "SIGKILL", "c"});
    containerd.wait_until_stopped();
    Output removed = containerd.call({"task", "rm", "c"});
    BOOST_TEST(removed.err.find("non-zero exit code 137") != std::string::npos, removed.err);
    containerd.must({"containers", "rm", "c"});
  }
}

BOOST_AUTO_TEST_CASE(kill_all_reaches_every_process) {
  for (With with : kBoth) {
    containerd.start(with, {}, "trap '' TERM; sleep 1000 & trap - TERM; echo up; wait");
    containerd.must({"task", "kill", "--all", "--signal", "SIGKILL", "c"});
    containerd.wait_until_stopped();
    containerd.call({"task", "rm", "c"});
    containerd.must({"containers", "rm", "c"});
  }
}

BOOST_AUTO_TEST_CASE(kill_of_a_stopped_task_is_an_error) {
  for (With with : kBoth) {
    containerd.start(with, {}, "echo up");
    containerd.wait_until_stopped();
    Output killed = containerd.call({"task", "kill", "--signal", "SIGTERM", "c"});
    BOOST_TEST(killed.status != 0);
    BOOST_TEST(killed.err.find("not found") != std::string::npos, killed.err);
    containerd.must({"task", "rm", "c"});
    containerd.must({"containers", "rm", "c"});
  }
}

BOOST_AUTO_TEST_CASE(rm_by_force_kills_first) {
  for (With with : kBoth) {
    containerd.start(with, {}, kIgnores);
    UniqueFd pidfd = open_pidfd(containerd.pid());
    containerd.must({"task", "rm", "--force", "c"});
    wait_for_end(pidfd.get());
    BOOST_TEST(containerd.status() == "");
    containerd.must({"containers", "rm", "c"});
  }
}

BOOST_AUTO_TEST_CASE(a_task_can_be_started_again_in_its_container) {
  for (With with : kBoth) {
    containerd.start(with, {}, "echo up; exit 0");
    containerd.wait_until_stopped();
    containerd.must({"task", "rm", "c"});
    BOOST_TEST(containerd.must({"task", "start", "c"}) == "up");
    containerd.call({"task", "rm", "c"});
    containerd.must({"containers", "rm", "c"});
  }
}

BOOST_AUTO_TEST_CASE(a_foreground_run_that_is_killed_exits_with_137) {
  for (With with : kBoth) {
    Command run{containerd.command(containerd.run_words(with, {"--rm"}, {"sh", "-c", kIgnores})),
                containerd.options()};
    run.read_until("up\n");
    containerd.must({"task", "kill", "--signal", "SIGKILL", "c"});
    BOOST_TEST(run.wait().status == 137);
  }
}

BOOST_AUTO_TEST_CASE(a_failed_create_leaves_a_container_that_can_be_removed) {
  for (With with : kBoth) {
    BOOST_TEST(containerd.call(containerd.run_words(with, {}, {"nosuch"})).status == 1);
    containerd.call({"containers", "rm", "c"});
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::test
