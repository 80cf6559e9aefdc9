// Operations on one container at the same time (F22), and one that never ends (F4).
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "tests/faults/step.hpp"
#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;
using namespace std::chrono_literals;

namespace {

constexpr int kRounds = 15;

using Pair = std::pair<Output, Output>;

Pair at_once(const Runtime& runtime, const std::vector<std::string>& one,
             const std::vector<std::string>& other) {
  Command first{runtime.command(one)};
  Command second{runtime.command(other)};
  Output first_output = first.wait();
  return {std::move(first_output), second.wait()};
}

void check_legal(const std::string& status) {
  BOOST_TEST(
      (status == "absent" || status == "created" || status == "running" || status == "stopped"),
      "status " << status);
}

// A createRuntime hook that says that it runs and then waits, so that `create` holds the container
// and makes no progress.
class Gate {
 public:
  explicit Gate(Bundle& bundle) {
    for (const char* name : {"arrived", "open"})
      checked(::mkfifo((files_ / name).c_str(), 0600), "mkfifo");
    // Both ends are ours, too: no open of either side blocks.
    arrived_ = UniqueFd{checked(::open((files_ / "arrived").c_str(), O_RDWR | O_CLOEXEC), "open")};
    open_ = UniqueFd{checked(::open((files_ / "open").c_str(), O_RDWR | O_CLOEXEC), "open")};
    const std::string script =
        "echo > " + (files_ / "arrived") + "; read line < " + (files_ / "open");
    bundle.config["hooks"]["createRuntime"] = {
        {{"path", "/bin/sh"}, {"args", {"sh", "-c", script}}}};
  }

