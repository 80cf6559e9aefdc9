// SIGKILL of the runtime, or of a process that it started, at the entry of every system call (F1 to
// F3, F5). Whatever is left must answer `state`, go away with `delete --force`, and leave the id
// free.
#include "tests/faults/interruption.hpp"
#include "tests/support/black_box.hpp"

using namespace ocelot::test;

namespace {

// A bundle that has something of everything a create makes, but costs little.
void prepare(Bundle& bundle) {
  bundle.args(probe_args({{"hold"}}));
  bundle.linux()["resources"]["pids"]["limit"] = 100;
  bundle.linux()["sysctl"] = {{"net.ipv4.ip_forward", "0"}};
  bundle.write();
}

std::vector<std::string> create(const Runtime& runtime, const Bundle& bundle) {
  return runtime.command({"create", "--bundle", bundle.path(), "c"});
}

// Interrupts `command` at each call, after `set_up`.
void interrupt(Runtime& runtime, const Bundle& bundle, const std::vector<std::string>& command,
               StepOptions::Kill kill, long sample, const std::function<void()>& set_up) {
  interrupt(runtime, {.set_up = set_up,
                      .command = [&] { return command; },
                      .create = [&] { return runtime.create(bundle, "c"); },
                      .kill = kill,
                      .sample = sample});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(kill_everywhere, *needs::root() * needs::ocelot())

BOOST_AUTO_TEST_CASE(create_can_be_killed_at_any_system_call) {  // F1
  Runtime runtime;
  Bundle bundle;
  prepare(bundle);
  interrupt(runtime, bundle, create(runtime, bundle), StepOptions::Kill::main, 80, [] {});
}

BOOST_AUTO_TEST_CASE(the_processes_of_create_can_be_killed_at_any_system_call) {  // F5
  Runtime runtime;
  Bundle bundle;
  prepare(bundle);
  interrupt(runtime, bundle, create(runtime, bundle), StepOptions::Kill::stopped, 60, [] {});
}

BOOST_AUTO_TEST_CASE(start_can_be_killed_at_any_system_call) {  // F2
  Runtime runtime;
  Bundle bundle;
  prepare(bundle);
  interrupt(runtime, bundle, runtime.command({"start", "c"}), StepOptions::Kill::main, 30,
            [&] { runtime.must_create(bundle); });
}

BOOST_AUTO_TEST_CASE(a_start_that_was_killed_is_undone_or_done) {  // F2
  Runtime runtime;
  Bundle bundle;
  prepare(bundle);
  bundle.args({"/bin/sleep", "1000"});
  const std::vector<std::string> start = runtime.command({"start", "c"});
  long count = 0;
  {
    Container container = runtime.must_create(bundle);
    count = step(start).calls;
    runtime.del("c", {"--force"});
  }
  for (const long call : calls_to_stop_at(count, 30)) {
    Container container = runtime.must_create(bundle);
    const Stepped stepped = step(start, {.at = call, .kill = StepOptions::Kill::main});
    BOOST_TEST_CONTEXT(at(stepped, call)) {
      // Init that has been let go may still be on its way to execve.
      const Output second = container.start();
      const std::string status = runtime.status("c");
      BOOST_TEST(status == "running");
      if (second.status != 0) check_error(second, "cannot start an already running container");
    }
    runtime.del("c", {"--force"});
  }
}

BOOST_AUTO_TEST_CASE(kill_can_be_killed_at_any_system_call) {  // F3
  Runtime runtime;
  Bundle bundle;
  prepare(bundle);
  interrupt(runtime, bundle, runtime.command({"kill", "--all", "c", "KILL"}),
            StepOptions::Kill::main, 20, [&] {
              Container container = runtime.must_create(bundle);
              container.start();
            });
}

BOOST_AUTO_TEST_CASE(delete_can_be_killed_at_any_system_call) {  // F3
  Runtime runtime;
  Bundle bundle;
  prepare(bundle);
  interrupt(runtime, bundle, runtime.command({"delete", "--force", "c"}), StepOptions::Kill::main,
            50, [&] {
              Container container = runtime.must_create(bundle);
              container.start();
            });
}

BOOST_AUTO_TEST_SUITE_END()
