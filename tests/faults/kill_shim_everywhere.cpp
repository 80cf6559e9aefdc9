// SIGKILL of a shim, of one of its workers, or of its client, at the entry of every system call of
// an operation. Whatever is left can be managed without a shim, is adopted by a new one, has had at
// most one effect of the request, and goes away with `delete --force`.
#include <poll.h>
#include <sys/wait.h>

#include <limits>
#include <optional>
#include <set>

#include "runtime/base/unix_socket.hpp"
#include "tests/faults/alive.hpp"
#include "tests/faults/step.hpp"
#include "tests/kernel/control/raw_client.hpp"
#include "tests/kernel/shim/shim_client.hpp"
#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;
using Kill = StepOptions::Kill;

namespace {

constexpr long kSample = 8;
constexpr int kAnswerMs = 20'000;

// The answer to a request, always of the same session and under the same id, on a connection of its
// own; nullopt when the shim ends without one, or has before it was asked.
std::optional<json> answer(const Runtime& runtime, const std::string& document) {
  ocelot::UniqueFd socket;
  try {
    socket = connect_to_shim(runtime);
  } catch (const ocelot::Error& error) {
    if (error.error_number() == ECONNREFUSED) return std::nullopt;
    throw;
  }
  for (const std::string& packet : {hello_packet(), request_packet(1, document)})
    if (ocelot::try_send_packet(socket.get(), packet) != 0) return std::nullopt;
  for (;;) {
    pollfd entry{socket.get(), POLLIN, 0};
    if (::poll(&entry, 1, kAnswerMs) != 1) throw std::runtime_error("the shim does not answer");
    const auto reply = receive(socket.get());
    if (!reply) return std::nullopt;
    if (reply->frame.header.type == ocelot::control::Type::Reply)
      return json::parse(reply->frame.payload);
  }
}

bool is_error(const json& told) {
  return told.contains("error");
}

std::string message(const json& told) {
  return is_error(told) ? told["error"]["message"].get<std::string>() : std::string{};
}

// `delete --force`. What a killed shim left has become ours: a pid namespace does not end before
// its zombies are reaped.
Output remove(const Runtime& runtime) {
  Command deleting{runtime.command({"delete", "--force", "c"})};
  for (siginfo_t ended{};;) {
    checked(::waitid(P_ALL, 0, &ended, WEXITED | WNOWAIT), "waitid");
    if (ended.si_pid == deleting.pid()) return deleting.wait();
    ::waitpid(ended.si_pid, nullptr, 0);
  }
}

// What an operation did can be seen in this container: its process counts a signal.
struct Subject {
  const Runtime& runtime;
  const Bundle& bundle;
  std::string log;
  Shimmed::Until until;
  Shimmed shimmed{runtime, bundle, {"--output-log", log}, until};

  std::string status() const { return runtime.status("c"); }
  unsigned signals() const {
    runtime.kill("c", "TERM");
    wait_for_end(shimmed.pidfd());
    runtime.call({"wait", "--format", "json", "c"});
    const std::string text = ocelot::test::read_file(log);
    return json::parse(text.substr(text.find('['))).at(0).at("result");
  }
  // Lines of a file, when nothing but init is left that may write some.
  unsigned lines() const {
    while (json::parse(runtime.call({"ps", "--format", "json", "c"}).out).size() > 1) continue;
    const std::string path = bundle.rootfs() + "/effects";
    if (!std::filesystem::exists(path)) return 0;
    return static_cast<unsigned>(std::ranges::count(ocelot::test::read_file(path), '\n'));
  }
};

struct Operation {
  std::string name;
  std::string document;
  // How many effects there were, looked at when a shim has answered.
  std::function<unsigned(const Subject&)> effects;
  // A container that is not the plain one.
  std::function<void(Bundle&)> change = [](Bundle&) {};
  // What was begun need not be complete: it may lose its terminal.
  bool may_be_cut_short = false;
};

// Where poststop hooks leave a line.
std::string poststop_file(const Bundle& bundle) {
  return bundle.path() + "/poststop";
}

void add_poststop_hook(Bundle& bundle) {
  bundle.config["hooks"]["poststop"] = {
      {{"path", "/bin/sh"},
       {"args", {"sh", "-c", "cat > /dev/null; echo ran >> " + poststop_file(bundle)}}}};
}

class Interruption {
 public:
  explicit Interruption(const Operation& operation) : operation_{operation} {
    bundle_.args(probe_args({{"count-signals", "40"}}));
    bundle_.config["root"]["readonly"] = false;
    operation.change(bundle_);
    before_.emplace(std::vector<std::string>{runtime_.root()});
  }

