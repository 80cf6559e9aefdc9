// Very many containers with a shim each, made, started and ended at the same time.
#include <signal.h>

#include <deque>
#include <map>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

constexpr unsigned kContainers = 200;

RunOptions patient() {
  RunOptions options;
  options.timeout = std::chrono::minutes{2};  // they share the processors
  return options;
}

// `VERB ID WORDS` of all of them at once. Each must succeed.
void of_all(const Runtime& runtime, const std::string& verb,
            const std::vector<std::string>& words = {}) {
  std::vector<Command> commands;
  for (unsigned i = 0; i < kContainers; ++i) {
    std::vector<std::string> each{verb, "c" + std::to_string(i)};
    each.insert(each.end(), words.begin(), words.end());
    commands.emplace_back(runtime.command(each), patient());
  }
  for (Command& command : commands) {
    const Output output = command.wait();
    BOOST_TEST(output.status == 0, verb << ": " << output.err);
  }
}

// Their statuses and how many of each.
std::map<std::string, unsigned> statuses(const Runtime& runtime) {
  std::map<std::string, unsigned> count;
  for (const json& each : json::parse(runtime.call({"list", "--format", "json"}).out))
    ++count[each.at("status")];
  return count;
}

using Statuses = std::map<std::string, unsigned>;

}  // namespace

BOOST_AUTO_TEST_SUITE(shim_many, *needs::root() * needs::ocelot())

BOOST_AUTO_TEST_CASE(two_hundred_at_once_and_nothing_is_left) {
  const Runtime runtime;
  Bundle bundle;
  bundle.args({"sleep", "1000"});
  const Leftovers leftovers{{runtime.root()}};

  // One root file system for all of them: it is read-only.
  std::deque<TempDir> directories;
  const std::string cgroup = bundle.linux()["cgroupsPath"];
  bundle.config["root"]["path"] = bundle.rootfs();
  std::vector<Command> creating;
  for (unsigned i = 0; i < kContainers; ++i) {
    const std::string id = "c" + std::to_string(i);
    bundle.linux()["cgroupsPath"] = cgroup + "-" + id;
    write_file(directories.emplace_back() / "config.json", bundle.config.dump());
    creating.emplace_back(
        runtime.command({"create", "--shim", "--bundle", directories.back().path(), id}),
        patient());
  }
  for (Command& command : creating) {
    const Output output = command.wait();
    BOOST_TEST(output.status == 0, output.err);
  }
  BOOST_TEST((statuses(runtime) == Statuses{{"created", kContainers}}));
  of_all(runtime, "start");
  BOOST_TEST((statuses(runtime) == Statuses{{"running", kContainers}}));

  std::vector<UniqueFd> shims;
  for (unsigned i = 0; i < kContainers; ++i) {
    const Output status = runtime.call({"shim", "status", "c" + std::to_string(i)});
    BOOST_TEST_REQUIRE(status.status == 0, status.err);
    shims.push_back(open_pidfd(json::parse(status.out).at("pid")));
  }
  of_all(runtime, "kill", {"KILL"});
  of_all(runtime, "wait", {"--format", "json"});
  BOOST_TEST((statuses(runtime) == Statuses{{"stopped", kContainers}}));
  of_all(runtime, "delete");
  for (const UniqueFd& shim : shims) wait_for_end(shim.get());
  BOOST_TEST(leftovers.since() == std::vector<std::string>{}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
