// What becomes of a container whose shim is killed, and of the shim that adopts it.
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <sstream>
#include <stdexcept>

#include "tests/support/black_box.hpp"

namespace {

using namespace ocelot::test;
using nlohmann::json;

pid_t shim_of(const Runtime& runtime) {
  const Output status = runtime.call({"shim", "status", "c"});
  BOOST_REQUIRE_EQUAL(status.status, 0);
  return json::parse(status.out).at("pid");
}

void kill_shim(const Runtime& runtime) {
  const pid_t pid = shim_of(runtime);
  const UniqueFd shim = open_pidfd(pid);
  checked(::kill(pid, SIGKILL), "kill");
  wait_for_end(shim.get());
}

void with_shim(const Runtime& runtime, Bundle& bundle, const std::string& command,
               std::vector<std::string> flags = {}) {
  bundle.write();
  std::vector<std::string> words{command, "--shim", "--bundle", bundle.path()};
  if (command == "run") words.emplace_back("--detach");
  words.insert(words.end(), flags.begin(), flags.end());
  words.emplace_back("c");
  const Output made = runtime.call(words);
  BOOST_REQUIRE_MESSAGE(made.status == 0, made.err);
}

void adopt(const Runtime& runtime) {
  const Output adopted = runtime.call({"shim", "adopt", "c"});
  BOOST_REQUIRE_MESSAGE(adopted.status == 0, adopted.err);
}

// Init, which was left to this process when its shim was killed.
UniqueFd init_of(const Runtime& runtime) {
  return open_pidfd(runtime.state("c").at("pid").get<pid_t>());
}

const char* const ends_with_7 = "trap 'exit 7' TERM; echo up; while :; do sleep 0.05; done";

// The process that keeps the terminal, a child of the shim. It takes its name by itself.
pid_t keeper_of(pid_t shim) {
  const std::string pid = std::to_string(shim);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (std::chrono::steady_clock::now() < deadline) {
    std::istringstream children{read_file("/proc/" + pid + "/task/" + pid + "/children")};
    for (pid_t child = 0; children >> child;)
      if (read_file("/proc/" + std::to_string(child) + "/comm") == "ocelot:terminal\n")
        return child;
  }
  throw std::runtime_error("the shim has no keeper of a terminal");
}

// KiB of memory that the process has written, or a process that it is a copy of.
unsigned long anonymous(pid_t pid) {
  std::istringstream lines{read_file("/proc/" + std::to_string(pid) + "/smaps_rollup")};
  for (std::string word; lines >> word;) {
    unsigned long count = 0;
    if (word == "Anonymous:" && lines >> count) return count;
  }
  throw std::runtime_error("no Anonymous");
}

bool is_static(pid_t pid) {
  return !contains(read_file("/proc/" + std::to_string(pid) + "/maps"), "/ld-");
}

// Waits until the container has written `text`, as who attaches sees it.
void wait_for_output(const Runtime& runtime, const std::string& text) {
  Command attached{runtime.command({"attach", "--no-stdin", "c"})};
  attached.read_until(text);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(shim_life, *needs::root() * needs::ocelot())

BOOST_AUTO_TEST_CASE(killing_the_shim_leaves_the_container_running_and_manageable) {
  Runtime runtime;
  Bundle bundle;
  with_shim(runtime, bundle.args({"sleep", "1000"}), "run");
  const UniqueFd init = init_of(runtime);
  kill_shim(runtime);

  BOOST_TEST(runtime.status("c") == "running");
  BOOST_TEST(runtime.call({"exec", "c", "true"}).status == 0);
  BOOST_TEST(runtime.call({"pause", "c"}).status == 0);
  BOOST_TEST(runtime.status("c") == "paused");
  BOOST_TEST(runtime.call({"resume", "c"}).status == 0);
  BOOST_TEST(runtime.kill("c", "KILL").status == 0);
  wait_for_end(init.get());
  BOOST_TEST(runtime.del("c").status == 0);
  BOOST_TEST(runtime.ids().empty());
}

BOOST_AUTO_TEST_CASE(a_shim_that_adopts_knows_how_the_container_ends) {
  Runtime runtime;
  Bundle bundle;
  TempDir directory;
  const std::string log = directory / "log";
  with_shim(runtime, bundle.shell(ends_with_7), "run", {"--output-log", log});
  wait_for_output(runtime, "up");
  const UniqueFd init = init_of(runtime);
  kill_shim(runtime);
  adopt(runtime);
  BOOST_TEST(runtime.status("c") == "running");

  BOOST_TEST(runtime.kill("c").status == 0);
  wait_for_end(init.get());
  const Output waited = runtime.call({"wait", "c"});
  BOOST_TEST(waited.out == "7\n");
  BOOST_TEST(json::parse(read_file(runtime.root() + "/c/exit.json")).at("status") == 7);
  BOOST_TEST(runtime.del("c").status == 0);
}

BOOST_AUTO_TEST_CASE(output_while_nobody_listens_is_logged_by_the_shim_that_adopts) {
  Runtime runtime;
  Bundle bundle;
  TempDir directory;
  const std::string log = directory / "log";
  with_shim(runtime,
            bundle.shell("trap 'echo alone' USR1; echo before; "
                         "while :; do sleep 0.02; done"),
            "run", {"--output-log", log});
  wait_for_output(runtime, "before");
  kill_shim(runtime);
  BOOST_TEST(runtime.kill("c", "USR1").status == 0);
  adopt(runtime);
  wait_for_output(runtime, "alone");
  const std::string text = read_file(log);
  BOOST_TEST(text.find("alone") != std::string::npos);
  BOOST_TEST(text.find("before") < text.find("alone"));
}

BOOST_AUTO_TEST_CASE(a_container_that_ended_without_a_shim_has_an_unknown_status) {
  Runtime runtime;
  Bundle bundle;
  with_shim(runtime, bundle.shell(ends_with_7), "run");
  const UniqueFd init = init_of(runtime);
  kill_shim(runtime);
  BOOST_TEST(runtime.kill("c", "KILL").status == 0);
  wait_for_end(init.get());
  adopt(runtime);

  const Output exit = runtime.call({"wait", "--format", "json", "c"});
  BOOST_TEST(exit.status == 0);
  BOOST_TEST(json::parse(exit.out).at("status") == "unknown");
  BOOST_TEST(runtime.call({"wait", "c"}).status == 1);
  BOOST_TEST(runtime.status("c") == "stopped");
  BOOST_TEST(runtime.del("c").status == 0);
}

BOOST_AUTO_TEST_CASE(what_was_recorded_before_the_shim_was_killed_is_told_by_the_next) {
  Runtime runtime;
  Bundle bundle;
  with_shim(runtime, bundle.shell("exit 9"), "run");
  BOOST_TEST(runtime.call({"wait", "c"}).out == "9\n");
  kill_shim(runtime);
  adopt(runtime);
  BOOST_TEST(runtime.call({"wait", "c"}).out == "9\n");
  BOOST_TEST(runtime.del("c").status == 0);
}

BOOST_AUTO_TEST_CASE(processes_that_exec_added_are_known_to_the_shim_that_adopts) {
  Runtime runtime;
  Bundle bundle;
  TempDir files;
  with_shim(runtime, bundle.args({"sleep", "1000"}), "run");
  const auto add = [&](const std::string& name, const std::vector<std::string>& program) {
    std::vector<std::string> words{"exec",       "--detach",   "--name", name,
                                   "--pid-file", files / name, "c"};
    words.insert(words.end(), program.begin(), program.end());
    return runtime.call(words).status;
  };
  BOOST_TEST(add("ended", {"true"}) == 0);
  BOOST_TEST(runtime.call({"wait", "--process", "ended", "c"}).out == "0\n");
  BOOST_TEST(add("missing", {"/nowhere"}) == 255);
  BOOST_TEST(add("runs", {"sleep", "1000"}) == 0);
  const UniqueFd process = open_pidfd(std::stoi(read_file(files / "runs")));
  const std::string notes = runtime.root() + "/c/execs";
  BOOST_TEST(std::distance(std::filesystem::directory_iterator{notes}, {}) == 1);
  kill_shim(runtime);
  write_file(notes + "/cut", "{\"pid\":");
  adopt(runtime);
  BOOST_TEST(add("runs", {"true"}) == 255);  // its name is taken
  BOOST_TEST(runtime.call({"kill", "--process", "runs", "c", "KILL"}).status == 0);
  wait_for_end(process.get());
  BOOST_TEST(runtime.call({"wait", "--process", "runs", "c"}).out == "137\n");
  BOOST_TEST(std::filesystem::is_empty(notes));
  for (const char* name : {"ended", "missing", "cut"}) {
    const Output unknown = runtime.call({"wait", "--process", name, "c"});
    BOOST_TEST(contains(unknown.err, "no process"), unknown.err);
  }
}

// What is being added there keeps copies of all that the shim had open.
BOOST_AUTO_TEST_CASE(a_shim_that_was_killed_while_it_added_to_a_paused_container_is_replaced) {
  Runtime runtime;
  Bundle bundle;
  with_shim(runtime, bundle.args({"sleep", "1000"}), "run");
  BOOST_TEST(runtime.call({"pause", "c"}).status == 0);
  Command exec{runtime.command({"exec", "--ignore-paused", "c", "sleep", "1000"})};
  const auto under_way = [&] {
    return json::parse(runtime.call({"shim", "status", "c"}).out).at("underWay").get<int>();
  };
  while (under_way() != 1) continue;
  kill_shim(runtime);
  adopt(runtime);
  BOOST_TEST(runtime.call({"resume", "c"}).status == 0);
  const Output told = exec.wait();
  BOOST_TEST(told.status == 255);
  BOOST_TEST(contains(told.err, "not known"), told.err);
  BOOST_TEST(runtime.call({"exec", "c", "true"}).status == 0);
  // What was being added has ended, and has become a child of this process.
  Command deleting{runtime.command({"delete", "--force", "c"})};
  reap_children_but(deleting.pid());
  BOOST_TEST(deleting.wait().status == 0);
}

BOOST_AUTO_TEST_CASE(a_created_container_is_adopted_and_started) {
  Runtime runtime;
  Bundle bundle;
  with_shim(runtime, bundle.shell("exit 5"), "create");
  const UniqueFd init = init_of(runtime);
  kill_shim(runtime);
  adopt(runtime);
  BOOST_TEST(json::parse(runtime.call({"shim", "status", "c"}).out).at("status") == "created");
  BOOST_TEST(runtime.start("c").status == 0);
  wait_for_end(init.get());
  BOOST_TEST(runtime.call({"wait", "c"}).out == "5\n");
}

BOOST_AUTO_TEST_CASE(a_shim_that_was_upgraded_finds_what_is_installed_beside_it) {
  Runtime runtime;
  Bundle bundle;
  with_shim(runtime, bundle, "create");
  const std::string command_line = "/proc/" + std::to_string(shim_of(runtime)) + "/cmdline";
  const std::string program = read_file(command_line).c_str();
  BOOST_TEST(std::filesystem::exists(program));
  BOOST_TEST(runtime.call({"shim", "upgrade", "c"}).status == 0);
  const std::string upgraded = read_file(command_line).c_str();
  BOOST_TEST_REQUIRE(std::filesystem::path{upgraded}.is_absolute(), upgraded);
  BOOST_TEST(std::filesystem::equivalent(upgraded, program), upgraded);
}

BOOST_AUTO_TEST_CASE(a_shim_that_lives_is_not_replaced) {
  Runtime runtime;
  Bundle bundle;
  with_shim(runtime, bundle.args({"sleep", "1000"}), "run");
  const pid_t shim = shim_of(runtime);
  const Output refused = runtime.call({"shim", "adopt", "c"});
  BOOST_TEST(refused.status == 1);
  BOOST_TEST(refused.err.find("container c has a shim already") != std::string::npos);
  BOOST_TEST(shim_of(runtime) == shim);
}

BOOST_AUTO_TEST_CASE(a_container_that_never_had_a_shim_is_not_adopted) {
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args({"sleep", "1000"}));
  const Output refused = runtime.call({"shim", "adopt", "c"});
  BOOST_TEST(refused.status == 1);
  BOOST_TEST(refused.err.find("never had a shim") != std::string::npos);
  BOOST_TEST(container.start().status == 0);
}

BOOST_AUTO_TEST_CASE(a_terminal_that_hung_up_is_not_adopted) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["terminal"] = true;
  with_shim(runtime, bundle.shell("trap '' HUP; while :; do sleep 1; done"), "create");
  kill_shim(runtime);
  // Not started yet: the first of a pid namespace ignores the hang-up.
  BOOST_REQUIRE_EQUAL(runtime.status("c"), "created");
  const Output refused = runtime.call({"shim", "adopt", "c"});
  BOOST_TEST(refused.status == 1);
  BOOST_TEST(refused.err.find("hung up") != std::string::npos);
  BOOST_TEST(runtime.del("c", {"--force"}).status == 0);
}