  void at_each_call(Kill kill) {
    killed_ = unknown_ = 0;
    const long count = at(0, Kill::nobody);
    BOOST_TEST_REQUIRE(count > 20);
    const std::vector<long> calls = calls_to_stop_at(count, kSample);
    for (const long call : calls) at(call, kill);
    BOOST_TEST_MESSAGE(operation_.name << ": " << count << " system calls, stopped at "
                                       << calls.size() << "; " << killed_ << " shims killed, "
                                       << unknown_ << " answers not known");
  }

 private:
  // Of one container; returns the number of calls.
  long at(long call, Kill kill) {
    const TempDir files;
    std::filesystem::remove(bundle_.rootfs() + "/effects");
    std::filesystem::remove(poststop_file(bundle_));
    Stepped stepped;
    {
      const bool is_start = operation_.name == "start";
      const Subject subject{runtime_, bundle_, files / "log",
                            is_start ? Shimmed::Until::created : Shimmed::Until::running};
      if (!is_start) wait_until_ready();
      if (operation_.name == "resume") BOOST_TEST(runtime_.call({"pause", "c"}).status == 0);
      Stepping stepping{subject.shimmed.shim_pid(), {.at = call, .kill = kill}};
      const std::optional<json> first = answer(runtime_, operation_.document);
      stepped = stepping.stop();
      BOOST_TEST_CONTEXT(operation_.name << " at system call " << call << " (" << stepped.last
                                         << ")") {
        judge(subject, first, kill);
        const Output removed = remove(runtime_);
        BOOST_TEST(removed.status == 0, removed.err);
        // The process that is killed may be the hook.
        if (bundle_.config.contains("hooks") && kill != Kill::stopped)
          BOOST_TEST(std::filesystem::exists(poststop_file(bundle_)));
      }
    }
    const std::vector<std::string> left = before_->since();
    BOOST_TEST(left == std::vector<std::string>{}, boost::test_tools::per_element());
    return stepped.calls;
  }

  void judge(const Subject& subject, const std::optional<json>& first, Kill kill) {
    if (!first) BOOST_TEST((kill != Kill::nobody));
    // One that was killed after it had answered may still be about to end: it answers nobody more.
    const bool alone = !first || runtime_.call({"shim", "status", "c"}).status != 0;
    if (alone) {
      wait_for_end(subject.shimmed.shim_pidfd());
      wait_for_workers();
    }
    killed_ += alone;
    const std::string status = subject.status();
    if (status == "absent") {
      BOOST_TEST(operation_.name == "delete");
      return;
    }
    if (alone) {
      manage_directly(status);
      const Output adopted = runtime_.call({"shim", "adopt", "c"});
      // Of one whose removal has begun some files may be gone, or all.
      if (adopted.status != 0 && operation_.name == "delete") return;
      BOOST_TEST_REQUIRE(adopted.status == 0, adopted.err);
    }
    const std::optional<json> second = answer(runtime_, operation_.document);
    BOOST_TEST_REQUIRE(second.has_value());
    if (first) BOOST_TEST(*second == *first);
    const bool unknown = contains(message(*second), "not known");
    unknown_ += unknown;
    if (is_error(*second) && kill != Kill::stopped) BOOST_TEST(unknown, *second);
    if (operation_.name == "delete") {
      BOOST_TEST((is_error(*second) || subject.status() == "absent"));
      return;
    }
    const unsigned effects = operation_.effects(subject);
    BOOST_TEST(effects <= 1u);
    // The process that is killed may be the program that exec has run.
    const bool is_program = kill == Kill::stopped && operation_.name == "exec";
    if (!is_error(*second) && !is_program && !operation_.may_be_cut_short)
      BOOST_TEST(effects == 1u);
  }

  void wait_until_ready() const {
    Command attached{runtime_.command({"attach", "--no-stdin", "c"})};
    attached.read_until("ready\n");
  }

  // They end with the shim; until they have, they hold copies of its socket.
  static void wait_for_workers() {
    const auto is_worker = [](const std::string& process) {
      return contains(process, "ocelot") && !contains(process, ":INIT]");
    };
    while (std::ranges::any_of(living_descendants(), is_worker)) continue;
  }

  void manage_directly(const std::string& status) const {
    BOOST_TEST(runtime_.call({"ps", "c"}).status == 0);
    if (status == "stopped") return;
    const Output probed = runtime_.kill("c", "0");
    // A worker of `delete` may have killed it, and it has ended since we looked.
    const bool ending = operation_.name == "delete" && contains(probed.err, "not running");
    BOOST_TEST((probed.status == 0 || ending), probed.err);
  }

