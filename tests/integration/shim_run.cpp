// run --shim in the foreground, create --shim: the streams and the exit code reach the caller.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "tests/support/black_box.hpp"
#include "tests/support/shimmed.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

Output run_shim(const Runtime& runtime, const Bundle& bundle, std::vector<std::string> flags = {},
                RunOptions options = {}) {
  flags.insert(flags.begin(), "--shim");
  return runtime.run(bundle, "c", flags, std::move(options));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(shim_run, *needs::root() * needs::ocelot())

BOOST_AUTO_TEST_CASE(streams_and_exit_code_are_the_processs) {
  Runtime runtime;
  Bundle bundle;
  for (const int code : {0, 42, 137}) {
    bundle.shell("echo out; echo err >&2; exit " + std::to_string(code));
    const Output output = run_shim(runtime, bundle);
    BOOST_TEST(output.status == code);
    BOOST_TEST(output.out == "out\n");
    BOOST_TEST(output.err == "err\n");
    BOOST_TEST(runtime.ids().empty());
  }
}

BOOST_AUTO_TEST_CASE(death_by_a_signal_is_told_as_a_shell_does) {
  Runtime runtime;
  Bundle bundle;
  bundle.shell("echo ready; exec sleep 1000");
  Command command = runtime.run_in_foreground(bundle, "c", {"--shim"});
  command.read_until("ready\n");
  BOOST_TEST(runtime.kill("c", "KILL").status == 0);
  BOOST_TEST(command.wait().status == 137);
}

BOOST_AUTO_TEST_CASE(signal_of_the_command_reaches_the_process) {
  Runtime runtime;
  Bundle bundle;
  bundle.shell("trap 'echo caught; exit 9' TERM; echo ready; while :; do sleep 0.05; done");
  Command command = runtime.run_in_foreground(bundle, "c", {"--shim"});
  command.read_until("ready\n");
  command.send(SIGTERM);
  const Output output = command.wait();
  BOOST_TEST(output.status == 9);
  BOOST_TEST(contains(output.out, "caught\n"));
}

BOOST_AUTO_TEST_CASE(standard_input_is_passed_on_with_its_end) {
  Runtime runtime;
  Bundle bundle;
  bundle.shell("cat; echo end");
  const std::string text(300'000, 'x');
  const Output output = run_shim(runtime, bundle, {"--stdin"}, {.input = text});
  BOOST_TEST(output.status == 0);
  BOOST_TEST((output.out == text + "end\n"), output.out.size());
}

BOOST_AUTO_TEST_CASE(without_stdin_the_input_has_ended) {
  Runtime runtime;
  Bundle bundle;
  bundle.shell("cat; echo end");
  const Output output = run_shim(runtime, bundle, {}, {.input = "nothing of this"});
  BOOST_TEST(output.status == 0);
  BOOST_TEST(output.out == "end\n");
}

BOOST_AUTO_TEST_CASE(output_of_a_short_process_arrives_whole) {
  Runtime runtime;
  Bundle bundle;
  bundle.shell("echo first; echo last");
  for (int i = 0; i < 20; ++i) BOOST_TEST(run_shim(runtime, bundle).out == "first\nlast\n", i);
}

BOOST_AUTO_TEST_CASE(mebibyte_before_the_exit_arrives_whole) {
  Runtime runtime;
  Bundle bundle;
  bundle.shell("head -c 1048576 /dev/zero | tr '\\0' x; exit 3");
  const Output output = run_shim(runtime, bundle);
  BOOST_TEST(output.status == 3);
  BOOST_TEST((output.out == std::string(1 << 20, 'x')), output.out.size());
}

BOOST_AUTO_TEST_CASE(missing_program_is_told_and_leaves_nothing) {
  Runtime runtime;
  Bundle bundle;
  bundle.args({"/nowhere"});
  const Leftovers leftovers;
  for (const auto& flags : {std::vector<std::string>{}, std::vector<std::string>{"-d"}}) {
    const Output shim = run_shim(runtime, bundle, flags);
    const Output bare = runtime.run(bundle, "c", flags);
    BOOST_TEST(shim.status == bare.status);
    BOOST_TEST(shim.err == bare.err);
    BOOST_TEST(contains(shim.err, "/nowhere"));
    BOOST_TEST(runtime.ids().empty());
  }
  BOOST_TEST(leftovers.since() == std::vector<std::string>{}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(invalid_bundle_leaves_no_shim_and_no_state) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["cwd"] = "relative";
  bundle.write();
  const Leftovers leftovers;
  const Output shim = runtime.call({"create", "--shim", "--bundle", bundle.path(), "c"});
  const Output bare = runtime.call({"create", "--bundle", bundle.path(), "c"});
  BOOST_TEST(shim.status == bare.status);
  BOOST_TEST(shim.err == bare.err);
  check_error(runtime.call({"create", "--shim", "--bundle", "/nowhere", "c"}), "/nowhere");
  BOOST_TEST(runtime.ids().empty());
  BOOST_TEST(leftovers.since() == std::vector<std::string>{}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(id_that_is_taken_is_refused_and_its_owner_stays) {
  Runtime runtime;
  Bundle bundle;
  bundle.args({"sleep", "1000"});
  Shimmed shimmed{runtime, bundle};
  check_error(runtime.call({"create", "--shim", "--bundle", bundle.path(), "c"}), "exists");
  BOOST_TEST(runtime.status("c") == "running");
  BOOST_TEST(shimmed.shim_status()["pid"] == shimmed.shim_pid());
}

BOOST_AUTO_TEST_CASE(created_container_waits_for_start) {
  Runtime runtime;
  Bundle bundle;
  bundle.shell("exit 7");
  Shimmed shimmed{runtime, bundle, {}, Shimmed::Until::created};
  BOOST_TEST(runtime.status("c") == "created");
  const Output started = runtime.start("c");
  BOOST_TEST(started.status == 0);
  BOOST_TEST(started.out + started.err == "");
  BOOST_TEST(shimmed.wait()["status"] == 7);
  BOOST_TEST(runtime.status("c") == "stopped");
  BOOST_TEST(runtime.del("c").status == 0);
  shimmed.wait_for_shim();
  BOOST_TEST(runtime.ids().empty());
}

// Whoever reads from the other end of one waits for its end.
BOOST_AUTO_TEST_CASE(the_shim_keeps_no_descriptor_of_its_caller) {
  for (const std::string preserved : {"0", "2"}) {
    Runtime runtime;
    Bundle bundle;
    bundle.args({"true"}).write();
    int stray[2], handed_on[2];
    checked(::pipe2(stray, O_CLOEXEC), "pipe2");
    checked(::pipe2(handed_on, O_CLOEXEC), "pipe2");
    const UniqueFd ends[] = {UniqueFd{stray[0]}, UniqueFd{handed_on[0]}};
    {
      const UniqueFd theirs[] = {UniqueFd{stray[1]}, UniqueFd{handed_on[1]}};
      RunOptions options;
      options.fds = {{stray[1], 9}, {handed_on[1], 4}};
      const Output made = runtime.call({"run", "--detach", "--shim", "--preserve-fds", preserved,
                                        "--bundle", bundle.path(), "c"},
                                       std::move(options));
      BOOST_REQUIRE_MESSAGE(made.status == 0, made.err);
    }
    BOOST_TEST(runtime.call({"wait", "c"}).out == "0\n");
    for (const UniqueFd& end : ends) {
      pollfd waiting{end.get(), POLLIN, 0};
      BOOST_TEST(::poll(&waiting, 1, 10'000) == 1);
      BOOST_TEST((waiting.revents & POLLHUP) != 0);
    }
    BOOST_TEST(runtime.del("c").status == 0);
  }
}

BOOST_AUTO_TEST_SUITE_END()