BOOST_AUTO_TEST_CASE(a_terminal_that_is_kept_does_not_hang_up_and_is_adopted) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["terminal"] = true;
  bundle.shell("trap 'echo hung up' HUP; echo up; while read x; do echo got $x; done");
  with_shim(runtime, bundle, "run", {"--keep-terminal"});
  const UniqueFd init = init_of(runtime);
  const pid_t keeper = keeper_of(shim_of(runtime));
  const UniqueFd keeper_pidfd = open_pidfd(keeper);
  for (const std::string word : {"one", "two"}) {
    kill_shim(runtime);
    if (is_static(keeper)) BOOST_TEST(anonymous(keeper) < 100u);
    adopt(runtime);
    Pty pty;
    pty.resize(33, 77);
    Command attached{runtime.command({"attach", "c"}), pty.options()};
    pty.write(word + "\r");
    pty.read_until("got " + word);
    BOOST_TEST(!contains(pty.seen(), "hung up"), pty.seen());
    pty.write("\x10\x11");  // ctrl-p ctrl-q
    BOOST_TEST(attached.wait().status == 0);
  }
  const auto descriptors =
      std::filesystem::directory_iterator{"/proc/" + std::to_string(keeper) + "/fd"};
  BOOST_TEST(std::distance(begin(descriptors), end(descriptors)) == 3);
  BOOST_TEST(runtime.kill("c", "KILL").status == 0);
  wait_for_end(init.get());
  wait_for_end(keeper_pidfd.get());
  BOOST_TEST(runtime.call({"wait", "c"}).out == "137\n");
}

