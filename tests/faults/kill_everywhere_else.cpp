// The same as in kill_everywhere of containers that have more to leave behind: with hooks, a
// terminal or a user namespace; and of processes that are added to one.
#include <memory>

#include "tests/faults/interruption.hpp"
#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

using Kill = StepOptions::Kill;

Bundle& holding(Bundle& bundle) {
  return bundle.args(probe_args({{"hold"}}));
}

// Hooks of every kind. Each of them leaves a mark below `marks`.
void add_hooks(Bundle& bundle, const TempDir& marks) {
  const auto touch = [](const std::string& program, const std::string& file) {
    return json::array({{{"path", program}, {"args", {"touch", file}}}});
  };
  json& hooks = bundle.config["hooks"];
  for (const char* kind : {"prestart", "createRuntime", "createContainer", "poststart", "poststop"})
    hooks[kind] = touch("/usr/bin/touch", marks / kind);
  hooks["startContainer"] = touch("/bin/touch", "/dev/shm/mark");
}

void interrupt_create(Runtime& runtime, const Bundle& bundle, long sample) {
  bundle.write();
  for (const Kill kill : {Kill::main, Kill::stopped}) {
    interrupt(runtime, {.command =
                            [&] {
                              return runtime.command({"create", "--bundle", bundle.path(), "c"});
                            },
                        .create = [&] { return runtime.create(bundle, "c"); },
                        .kill = kill,
                        .sample = sample});
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(kill_everywhere_else, *needs::root() * needs::ocelot())

BOOST_AUTO_TEST_CASE(create_with_hooks_can_be_killed_at_any_system_call) {  // F1, F5
  Runtime runtime;
  Bundle bundle;
  const TempDir marks;
  add_hooks(holding(bundle), marks);
  interrupt_create(runtime, bundle, 12);
  for (const char* kind : {"prestart", "createRuntime", "createContainer", "poststop"})
    BOOST_TEST(std::filesystem::exists(marks / kind), kind);
}

BOOST_AUTO_TEST_CASE(start_with_hooks_can_be_killed_at_any_system_call) {  // F2
  Runtime runtime;
  Bundle bundle;
  const TempDir marks;
  add_hooks(holding(bundle), marks);
  interrupt(runtime, {.set_up = [&] { runtime.must_create(bundle); },
                      .command =
                          [&] {
                            return runtime.command({"start", "c"});
                          },
                      .create = [&] { return runtime.create(bundle, "c"); },
                      .sample = 12});
  BOOST_TEST(std::filesystem::exists(marks / "poststart"));
}

BOOST_AUTO_TEST_CASE(delete_with_hooks_can_be_killed_at_any_system_call) {  // F3
  Runtime runtime;
  Bundle bundle, plain;
  const TempDir marks;
  add_hooks(holding(bundle), marks);
  holding(plain);
  interrupt(runtime, {.set_up =
                          [&] {
                            std::filesystem::remove(marks / "poststop");
                            runtime.must_create(bundle).start();
                          },
                      .command =
                          [&] {
                            return runtime.command({"delete", "--force", "c"});
                          },
                      .create = [&] { return runtime.create(plain, "c"); },
                      .judge = [&] { BOOST_TEST(std::filesystem::exists(marks / "poststop")); },
                      .sample = 12});
}

// A failing hook has create undo what it made: that may be interrupted, too.
BOOST_AUTO_TEST_CASE(create_that_fails_can_be_killed_at_any_system_call) {  // F1
  Runtime runtime;
  Bundle bundle, good;
  bundle.config["hooks"] = {{"createContainer", {{{"path", "/bin/false"}}}}};
  holding(bundle).write();
  holding(good).write();
  const std::vector<std::string> command =
      runtime.command({"create", "--bundle", bundle.path(), "c"});
  const long count = step(command).calls;
  Oracle oracle{runtime, [&] { return runtime.create(good, "c"); }};
  for (const long call : calls_to_stop_at(count, 12))
    oracle.judge(at(step(command, {.at = call, .kill = Kill::main}), call));
}

BOOST_AUTO_TEST_CASE(create_with_a_terminal_can_be_killed_at_any_system_call) {  // F1, F5
  Runtime runtime;
  Bundle bundle;
  holding(bundle).process()["terminal"] = true;
  bundle.write();
  // One for each create: nobody takes the terminals away.
  std::unique_ptr<ConsoleSocket> socket;
  const auto listen = [&] { socket = std::make_unique<ConsoleSocket>(); };
  for (const Kill kill : {Kill::main, Kill::stopped}) {
    interrupt(runtime,
              {.set_up = listen,
               .command =
                   [&] {
                     return runtime.command({"create", "--bundle", bundle.path(),
                                             "--console-socket", socket->path(), "c"});
                   },
               .create =
                   [&] {
                     listen();
                     return runtime.create(bundle, "c", {"--console-socket", socket->path()});
                   },
               .kill = kill,
               .sample = 12});
  }
}

BOOST_AUTO_TEST_CASE(create_with_a_user_namespace_can_be_killed_at_any_system_call) {  // F1, F5
  Runtime runtime;
  Bundle bundle;
  const TempDir source;
  holding(bundle).add_user_namespace();
  bundle.add_mount("/mapped", "bind", source.path(), {"bind", "idmap"});
  interrupt_create(runtime, bundle, 12);
}

// What runs already must not notice, and the next exec works.
BOOST_AUTO_TEST_CASE(exec_can_be_killed_at_any_system_call) {  // F3, F5
  for (const bool user_namespace : {false, true}) {
    Runtime runtime;
    Bundle bundle;
    const Leftovers before{{runtime.root()}};
    if (user_namespace) bundle.add_user_namespace();
    {
      Container container = runtime.must_create(holding(bundle));
      container.start();
      const json state = container.state();
      const std::vector<std::string> command = runtime.command({"exec", "c", "/bin/true"});
      const Stepped whole = step(command);
      BOOST_TEST_REQUIRE(whole.output.status == 0, whole.output.err);
      for (const Kill kill : {Kill::main, Kill::stopped}) {
        for (const long call : calls_to_stop_at(whole.calls, 12)) {
          const Stepped stepped = step(command, {.at = call, .kill = kill});
          BOOST_TEST_CONTEXT(at(stepped, call)) {
            BOOST_TEST(container.state() == state);
            const Output next = runtime.call({"exec", "c", "/bin/true"});
            BOOST_TEST(next.status == 0, next.err);
          }
          reap_children_but(state["pid"]);
        }
      }
      BOOST_TEST_MESSAGE(whole.calls << " system calls");
    }
    const Output removed = runtime.del("c", {"--force"});
    BOOST_TEST(removed.status == 0, removed.err);
    for (const std::string& item : before.since()) BOOST_TEST(item == "", item);
  }
}

BOOST_AUTO_TEST_SUITE_END()
