#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/engines/podman.hpp"
#include "tests/support/check.hpp"
#include "tests/support/runtime.hpp"

// A container that podman leaves running: logs, stop, kill, start again, remove.

namespace ocelot::test {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

const char* const kObeys =
    "trap 'echo terminated; exit 3' TERM; trap 'echo usr1' USR1; echo up; sleep 1000 & "
    "while :; do wait; done";
const char* const kIgnores = "trap '' TERM; echo up; sleep 1000";

}  // namespace

struct LifecycleCase : PodmanCase {
  std::string status() const {
    return podman.must({"inspect", "--format", "{{.State.Status}} {{.State.ExitCode}}", "c"});
  }
  std::string logs() const { return podman.must({"logs", "c"}); }
};

BOOST_FIXTURE_TEST_SUITE(podman_lifecycle, LifecycleCase)

BOOST_AUTO_TEST_CASE(a_detached_container_runs_and_its_exit_code_is_kept) {
  for (With with : kBoth) {
    podman.start(with, "c", {"--interactive"}, "echo up; echo more; exit 42");
    BOOST_TEST(podman.must({"wait", "c"}) == "42");
    BOOST_TEST(status() == "exited 42");
    BOOST_TEST(logs() == "up\nmore");
    BOOST_TEST(podman.must({"rm", "c"}) == "c");
  }
}

BOOST_AUTO_TEST_CASE(stop_asks_and_the_container_obeys) {
  for (With with : kBoth) {
    podman.start(with, "c", {}, kObeys);
    BOOST_TEST(podman.must({"stop", "--time", "20", "c"}) == "c");
    BOOST_TEST(status() == "exited 3");
    BOOST_TEST(logs() == "up\nterminated");
    podman.must({"rm", "c"});
  }
}

BOOST_AUTO_TEST_CASE(stop_kills_a_container_that_does_not_obey) {
  for (With with : kBoth) {
    podman.start(with, "c", {}, kIgnores);
    podman.must({"stop", "--time", "1", "c"});
    BOOST_TEST(status() == "exited 137");
    podman.must({"rm", "c"});
  }
}

BOOST_AUTO_TEST_CASE(kill_ends_it_with_137) {
  for (With with : kBoth) {
    podman.start(with, "c", {}, kIgnores);
    BOOST_TEST(podman.must({"kill", "c"}) == "c");
    BOOST_TEST(podman.must({"wait", "c"}) == "137");
    BOOST_TEST(status() == "exited 137");
    podman.must({"rm", "c"});
  }
}

BOOST_AUTO_TEST_CASE(kill_sends_any_signal_by_name) {
  for (With with : kBoth) {
    podman.start(with, "c", {}, kObeys);
    podman.must({"kill", "--signal", "USR1", "c"});
    Command follow{podman.command({"logs", "--follow", "c"}), podman.options()};
    BOOST_TEST(follow.read_until("usr1\n") == "up\nusr1\n");
    BOOST_TEST(status() == "running 0");
    podman.must({"kill", "--signal", "TERM", "c"});
    BOOST_TEST(podman.must({"wait", "c"}) == "3");
    podman.must({"rm", "c"});
  }
}

BOOST_AUTO_TEST_CASE(kill_of_a_stopped_container_is_an_error) {
  for (With with : kBoth) {
    podman.start(with, "c", {}, "echo up");
    podman.must({"wait", "c"});
    BOOST_TEST(podman.call({"kill", "c"}).status != 0);
    podman.must({"rm", "c"});
  }
}

BOOST_AUTO_TEST_CASE(rm_refuses_a_running_container_unless_forced) {
  for (With with : kBoth) {
    podman.start(with, "c", {}, kIgnores);
    BOOST_TEST(podman.call({"rm", "c"}).status != 0);
    BOOST_TEST(status() == "running 0");
    podman.must({"rm", "--force", "--time", "0", "c"});
    BOOST_TEST(podman.call({"container", "exists", "c"}).status == 1);
  }
}

BOOST_AUTO_TEST_CASE(ps_and_inspect_know_its_process) {
  for (With with : kBoth) {
    podman.start(with, "c", {"--annotation", "org.example=1"}, kObeys);
    json listed = json::parse(podman.must({"ps", "--format", "json"}))[0];
    BOOST_TEST(listed["Names"][0] == "c");
    BOOST_TEST(listed["State"] == "running");
    json container = json::parse(podman.must({"inspect", "c"}))[0];
    BOOST_TEST(container["State"]["Running"] == true);
    BOOST_TEST(container["State"]["Status"] == "running");
    BOOST_TEST(container["Config"]["Annotations"]["org.example"] == "1");
    const int pid = container["State"]["Pid"];
    BOOST_TEST(read_file("/proc/" + std::to_string(pid) + "/comm") == "sh\n");
    const int conmon = container["State"]["ConmonPid"];
    BOOST_TEST(
        read_file("/proc/" + std::to_string(pid) + "/stat").find(" S " + std::to_string(conmon)) !=
        std::string::npos);  // nobody stands between init and conmon
    podman.must({"rm", "--force", "--time", "0", "c"});
  }
}