BOOST_AUTO_TEST_CASE(a_keeper_that_does_not_answer_is_told_and_adopted_from_later) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["terminal"] = true;
  with_shim(runtime, bundle.args({"sleep", "1000"}), "run", {"--keep-terminal"});
  const pid_t keeper = keeper_of(shim_of(runtime));
  kill_shim(runtime);
  checked(::kill(keeper, SIGSTOP), "kill");
  const Output refused = runtime.call({"shim", "adopt", "c"});
  BOOST_TEST(refused.status == 1);
  BOOST_TEST(contains(refused.err, "does not answer"), refused.err);
  BOOST_REQUIRE_EQUAL(runtime.status("c"), "running");
  checked(::kill(keeper, SIGCONT), "kill");
  adopt(runtime);
  const UniqueFd shim = open_pidfd(shim_of(runtime));
  BOOST_TEST(runtime.del("c", {"--force"}).status == 0);
  wait_for_end(shim.get());
}

BOOST_AUTO_TEST_CASE(a_terminal_whose_keeper_was_killed_hangs_up) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["terminal"] = true;
  with_shim(runtime, bundle.shell("trap '' HUP; while :; do sleep 1; done"), "create",
            {"--keep-terminal"});
  const UniqueFd keeper = open_pidfd(keeper_of(shim_of(runtime)));
  checked(::kill(keeper_of(shim_of(runtime)), SIGKILL), "kill");
  wait_for_end(keeper.get());
  kill_shim(runtime);
  const Output refused = runtime.call({"shim", "adopt", "c"});
  BOOST_TEST(refused.status == 1);
  BOOST_TEST(contains(refused.err, "hung up"), refused.err);
  BOOST_TEST(runtime.del("c", {"--force"}).status == 0);
}

BOOST_AUTO_TEST_SUITE_END()