  const Operation& operation_;
  const Runtime runtime_;
  Bundle bundle_;
  std::optional<Leftovers> before_;
  unsigned killed_ = 0, unknown_ = 0;
};

void interrupt(const Operation& operation) {
  Interruption interruption{operation};
  for (const Kill kill : {Kill::main, Kill::stopped}) interruption.at_each_call(kill);
}

// The client of a shim that goes on: `before` and the interrupted command, again and again.
void interrupt_client(const std::vector<std::string>& words,
                      const std::vector<std::string>& after = {}) {
  const Runtime runtime;
  Bundle bundle;
  const Shimmed shimmed{runtime, bundle.args({"sleep", "1000"})};
  const std::vector<std::string> command = runtime.command(words);
  const auto descriptors = [&] {
    const std::filesystem::directory_iterator open{"/proc/" + std::to_string(shimmed.shim_pid()) +
                                                   "/fd"};
    return std::distance(begin(open), end(open));
  };
  // What one has left is closed when the shim has seen that it is gone.
  const auto settled = [&](std::ptrdiff_t most) {
    json status = shimmed.shim_status();
    for (int i = 0; i < 1000 && (status["underWay"] != 0 || status["connections"].size() > 1 ||
                                 descriptors() > most);
         ++i)
      status = shimmed.shim_status();
    return status["underWay"] == 0 && descriptors() <= most;
  };
  const long count = step(command).calls;
  if (!after.empty()) BOOST_TEST(runtime.call(after).status == 0);
  settled(std::numeric_limits<std::ptrdiff_t>::max());
  const std::ptrdiff_t before = descriptors();
  const std::vector<long> calls = calls_to_stop_at(count, kSample);
  for (const long call : calls) {
    const Stepped stepped = step(command, {.at = call, .kill = Kill::main});
    BOOST_TEST_CONTEXT(words.front() << " at system call " << call << " (" << stepped.last << ")") {
      BOOST_TEST(settled(before));
      BOOST_TEST(is_alive(shimmed.shim_pidfd()));
      if (!after.empty()) runtime.call(after);  // there is something to undo, or there is not
      BOOST_TEST(runtime.status("c") == "running");
    }
  }
  BOOST_TEST_MESSAGE(words.front() << ": " << count << " system calls of the client, stopped at "
                                   << calls.size());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(kill_shim_everywhere, *needs::root() * needs::ocelot())

BOOST_AUTO_TEST_CASE(start) {
  interrupt({"start", R"({"operation":"start"})",
             [](const Subject& subject) { return subject.status() == "created" ? 0 : 1; }});
}
BOOST_AUTO_TEST_CASE(pause) {
  interrupt({"pause", R"({"operation":"pause"})",
             [](const Subject& subject) { return subject.status() == "paused" ? 1 : 0; }});
}
BOOST_AUTO_TEST_CASE(resume) {
  interrupt({"resume", R"({"operation":"resume"})",
             [](const Subject& subject) { return subject.status() == "running" ? 1 : 0; }});
}
BOOST_AUTO_TEST_CASE(kill) {
  interrupt({"kill", R"({"operation":"kill","signal":40,"all":true})",
             [](const Subject& subject) { return subject.signals(); }});
}
BOOST_AUTO_TEST_CASE(exec) {
  interrupt({"exec",
             R"({"operation":"exec","cwd":"/","args":["/bin/sh","-c","echo effect >> /effects"]})",
             [](const Subject& subject) { return subject.lines(); }});
}
// It hangs up when the shim is killed.
BOOST_AUTO_TEST_CASE(exec_with_a_terminal) {
  interrupt({.name = "exec",
             .document = R"({"operation":"exec","cwd":"/","terminal":true,"keepStreams":true,
                             "args":["/bin/sh","-c","echo effect >> /effects"]})",
             .effects = [](const Subject& subject) { return subject.lines(); },
             .may_be_cut_short = true});
}
BOOST_AUTO_TEST_CASE(update, *needs::controller("pids")) {
  interrupt({"update", R"({"operation":"update","resources":{"pids":{"limit":77}}})",
             [](const Subject& subject) {
               return subject.bundle.cgroup_file("pids", "pids.max") == "77" ? 1 : 0;
             }});
}
BOOST_AUTO_TEST_CASE(delete_by_force) {
  interrupt({"delete", R"({"operation":"delete","force":true})", {}});
}
BOOST_AUTO_TEST_CASE(delete_of_a_container_with_hooks) {
  interrupt({.name = "delete",
             .document = R"({"operation":"delete","force":true})",
             .effects = {},
             .change = add_poststop_hook});
}

BOOST_AUTO_TEST_CASE(client_of_exec) {
  interrupt_client({"exec", "c", "true"});
}
BOOST_AUTO_TEST_CASE(client_of_pause) {
  interrupt_client({"pause", "c"}, {"resume", "c"});
}
BOOST_AUTO_TEST_CASE(client_of_update, *needs::controller("pids")) {
  interrupt_client({"update", "--pids-limit", "50", "c"});
}

BOOST_AUTO_TEST_SUITE_END()
