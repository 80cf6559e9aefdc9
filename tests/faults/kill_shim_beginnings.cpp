// SIGKILL at the entry of every system call of what a shim begins with: `run --shim`, `shim adopt`
// and `shim upgrade`. Whatever is left can be looked at, has a shim or gets one, and goes away with
// `delete --force`; a container that ran before goes on.
#include <poll.h>
#include <signal.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "tests/faults/alive.hpp"
#include "tests/faults/step.hpp"
#include "tests/support/black_box.hpp"
#include "tests/support/shimmed.hpp"

using namespace ocelot::test;
using nlohmann::json;
using Kill = StepOptions::Kill;

namespace {

constexpr long kSample = 10, kSampleOfVariant = 4;

bool has_shim(const Runtime& runtime) {
  const Output status = runtime.call({"shim", "status", "c"});
  return status.status == 0 && json::parse(status.out).at("underWay") == 0;
}

// Until a shim has come to where it serves its container, or none is left of what was to be one.
// False then. An init that waits for its start is at rest.
bool wait_for_shim(const Runtime& runtime) {
  const auto is_ours = [](const std::string& process) {
    return contains(process, "ocelot") && !contains(process, ":INIT]");
  };
  for (;;) {
    const bool any = std::ranges::any_of(living_descendants(), is_ours);
    if (has_shim(runtime)) return true;
    if (!any) return false;
  }
}

Output remove(const Runtime& runtime) {
  Command deleting{runtime.command({"delete", "--force", "c"})};
  reap_children_but(deleting.pid());
  return deleting.wait();
}

class Beginning {
 public:
  explicit Beginning(
      std::vector<std::string> options = {"--stdin"}, long sample = kSample,
      const std::function<void(Bundle&)>& change = [](Bundle&) {})
      : options_(std::move(options)), sample_(sample) {
    change(bundle_.args(probe_args({{"await"}})));
    bundle_.write();
  }

  // `command` at each call. What is there before is made by `set_up`, and `judge` is told whether
  // there is a shim.
  void interrupt(const std::function<void()>& set_up, const std::vector<std::string>& command,
                 const std::function<void(bool has_shim)>& judge) {
    const std::vector<std::string> words = runtime.command(command);
    for (const Kill kill : {Kill::main, Kill::stopped}) {
      const Leftovers before{{runtime.root()}};
      set_up();
      const Stepped whole = step(words);
      BOOST_TEST_REQUIRE(whole.output.status == 0, whole.output.err);
      BOOST_TEST(remove(runtime).status == 0);
      const std::vector<long> calls = calls_to_stop_at(whole.calls, sample_);
      for (const long call : calls) {
        set_up();
        const Stepped stepped = step(words, {.at = call, .kill = kill});
        BOOST_TEST_CONTEXT(command.front()
                           << " at system call " << call << " (" << stepped.last << ")") {
          judge(wait_for_shim(runtime));
          const Output removed = remove(runtime);
          BOOST_TEST(removed.status == 0, removed.err);
          BOOST_TEST(before.since() == std::vector<std::string>{},
                     boost::test_tools::per_element());
        }
      }
      BOOST_TEST_MESSAGE(command.front()
                         << ": " << whole.calls << " system calls, stopped at " << calls.size());
    }
  }

  void run() const {
    const Output made = runtime.call(run_words());
    BOOST_TEST_REQUIRE(made.status == 0, made.err);
  }
  std::vector<std::string> run_words() const {
    std::vector<std::string> words{"run", "--shim", "--detach"};
    words.insert(words.end(), options_.begin(), options_.end());
    words.insert(words.end(), {"--bundle", bundle_.path(), "c"});
    return words;
  }
  pid_t shim() const { return json::parse(runtime.call({"shim", "status", "c"}).out).at("pid"); }
  void adopt() const {
    const Output adopted = runtime.call({"shim", "adopt", "c"});
    BOOST_TEST(adopted.status == 0, adopted.err);
    BOOST_TEST(has_shim(runtime));
  }

