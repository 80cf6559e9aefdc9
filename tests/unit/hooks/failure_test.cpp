// What is said, and done next, when a hook fails.
#include <boost/test/unit_test.hpp>

#include "scripts.hpp"

using namespace ocelot;
using ocelot::test::Scripts;

namespace {

std::string prefix(const oci::Hook& hook, int index = 0) {
  const std::string i = std::to_string(index);
  return "error running createRuntime hook #" + i + ": /hooks/createRuntime/" + i + " " +
         hook.path + ": ";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(hook_failures)

BOOST_AUTO_TEST_CASE(a_failing_hook_is_named_with_its_status_and_output) {
  Scripts scripts;
  const oci::Hook hook = scripts.hook("echo to out; echo to err >&2; exit 42");
  BOOST_TEST(scripts.failure({scripts.hook(":"), hook}) ==
             prefix(hook, 1) + "exit status 42, output: to out\\x0ato err");
}

BOOST_AUTO_TEST_CASE(a_hook_that_fails_in_silence_is_told_without_output) {
  Scripts scripts;
  const oci::Hook hook = scripts.hook("exit 1");
  BOOST_TEST(scripts.failure({hook}) == prefix(hook) + "exit status 1");
}

BOOST_AUTO_TEST_CASE(a_hook_killed_by_a_signal_is_a_failure) {
  Scripts scripts;
  const oci::Hook hook = scripts.hook("kill -TERM $$");
  BOOST_TEST(scripts.failure({hook}) == prefix(hook) + "signal: Terminated");
}

BOOST_AUTO_TEST_CASE(the_hooks_after_a_failure_do_not_run) {
  Scripts scripts;
  scripts.failure({scripts.hook("echo 1 >> $D/order"), scripts.hook("exit 1"),
                   scripts.hook("echo 3 >> $D/order")});
  BOOST_TEST(scripts.read("order") == "1\n");
}

BOOST_AUTO_TEST_CASE(a_hook_that_is_not_there_is_no_such_file) {
  Scripts scripts;
  oci::Hook hook;
  hook.path = scripts / "absent";
  BOOST_TEST(scripts.failure({hook}) == prefix(hook) + "exec: No such file or directory");
  BOOST_TEST(scripts.hint().empty());
}

BOOST_AUTO_TEST_CASE(a_missing_interpreter_is_explained) {
  Scripts scripts;
  oci::Hook hook = scripts.hook("");
  std::ofstream{hook.path} << "#!/no/such/interpreter\n";
  BOOST_TEST(scripts.failure({hook}) == prefix(hook) + "exec: No such file or directory");
  BOOST_TEST(scripts.hint().find("interpreter") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_file_that_may_not_be_executed_is_explained) {
  Scripts scripts;
  const oci::Hook hook = scripts.hook("");
  ::chmod(hook.path.c_str(), 0644);
  BOOST_TEST(scripts.failure({hook}) == prefix(hook) + "exec: Permission denied");
  BOOST_TEST(scripts.hint().find("execute permission") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_script_without_a_first_line_is_explained) {
  Scripts scripts;
  oci::Hook hook = scripts.hook("");
  std::ofstream{hook.path} << "echo hello\n";
  BOOST_TEST(scripts.failure({hook}) == prefix(hook) + "exec: Exec format error");
  BOOST_TEST(scripts.hint().find("#!/bin/sh") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(output_cannot_forge_a_line_of_the_log) {
  Scripts scripts;
  const std::string failure =
      scripts.failure({scripts.hook("printf 'a\\nlevel=error\\033[31m'; exit 1")});
  BOOST_TEST(failure.ends_with("output: a\\x0alevel=error\\x1b[31m"), failure);
}

BOOST_AUTO_TEST_CASE(run_all_runs_every_hook_and_tells_each_failure) {
  Scripts scripts;
  std::vector<std::string> warnings;
  oci::Hook absent;
  absent.path = scripts / "absent";
  const std::vector<oci::Hook> hooks{scripts.hook("exit 1"), scripts.hook("echo 2 >> $D/order"),
                                     absent, scripts.hook("echo 4 >> $D/order")};
  ocelot::hooks::run_all(hooks, "poststop", scripts.state(),
                         [&](const std::string& text) { warnings.push_back(text); });
  BOOST_TEST(scripts.read("order") == "2\n4\n");
  BOOST_REQUIRE(warnings.size() == 2u);
  BOOST_TEST(warnings[0] == "error running poststop hook #0: /hooks/poststop/0 " + hooks[0].path +
                                ": exit status 1");
  BOOST_TEST(warnings[1].starts_with("error running poststop hook #2: /hooks/poststop/2 "));
}

BOOST_AUTO_TEST_CASE(no_hooks_are_no_work) {
  Scripts scripts;
  BOOST_CHECK_NO_THROW(scripts.run({}));
}

BOOST_AUTO_TEST_SUITE_END()
