// What a shim may be told about itself: its place for the OOM killer, its cgroup, its buffers.
#include <signal.h>

#include <sstream>

#include "tests/support/black_box.hpp"
#include "tests/support/shimmed.hpp"

namespace {

using namespace ocelot::test;
using nlohmann::json;

std::string oom_score(const std::string& pid) {
  std::string text = read_file("/proc/" + pid + "/oom_score_adj");
  text.pop_back();
  return text;
}

std::string cgroups_of(pid_t pid) {
  return read_file("/proc/" + std::to_string(pid) + "/cgroup");
}

// Every line of it, that is, in every hierarchy.
bool all_end_in(const std::string& cgroups, const std::string& path) {
  std::istringstream lines(cgroups);
  for (std::string line; std::getline(lines, line);)
    if (!line.ends_with(":" + path)) return false;
  return !cgroups.empty();
}

std::string refused(const Runtime& runtime, Bundle& bundle, std::vector<std::string> flags,
                    std::vector<std::string> global = {}) {
  bundle.args({"true"}).write();
  std::vector<std::string> words = std::move(global);
  words.insert(words.end(), {"create", "--shim", "--bundle", bundle.path()});
  words.insert(words.end(), flags.begin(), flags.end());
  words.emplace_back("c");
  const Output made = runtime.call(words);
  BOOST_TEST(made.status == 1);
  BOOST_TEST(runtime.ids().empty());
  BOOST_TEST(our_cgroups().empty());
  return made.err;
}

void kill_and_adopt(const Shimmed& container) {
  checked(::kill(container.shim_pid(), SIGKILL), "kill");
  container.wait_for_shim();
  const Output adopted = container.call({"shim", "adopt"});
  BOOST_REQUIRE_MESSAGE(adopted.status == 0, adopted.err);
}

void upgrade(const Shimmed& container) {
  const Output upgraded = container.call({"shim", "upgrade"});
  BOOST_REQUIRE_MESSAGE(upgraded.status == 0, upgraded.err);
}

pid_t current_shim(const Shimmed& container) {
  return container.shim_status().at("pid");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(shim_limits, *needs::root() * needs::ocelot())

BOOST_AUTO_TEST_CASE(the_oom_score_is_the_shims_alone) {
  const std::string ours = oom_score("self");
  Runtime runtime;
  Bundle bundle;
  bundle.process().erase("oomScoreAdj");
  const Shimmed container{runtime, bundle.args({"sleep", "1000"}), {"--shim-oom-score-adj", "321"}};
  BOOST_TEST(oom_score(std::to_string(container.shim_pid())) == "321");
  BOOST_TEST(oom_score(std::to_string(container.pid())) == ours);
  const Output added = container.call({"exec"}, {"cat", "/proc/self/oom_score_adj"});
  BOOST_TEST(added.out == ours + "\n");

  upgrade(container);
  BOOST_TEST(oom_score(std::to_string(container.shim_pid())) == "321");
  BOOST_TEST(container.call({"exec"}, {"cat", "/proc/self/oom_score_adj"}).out == ours + "\n");
  kill_and_adopt(container);
  BOOST_TEST(oom_score(std::to_string(current_shim(container))) == "321");
  BOOST_TEST(container.call({"exec"}, {"cat", "/proc/self/oom_score_adj"}).out == ours + "\n");
}

BOOST_AUTO_TEST_CASE(an_oom_score_that_cannot_be_is_refused) {
  Runtime runtime;
  Bundle bundle;
  for (const char* value : {"1001", "-1001", "many", ""}) {
    const std::string told = refused(runtime, bundle, {"--shim-oom-score-adj", value});
    BOOST_TEST(contains(told, "is no whole number from -1000 to 1000"), told);
  }
}

BOOST_AUTO_TEST_CASE(a_lower_oom_score_needs_a_capability_and_the_error_says_so,
                     *needs::no_capability("CAP_SYS_RESOURCE")) {
  Runtime runtime;
  Bundle bundle;
  const std::string told = refused(runtime, bundle, {"--shim-oom-score-adj", "-1000"});
  BOOST_TEST(contains(told, "--shim-oom-score-adj: write -1000"), told);
  BOOST_TEST(contains(told, "CAP_SYS_RESOURCE"), told);
}

BOOST_AUTO_TEST_CASE(the_shim_is_in_its_cgroup_in_every_hierarchy_and_the_container_is_not) {
  const std::string path = cgroup_parent() + "/shims/one";
  const std::string elsewhere = cgroups_of(::getpid());
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["cgroupsPath"] = mark() + "-relative";  // begins where its maker is
  const Shimmed container{runtime, bundle.args({"sleep", "1000"}), {"--shim-cgroup", path}};
  const std::string shims = cgroups_of(container.shim_pid());
  BOOST_TEST(all_end_in(shims, path), shims);
  const std::string inits = cgroups_of(container.pid());
  BOOST_TEST(!contains(inits, path), inits);
  const Output added = container.call({"exec"}, {"cat", "/proc/self/cgroup"});
  BOOST_TEST(!contains(added.out, path), added.out);
  BOOST_TEST(container.call({"pause"}).status == 0);
  BOOST_TEST(container.call({"resume"}).status == 0);

  upgrade(container);
  BOOST_TEST(all_end_in(cgroups_of(container.shim_pid()), path));
  kill_and_adopt(container);
  const std::string again = cgroups_of(current_shim(container));
  BOOST_TEST(all_end_in(again, path), again);
  const UniqueFd shim = open_pidfd(current_shim(container));
  container.remove();
  wait_for_end(shim.get());
  BOOST_TEST(our_cgroups().empty());
  BOOST_TEST(cgroups_of(::getpid()) == elsewhere);
}

BOOST_AUTO_TEST_CASE(where_the_shim_came_from_is_known_to_the_program_after_it) {
  const std::string path = cgroup_parent() + "/shims";
  Runtime runtime;
  Bundle bundle;
  const Shimmed container{runtime, bundle.args({"sleep", "1000"}), {"--shim-cgroup", path}};
  const auto homes = [&] {
    return json::parse(read_file(container.directory() + "/shim-cgroup")).at("homes");
  };
  const json before = homes();
  const std::string own = cgroups_of(::getpid());
  for (const auto& [mount_point, home] : before.items())
    BOOST_TEST((home == "" || contains(own, ":" + home.get<std::string>() + "\n")), home.dump());
  upgrade(container);
  BOOST_TEST(homes() == before);
}

BOOST_AUTO_TEST_CASE(the_cgroup_of_a_shim_that_was_killed_goes_with_the_container) {
  const std::string path = cgroup_parent() + "/shims/one";
  Runtime runtime;
  Bundle bundle;
  const Shimmed container{runtime, bundle.args({"sleep", "1000"}), {"--shim-cgroup", path}};
  checked(::kill(container.shim_pid(), SIGKILL), "kill");
  container.wait_for_shim();
  BOOST_TEST(!our_cgroups().empty());
  container.remove();
  BOOST_TEST(our_cgroups().empty());
}

BOOST_AUTO_TEST_CASE(a_cgroup_that_was_there_before_stays) {
  const std::string path = cgroup_parent() + "/kept";
  const std::string memory = cgroup_directory("memory", path);
  BOOST_REQUIRE(std::filesystem::create_directory(memory));
  Runtime runtime;
  Bundle bundle;
  {
    const Shimmed container{runtime, bundle.args({"sleep", "1000"}), {"--shim-cgroup", path}};
    upgrade(container);
    BOOST_TEST(all_end_in(cgroups_of(container.shim_pid()), path));
  }
  BOOST_TEST(std::filesystem::remove(memory));
  BOOST_TEST(our_cgroups().empty());
}

BOOST_AUTO_TEST_CASE(the_last_shim_to_leave_removes_a_cgroup_that_another_has_made) {
  const std::string path = cgroup_parent() + "/shared";
  Runtime runtime;
  for (const bool killed : {false, true}) {
    Bundle first, second;
    const Shimmed maker{runtime,
                        first.args({"sleep", "1000"}),
                        {"--shim-cgroup", path},
                        Shimmed::Until::running,
                        "maker"};
    const Shimmed last{runtime,
                       second.args({"sleep", "1000"}),
                       {"--shim-cgroup", path + "/below"},
                       Shimmed::Until::running,
                       "last"};
    if (killed) {
      checked(::kill(maker.shim_pid(), SIGKILL), "kill");
      maker.wait_for_shim();
    }
    maker.remove();
    BOOST_TEST(all_end_in(cgroups_of(last.shim_pid()), path + "/below"));
    last.remove();
    BOOST_TEST(our_cgroups() == std::vector<std::string>{}, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(two_shims_share_a_cgroup) {
  const std::string path = cgroup_parent() + "/shared";
  Runtime runtime;
  Bundle first, second;
  const Shimmed stays{runtime,
                      first.args({"sleep", "1000"}),
                      {"--shim-cgroup", path},
                      Shimmed::Until::running,
                      "stays"};
  {
    const Shimmed goes{runtime,
                       second.args({"sleep", "1000"}),
                       {"--shim-cgroup", path},
                       Shimmed::Until::running,
                       "goes"};
    BOOST_TEST(all_end_in(cgroups_of(goes.shim_pid()), path));
  }
  BOOST_TEST(all_end_in(cgroups_of(stays.shim_pid()), path));
  stays.remove();
  BOOST_TEST(our_cgroups().empty());
}

BOOST_AUTO_TEST_CASE(a_cgroup_that_cannot_be_the_shims_is_refused_and_nothing_is_left) {
  Runtime runtime;
  Bundle bundle;
  const std::string containers = bundle.linux().at("cgroupsPath");
  BOOST_TEST(contains(refused(runtime, bundle, {"--shim-cgroup", "/"}), "--shim-cgroup: "));
  BOOST_TEST(contains(refused(runtime, bundle, {"--shim-cgroup", ""}), "--shim-cgroup: "));
  BOOST_TEST(contains(refused(runtime, bundle, {"--shim-cgroup", "/a/../b"}), "\"..\""));
  BOOST_TEST(contains(refused(runtime, bundle, {"--shim-cgroup", containers + "/shim"}),
                      "is the container's cgroup, or below it"));
  BOOST_TEST(contains(refused(runtime, bundle, {"--shim-cgroup", cgroup_parent() + "/shim"},
                              {"--cgroup-manager", "disabled"}),
                      "the container has no cgroup of its own"));
}

// Told of a failure, whoever started the shim kills it: it has to be out of its cgroup by then.
BOOST_AUTO_TEST_CASE(nothing_is_left_of_a_cgroup_when_the_container_cannot_be_started) {
  Runtime runtime;
  Bundle bundle;
  bundle.config["hooks"]["poststart"] = {{{"path", "/bin/false"}}};
  bundle.args({"sleep", "1000"}).write();
  const Output made =
      runtime.call({"run", "--shim", "--detach", "--shim-cgroup", cgroup_parent() + "/shims/one",
                    "--bundle", bundle.path(), "c"});
  BOOST_TEST(made.status == 1);
  BOOST_TEST(contains(made.err, "poststart"), made.err);
  BOOST_TEST(runtime.ids().empty());
  BOOST_TEST(our_cgroups().empty());
}

BOOST_AUTO_TEST_CASE(the_buffers_of_a_connection_are_as_large_as_was_asked) {
  Runtime runtime;
  Bundle bundle;
  const Shimmed container{runtime, bundle.args({"sleep", "1000"}), {"--socket-buffer", "4096"}};
  const auto check = [&] {
    const json connection = container.shim_status().at("connections").at(0);
    BOOST_TEST(connection.at("sendBufferBytes") == 2 * 4096);
    BOOST_TEST(connection.at("receiveBufferBytes") == 2 * 4096);
  };
  check();
  // Longer than what fits into such a buffer, in fragments of a quarter of it.
  const Output metrics = runtime.call({"shim", "metrics", "c"});
  BOOST_TEST(metrics.out.size() > 4096u);
  BOOST_TEST(metrics.out.ends_with("\n"));
  BOOST_TEST(container.call({"exec"}, {"echo", std::string(20'000, 'x')}).out ==
             std::string(20'000, 'x') + "\n");
  upgrade(container);
  check();
  kill_and_adopt(container);
  check();
}

BOOST_AUTO_TEST_CASE(a_buffer_has_bounds) {
  Runtime runtime;
  Bundle bundle;
  for (const char* value : {"4095", "8388609", "-1", "0", "big"}) {
    const std::string told = refused(runtime, bundle, {"--socket-buffer", value});
    BOOST_TEST(contains(told, "is no whole number from 4096 to 8388608"), told);
  }
  const Shimmed container{runtime, bundle.args({"sleep", "1000"}), {"--socket-buffer", "8388608"}};
  BOOST_TEST(container.shim_status().at("connections").at(0).at("sendBufferBytes") > 2 * 4096);
}

BOOST_AUTO_TEST_SUITE_END()