  const Runtime runtime;

 private:
  const std::vector<std::string> options_;
  const long sample_;
  Bundle bundle_;
};

void interrupt_run(Beginning& beginning) {
  beginning.interrupt([] {}, beginning.run_words(),
                      [&](bool) {
                        const Output state = beginning.runtime.call({"state", "c"});
                        BOOST_TEST((state.status == 0 || contains(state.err, "does not exist")),
                                   state.err);
                      });
}

void kill_and_wait(pid_t pid) {
  const UniqueFd pidfd = open_pidfd(pid);
  checked(::kill(pid, SIGKILL), "kill");
  wait_for_end(pidfd.get());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(kill_shim_beginnings, *needs::root() * needs::ocelot())

BOOST_AUTO_TEST_CASE(run_with_a_shim) {
  Beginning beginning;
  interrupt_run(beginning);
}

BOOST_AUTO_TEST_CASE(run_with_a_shim_in_a_cgroup_of_its_own) {
  Beginning beginning{{"--shim-cgroup", cgroup_parent() + "/shims/c"}, kSampleOfVariant};
  interrupt_run(beginning);
}

BOOST_AUTO_TEST_CASE(run_with_a_terminal) {
  Beginning beginning{
      {}, kSampleOfVariant, [](Bundle& bundle) { bundle.process()["terminal"] = true; }};
  interrupt_run(beginning);
}

BOOST_AUTO_TEST_CASE(run_with_hooks) {
  Beginning beginning{
      {}, kSampleOfVariant, [](Bundle& bundle) {
        const json hook = {{{"path", "/bin/true"}}};
        for (const char* kind : {"createRuntime", "createContainer", "poststart", "poststop"})
          bundle.config["hooks"][kind] = hook;
      }};
  interrupt_run(beginning);
}

BOOST_AUTO_TEST_CASE(adoption) {
  Beginning beginning;
  beginning.interrupt(
      [&] {
        beginning.run();
        kill_and_wait(beginning.shim());
      },
      {"shim", "adopt", "c"},
      [&](bool has_shim) {
        BOOST_TEST(beginning.runtime.status("c") == "running");
        if (!has_shim) beginning.adopt();
      });
}

// The shim is stopped while another command asks it.
BOOST_AUTO_TEST_CASE(upgrade) {
  const Beginning beginning;
  const Runtime& runtime = beginning.runtime;
  const auto upgrade_at = [&](long call) {
    beginning.run();
    const pid_t shim = beginning.shim();
    const UniqueFd pidfd = open_pidfd(shim);
    Stepping stepping{shim, {.at = call, .kill = call == 0 ? Kill::nobody : Kill::main}};
    {
      Command asking{runtime.command({"shim", "upgrade", "c"})};
      pollfd ends[] = {{pidfd.get(), POLLIN, 0}, {asking.pidfd(), POLLIN, 0}};
      BOOST_TEST_REQUIRE(::poll(ends, 2, 20'000) > 0);
    }
    const Stepped stepped = stepping.stop();
    BOOST_TEST_CONTEXT("upgrade at system call " << call << " (" << stepped.last << ")") {
      BOOST_TEST((runtime.status("c") == "running"));
      if (is_alive(pidfd.get())) {
        BOOST_TEST(has_shim(runtime));
      } else {
        beginning.adopt();
      }
      const Output removed = remove(runtime);
      BOOST_TEST(removed.status == 0, removed.err);
    }
    return stepped.calls;
  };
  const Leftovers before{{runtime.root()}};
  const long count = upgrade_at(0);
  BOOST_TEST_REQUIRE(count > 100);
  const std::vector<long> calls = calls_to_stop_at(count, kSample);
  for (const long call : calls) upgrade_at(call);
  BOOST_TEST(before.since() == std::vector<std::string>{}, boost::test_tools::per_element());
  BOOST_TEST_MESSAGE("upgrade: " << count << " system calls, stopped at " << calls.size());
}

BOOST_AUTO_TEST_SUITE_END()
