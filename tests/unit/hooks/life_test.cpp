// How long a hook lives and what it may do meanwhile.
#include <sys/syscall.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "runtime/base/process.hpp"
#include "scripts.hpp"

using namespace ocelot;
using ocelot::test::Scripts;
using Clock = std::chrono::steady_clock;

namespace {

bool ends(pid_t pid) {
  const auto pidfd = sys::pidfd_open_if_exists(pid);
  return !pidfd || wait_readable(pidfd->get(), 10'000);
}

pid_t written_pid(const Scripts& scripts, const char* name) {
  return std::stoi(scripts.read(name));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(hook_life)

BOOST_AUTO_TEST_CASE(hooks_run_one_after_the_other) {
  Scripts scripts;
  scripts.run({scripts.hook("echo 1 >> $D/order; sleep 0.2; echo 2 >> $D/order"),
               scripts.hook("echo 3 >> $D/order")});
  BOOST_TEST(scripts.read("order") == "1\n2\n3\n");
}

BOOST_AUTO_TEST_CASE(a_hook_that_hangs_is_killed_with_its_process_group_at_its_timeout) {
  Scripts scripts;
  oci::Hook hook =
      scripts.hook("echo $$ > $D/pid; sleep 1000 & echo $! > $D/child; echo waiting; wait");
  hook.timeout_seconds = 1;
  const auto start = Clock::now();
  const std::string failure = scripts.failure({hook});
  BOOST_TEST((Clock::now() - start >= std::chrono::seconds{1}));
  BOOST_TEST((Clock::now() - start < std::chrono::seconds{30}));
  BOOST_TEST(failure == "error running createRuntime hook #0: /hooks/createRuntime/0 " + hook.path +
                            ": hook ran past specified timeout of 1s, output: waiting");
  BOOST_TEST(ends(written_pid(scripts, "pid")));
  BOOST_TEST(ends(written_pid(scripts, "child")));
}

BOOST_AUTO_TEST_CASE(
    a_hook_that_ignores_signals_and_has_closed_its_output_is_killed_at_its_timeout) {
  Scripts scripts;
  oci::Hook hook = scripts.hook(
      "trap '' TERM HUP INT; exec >&- 2>&-; echo $$ > $D/pid; while :; do read x < /dev/null; "
      "done");
  hook.timeout_seconds = 1;
  BOOST_TEST(scripts.failure({hook}).ends_with("timeout of 1s"));
  BOOST_TEST(ends(written_pid(scripts, "pid")));
}

BOOST_AUTO_TEST_CASE(a_hook_that_never_rests_writing_is_killed_at_its_timeout) {
  Scripts scripts;
  oci::Hook hook = scripts.hook("exec yes");
  hook.timeout_seconds = 1;
  BOOST_TEST(scripts.failure({hook}).find("timeout of 1s, output: ... ") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_hook_that_ends_before_its_timeout_is_not_waited_for_longer) {
  Scripts scripts;
  oci::Hook hook = scripts.hook(":");
  hook.timeout_seconds = 3600;
  const auto start = Clock::now();
  scripts.run({hook});
  BOOST_TEST((Clock::now() - start < std::chrono::seconds{60}));
}

BOOST_AUTO_TEST_CASE(a_timeout_beyond_all_clocks_is_no_timeout) {
  Scripts scripts;
  oci::Hook hook = scripts.hook(":");
  hook.timeout_seconds = INT64_MAX;
  BOOST_TEST(scripts.failure({hook}).empty());
}

BOOST_AUTO_TEST_CASE(a_hook_may_leave_its_standard_input_unread) {
  Scripts scripts;
  oci::State state = scripts.state();
  state.annotations["large"] = std::string(1 << 20, 'a');
  for (const char* script : {":", "exec <&-; sleep 0.1", "head -c 10 > /dev/null"}) {
    const oci::Hook hooks[] = {scripts.hook(script)};
    BOOST_CHECK_NO_THROW(ocelot::hooks::run_until_failure(hooks, "prestart", state));
  }
}

BOOST_AUTO_TEST_CASE(a_daemon_that_keeps_the_output_open_does_not_hold_the_caller) {
  Scripts scripts;
  // The daemon leaves the hook's session, as one does, and lives until this test has seen that it
  // does.
  scripts.run({scripts.hook("setsid sleep 1000 & echo $! > $D/daemon")});
  const pid_t daemon = written_pid(scripts, "daemon");
  BOOST_TEST(::kill(daemon, 0) == 0);
  BOOST_TEST(::kill(daemon, SIGKILL) == 0);
  BOOST_TEST(ends(daemon));
}

BOOST_AUTO_TEST_CASE(a_gigabyte_of_output_is_read_and_forgotten) {
  Scripts scripts;
  const std::string failure =
      scripts.failure({scripts.hook("head -c 1000000000 /dev/zero; echo the end; exit 1")});
  BOOST_TEST(failure.find("exit status 1, output: ... \\x00") != std::string::npos);
  BOOST_TEST(failure.ends_with("the end"));
  BOOST_TEST(failure.size() < 20'000u);
}

BOOST_AUTO_TEST_SUITE_END()