  bool wait_for_arrival() {
    pollfd entry{arrived_.get(), POLLIN, 0};
    return ::poll(&entry, 1, 20'000) == 1;
  }
  void take_arrival() {
    char byte;
    checked(static_cast<int>(::read(arrived_.get(), &byte, 1)), "read");
  }
  void open() { checked(static_cast<int>(::write(open_.get(), "\n", 1)), "write"); }

 private:
  TempDir files_;
  UniqueFd arrived_;
  UniqueFd open_;
};

bool has_open(const Command& command, const std::string& path) {
  const std::string fds = "/proc/" + std::to_string(command.pid()) + "/fd";
  return std::ranges::any_of(std::filesystem::directory_iterator{fds}, [&](const auto& entry) {
    std::error_code closed_meanwhile;
    return std::filesystem::read_symlink(entry.path(), closed_meanwhile) == path;
  });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(concurrency, *needs::root())

BOOST_AUTO_TEST_CASE(of_32_creates_of_one_id_one_wins) {
  Runtime runtime;
  Bundle bundle;
  // Without a common cgroup: a reference takes one that is there and not empty for its own.
  bundle.args({"/bin/true"}).linux().erase("cgroupsPath");
  const Leftovers before{{runtime.root()}};
  bundle.write();
  std::vector<Command> creates;
  for (int i = 0; i < 32; ++i)
    creates.emplace_back(runtime.command({"create", "--bundle", bundle.path(), "c"}));
  int winners = 0;
  for (Command& create : creates) {
    const Output output = create.wait();
    if (output.status == 0)
      ++winners;
    else
      check_error(output, "exist");
  }
  BOOST_TEST(winners == 1);
  BOOST_TEST(runtime.status("c") == "created");
  BOOST_TEST(runtime.del("c", {"--force"}).status == 0);
  BOOST_TEST(before.since().empty());
}

BOOST_AUTO_TEST_CASE(creates_of_many_ids_do_not_disturb_one_another) {
  Runtime runtime;
  std::vector<Bundle> bundles(12);
  const Leftovers before{{runtime.root()}};
  std::vector<Command> creates;
  for (size_t i = 0; i < bundles.size(); ++i) {
    bundles[i].args({"/bin/true"}).write();
    creates.emplace_back(
        runtime.command({"create", "--bundle", bundles[i].path(), "c" + std::to_string(i)}));
  }
  for (Command& create : creates) {
    const Output output = create.wait();
    BOOST_TEST(output.status == 0, output.err);
  }
  for (size_t i = 0; i < bundles.size(); ++i)
    BOOST_TEST(runtime.del("c" + std::to_string(i), {"--force"}).status == 0);
  BOOST_TEST(before.since().empty());
}

BOOST_AUTO_TEST_CASE(create_and_delete_at_once_leave_a_container_or_none,
                     *needs::ocelot("runc has no lock")) {
  Runtime runtime;
  Bundle bundle;
  bundle.args({"/bin/true"}).write();
  const Leftovers before{{runtime.root()}};
  for (int round = 0; round < kRounds; ++round) {
    const auto [created, deleted] =
        at_once(runtime, {"create", "--bundle", bundle.path(), "c"}, {"delete", "--force", "c"});
    BOOST_TEST(deleted.status == 0, deleted.err);
    const std::string status = runtime.status("c");
    BOOST_TEST((status == "created" || status == "absent"), status);
    if (status == "created") BOOST_TEST(created.status == 0, created.err);
    if (created.status != 0) BOOST_TEST(status == "absent");
    BOOST_TEST(runtime.del("c", {"--force"}).status == 0);
    const std::vector<std::string> left = before.since();
    BOOST_TEST(left.empty(), "left behind: " << (left.empty() ? "" : left.front()));
  }
}

// It has found no shim to ask, and gets the lock when the shim is about to serve, or to fail.
BOOST_AUTO_TEST_CASE(delete_that_waits_for_a_creation_leaves_no_shim,
                     *needs::ocelot("runc has no shim")) {
  Runtime runtime;
  Bundle bundle;
  bundle.args({"sleep", "1000"});
  Gate gate{bundle};
  bundle.write();
  const std::string container = bundle.linux().at("cgroupsPath");
  const std::vector<std::vector<std::string>> makings{
      {"create", "--shim-cgroup", cgroup_parent() + "/shim"},
      {"run", "--detach", "--shim-cgroup", cgroup_parent() + "/shim"},
      {"create", "--shim-cgroup", container + "/refused"}};
  const Leftovers before{{runtime.root()}};
  for (std::vector<std::string> words : makings) {
    words.insert(words.end(), {"--shim", "--bundle", bundle.path(), "c"});
    for (int round = 0; round < kRounds; ++round) {
      Command making{runtime.command(words)};
      BOOST_TEST_REQUIRE(gate.wait_for_arrival());
      gate.take_arrival();
      const auto begin = std::chrono::steady_clock::now();
      Command deleting{runtime.command({"delete", "--force", "c"})};
      while (!has_open(deleting, runtime.root() + "/c/lock"))
        BOOST_TEST_REQUIRE((std::chrono::steady_clock::now() - begin < 20s));
      gate.open();
      const Output made = making.wait();
      BOOST_TEST((made.status == 0 || contains(made.err, "deleted meanwhile") ||
                  contains(made.err, "does not exist") || contains(made.err, "or below it")),
                 made.err);
      const Output deleted = deleting.wait();
      BOOST_TEST(deleted.status == 0, deleted.err);
      // It does not wait for the answer of one who has gone.
      BOOST_TEST((std::chrono::steady_clock::now() - begin < 10s));
      BOOST_TEST(before.since() == std::vector<std::string>{}, boost::test_tools::per_element());
    }
  }
}

// They, too, have found no shim, and one is there when they get the lock.
BOOST_AUTO_TEST_CASE(what_waits_for_a_creation_asks_its_shim, *needs::ocelot("runc has no shim")) {
  Runtime runtime;
  Bundle bundle;
  bundle.args({"sleep", "1000"});
  Gate gate{bundle};
  bundle.write();
  const std::vector<std::vector<std::string>> changes{
      {"start", "c"}, {"pause", "c"}, {"update", "--pids-limit", "7", "c"}};
  const Leftovers before{{runtime.root()}};
  for (const std::vector<std::string>& words : changes) {
    Command making{runtime.command({"create", "--shim", "--bundle", bundle.path(), "c"})};
    BOOST_TEST_REQUIRE(gate.wait_for_arrival());
    gate.take_arrival();
    const auto begin = std::chrono::steady_clock::now();
    Command changing{runtime.command(words)};
    while (!has_open(changing, runtime.root() + "/c/lock"))
      BOOST_TEST_REQUIRE((std::chrono::steady_clock::now() - begin < 20s));
    gate.open();
    BOOST_TEST(making.wait().status == 0);
    const Output changed = changing.wait();
    BOOST_TEST(changed.status == 0, changed.err);
    const Output status = runtime.call({"shim", "status", "c"});
    BOOST_TEST(json::parse(status.out).at("control").at("latency").contains(words[0]), status.out);
    BOOST_TEST(runtime.del("c", {"--force"}).status == 0);
  }
  BOOST_TEST(before.since() == std::vector<std::string>{}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(shims_that_come_and_go_share_a_cgroup, *needs::ocelot("runc has no shim")) {
  Runtime runtime;
  Bundle one, other;
  one.args({"sleep", "1000"}).write();
  other.args({"sleep", "1000"}).write();
  const Leftovers before{{runtime.root()}};
  const auto running = [&](const Bundle& bundle, const char* id) -> std::vector<std::string> {
    return {"run",      "--shim",      "--detach", "--shim-cgroup", cgroup_parent() + "/shared",
            "--bundle", bundle.path(), id};
  };
  BOOST_TEST(runtime.call(running(one, "one")).status == 0);
  for (int round = 0; round < 3 * kRounds; ++round) {
    const bool even = round % 2 == 0;
    const char* goes = even ? "one" : "other";
    const char* comes = even ? "other" : "one";
    const auto [deleted, made] =
        at_once(runtime, {"delete", "--force", goes}, running(even ? other : one, comes));
    BOOST_TEST(deleted.status == 0, deleted.err);
    BOOST_TEST_REQUIRE(made.status == 0, made.err);
  }
  BOOST_TEST(runtime.del("one", {"--force"}).status == 0);
  BOOST_TEST(runtime.del("other", {"--force"}).status == 0);
  BOOST_TEST(before.since() == std::vector<std::string>{}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(of_two_starts_one_wins) {
  for (int round = 0; round < kRounds; ++round) {
    Runtime runtime;
    Bundle bundle;
    Container container = runtime.must_create(bundle.args({"/bin/sleep", "1000"}));
    const auto [one, other] = at_once(runtime, {"start", "c"}, {"start", "c"});
    BOOST_TEST(std::min(one.status, other.status) == 0, one.err + other.err);
    BOOST_TEST(std::max(one.status, other.status) == 1);
    check_error(one.status == 0 ? other : one, "cannot start an already running container");
    BOOST_TEST(container.state()["status"] == "running");
    container.kill("KILL");
    container.wait();
  }
}

BOOST_AUTO_TEST_CASE(kill_and_delete_at_once_end_the_container) {
  Runtime runtime;
  Bundle bundle;
  for (int round = 0; round < kRounds; ++round) {
    Container container = runtime.must_create(bundle.args({"/bin/sleep", "1000"}));
    container.start();
    const auto [killed, deleted] =
        at_once(runtime, {"kill", "c", "KILL"}, {"delete", "--force", "c"});
    BOOST_TEST(deleted.status == 0, deleted.err);
    if (killed.status != 0)
      BOOST_TEST((contains(killed.err, "not running") || contains(killed.err, "does not exist")),
                 killed.err);
    container.wait();
    BOOST_TEST(runtime.status("c") == "absent");
  }
}

BOOST_AUTO_TEST_CASE(start_and_delete_at_once_end_in_a_legal_state) {
  Runtime runtime;
  Bundle bundle;
  for (int round = 0; round < kRounds; ++round) {
    Container container = runtime.must_create(bundle.args({"/bin/sleep", "1000"}));
    const auto [started, deleted] = at_once(runtime, {"start", "c"}, {"delete", "--force", "c"});
    BOOST_TEST(deleted.status == 0, deleted.err);
    check_legal(runtime.status("c"));
    runtime.del("c", {"--force"});
    container.wait();
  }
}

BOOST_AUTO_TEST_CASE(foreground_run_removes_no_other_container_of_its_id,
                     *needs::ocelot("runc removes whatever has the id")) {
  Runtime runtime;
  Bundle first, second;
  first.shell("echo ready; exec cat");
  RunOptions options;
  options.keep_input_open = true;
  Command running = runtime.run_in_foreground(first, "c", {}, options);
  running.read_until("ready\n");
  runtime.call({"resume", "c"});  // waits until it holds the container no longer
  running.send(SIGSTOP);
  const Output removed = runtime.del("c", {"--force"});
  BOOST_TEST(removed.status == 0, removed.err);
  Container container = start_echo(runtime, second);
  running.send(SIGCONT);
  BOOST_TEST(running.wait().status == 128 + SIGKILL);
  BOOST_TEST(runtime.status("c") == "running");
  container.close_input();
  container.wait();
  BOOST_TEST(container.del().status == 0);
}

BOOST_AUTO_TEST_CASE(a_busy_container_names_its_holder_and_state_answers,
                     *needs::ocelot("runc has no lock")) {
  Runtime runtime;
  Bundle bundle;
  Gate gate{bundle};
  bundle.args({"/bin/true"}).write();
  const Leftovers before{{runtime.root()}};
  {
    Command create{runtime.command({"create", "--bundle", bundle.path(), "c"})};
    BOOST_TEST_REQUIRE(gate.wait_for_arrival());
    RunOptions quick;
    quick.timeout = 1s;
    const Output state = runtime.call({"state", "c"}, quick);
    BOOST_TEST(json::parse(state.out)["status"] == "creating");
    const Output refused = runtime.del("c", {"--force"});
    check_error(refused, "process " + std::to_string(create.pid()) + " create");
    gate.open();
    const Output created = create.wait();
    BOOST_TEST(created.status == 0, created.err);
  }
  BOOST_TEST(runtime.del("c", {"--force"}).status == 0);
  BOOST_TEST(before.since().size() == 0U);
}

BOOST_AUTO_TEST_CASE(the_lock_of_a_dead_holder_is_free, *needs::ocelot("runc has no lock")) {
  Runtime runtime;
  Bundle bundle;
  Gate gate{bundle};
  bundle.args({"/bin/true"}).write();
  const Leftovers before{{runtime.root()}};
  {
    Command create{runtime.command({"create", "--bundle", bundle.path(), "c"})};
    BOOST_TEST_REQUIRE(gate.wait_for_arrival());
    create.send(SIGKILL);
    BOOST_TEST(create.wait().status == 128 + SIGKILL);
    gate.open();
  }
  RunOptions quick;
  quick.timeout = 5s;
  const Output removed = runtime.call({"delete", "--force", "c"}, quick);
  BOOST_TEST(removed.status == 0, removed.err);
  BOOST_TEST(before.since().empty());
}

BOOST_AUTO_TEST_SUITE_END()