BOOST_AUTO_TEST_CASE(create_and_start_are_two_steps) {
  for (With with : kBoth) {
    std::vector<std::string> words = podman.run_words(with, {"--name", "c"}, {"echo", "started"});
    std::erase(words, "--rm");
    *std::find(words.begin(), words.end(), "run") = "create";
    podman.must(words);
    podman.must({"init", "c"});  // the runtime's create without its start
    BOOST_TEST(status() == "initialized 0");
    BOOST_TEST(podman.must({"start", "--attach", "c"}) == "started");
    BOOST_TEST(podman.must({"start", "--attach", "c"}) == "started");  // a second life, same id
    BOOST_TEST(status() == "exited 0");
    podman.must({"rm", "c"});
  }
}

BOOST_AUTO_TEST_CASE(a_created_container_that_never_started_can_be_removed) {
  for (With with : kBoth) {
    std::vector<std::string> words = podman.run_words(with, {"--name", "c"}, {"echo", "started"});
    std::erase(words, "--rm");
    *std::find(words.begin(), words.end(), "run") = "create";
    podman.must(words);
    podman.must({"init", "c"});
    podman.must({"rm", "--force", "--time", "0", "c"});
  }
}

BOOST_AUTO_TEST_CASE(restart_gives_it_a_new_process) {
  for (With with : kBoth) {
    podman.start(with, "c", {}, kObeys);
    const std::string first = podman.must({"inspect", "--format", "{{.State.Pid}}", "c"});
    podman.must({"restart", "--time", "20", "c"});
    BOOST_TEST(podman.must({"inspect", "--format", "{{.State.Pid}}", "c"}) != first);
    BOOST_TEST(status() == "running 0");
    podman.must({"rm", "--force", "--time", "0", "c"});
  }
}

BOOST_AUTO_TEST_CASE(a_foreground_run_whose_container_is_killed_exits_with_137) {
  for (With with : kBoth) {
    Command run{podman.command(podman.run_words(with, {"--name", "c"}, {"sh", "-c", kIgnores})),
                podman.options()};
    run.read_until("up\n");
    podman.must({"kill", "c"});
    BOOST_TEST(run.wait().status == 137);
  }
}

BOOST_AUTO_TEST_CASE(a_failed_start_leaves_a_container_that_can_be_removed) {
  for (With with : kBoth) {
    std::vector<std::string> words = podman.run_words(with, {"--name", "c"}, {"nosuch"});
    std::erase(words, "--rm");
    BOOST_TEST(podman.call(words).status == 127);
    podman.must({"rm", "c"});
  }
}

BOOST_AUTO_TEST_CASE(many_containers_live_side_by_side) {
  std::vector<std::string> names;
  for (int i = 0; i < 5; ++i) names.push_back("c" + std::to_string(i));
  for (const std::string& name : names) podman.start(With::Ocelot, name, {}, kObeys);
  std::vector<std::string> stop{"stop", "--time", "20"};
  stop.insert(stop.end(), names.begin(), names.end());
  podman.must(stop);
  for (const std::string& name : names) {
    BOOST_TEST(podman.must({"inspect", "--format", "{{.State.ExitCode}}", name}) == "3");
    podman.must({"rm", name});
  }
}

BOOST_AUTO_TEST_CASE(hooks_run_in_order_with_the_state_on_their_input) {
  const std::string directory = Podman::instance().sandbox() / "hooks";
  fs::create_directories(directory);
  const std::string record = directory + "/record";
  for (const char* stage :
       {"prestart", "createRuntime", "createContainer", "poststart", "poststop"}) {
    // createContainer runs in the container's mount namespace, where the host's files still are
    write_file(
        directory + "/" + stage + ".json",
        json{{"version", "1.0.0"},
             {"hook",
              {{"path", "/bin/sh"},
               {"args",
                {"sh", "-c", std::string{"(printf '"} + stage + " '; cat; echo) >> " + record}}}},
             {"when", {{"always", true}}},
             {"stages", {stage}}}
            .dump());
  }
  for (With with : kBoth) {
    fs::remove(record);
    std::vector<std::string> words = podman.run_words(with, {"--name", "c"}, {"true"});
    words.insert(words.begin(), {"--hooks-dir", directory});
    BOOST_TEST(podman.call(words).status == 0);
    wait_for_helpers();  // poststop belongs to the clean-up, which ends after podman
    // runc 1.1 runs poststart before the container starts; the spec wants it after.
    const bool runc = with == With::Runc || Runtime::is_reference();
    std::istringstream lines{read_file(record)};
    for (auto [stage, status] : std::vector<std::pair<std::string, std::string>>{
             {"prestart", "creat"},
             {"createRuntime", "creat"},
             {"createContainer", "creat"},
             {"poststart", runc ? "created" : "running"},
             {"poststop", "stopped"}}) {
      std::string word, state;
      std::getline(lines >> word, state);
      BOOST_TEST(word == stage);
      json parsed = json::parse(state, nullptr, false);
      BOOST_TEST(parsed.is_object(), stage << ": " << state);
      if (!parsed.is_object()) continue;
      BOOST_TEST(parsed["status"].get<std::string>().starts_with(status), stage << ": " << state);
      BOOST_TEST(parsed["annotations"]["io.kubernetes.cri-o.TTY"] == "false");
    }
  }
  fs::remove_all(directory);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::test
