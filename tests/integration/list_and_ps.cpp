// list, and ps: which containers there are, and which processes in one.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <regex>
#include <sstream>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> all;
  std::istringstream stream{text};
  for (std::string line; std::getline(stream, line);) all.push_back(line);
  return all;
}

// Creates a container with a cgroup of its own.
Container create(Runtime& runtime, Bundle& bundle, const std::string& id,
                 const std::string& script = "exec cat") {
  const std::string common = bundle.linux()["cgroupsPath"];
  bundle.linux()["cgroupsPath"] = common + "-" + id;
  Container container = runtime.must_create(bundle.shell(script), id);
  bundle.linux()["cgroupsPath"] = common;
  return container;
}

json list(const Runtime& runtime) {
  const Output output = runtime.call({"list", "--format", "json"});
  BOOST_REQUIRE_MESSAGE(output.status == 0, output.err);
  return json::parse(output.out);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(list_and_ps, *needs::root())

BOOST_AUTO_TEST_CASE(list_shows_what_state_says_of_each) {
  Runtime runtime;
  Bundle bundle;
  bundle.config["annotations"] = {{"key", "value"}};
  Container one = create(runtime, bundle, "one");
  Container two = create(runtime, bundle, "two");
  two.start();
  const json listed = list(runtime);
  BOOST_REQUIRE(listed.size() == 2U);
  for (const json& entry : listed) {
    json state = runtime.state(entry["id"]);
    BOOST_TEST(state["owner"] == "");
    state["owner"] = "root";
    BOOST_TEST(entry == state);
  }
  BOOST_TEST(listed[0]["id"] == "one");
  BOOST_TEST(listed[0]["status"] == "created");
  BOOST_TEST(listed[1]["status"] == "running");
}

BOOST_AUTO_TEST_CASE(columns_line_up_as_those_of_runc) {
  Runtime runtime;
  Bundle bundle;
  Container one = create(runtime, bundle, "a");
  Container two = create(runtime, bundle, "a-name-that-is-longer-than-others");
  const auto table = lines(runtime.call({"list"}).out);
  BOOST_REQUIRE(table.size() == 3U);
  std::vector<std::size_t> starts;
  for (const char* title : {"ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"})
    starts.push_back(table[0].find(title));
  BOOST_TEST(std::is_sorted(starts.begin(), starts.end()));
  BOOST_TEST(starts[1] == std::string("a-name-that-is-longer-than-others").size() + 3);
  for (std::size_t row : {1U, 2U}) {
    for (const std::size_t start : starts) {
      BOOST_REQUIRE(table[row].size() > start);
      BOOST_TEST(table[row][start] != ' ', table[row]);
      if (start != 0) BOOST_TEST(table[row][start - 1] == ' ', table[row]);
    }
    BOOST_TEST(table[row].substr(starts[5]) == "root");
  }
}

BOOST_AUTO_TEST_CASE(quiet_list_is_ids_alone) {
  Runtime runtime;
  Bundle bundle;
  Container one = create(runtime, bundle, "b"), two = create(runtime, bundle, "a");
  for (const char* flag : {"-q", "--quiet"})
    BOOST_TEST(runtime.call({"list", flag}).out == "a\nb\n");
}

BOOST_AUTO_TEST_CASE(root_that_does_not_exist_holds_no_container) {  // L21
  const TempDir directory;
  const std::string root = directory / "none";
  const auto call = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {Runtime::path(), "--root", root});
    return run(words);
  };
  const Output quiet = call({"list", "-q"});
  BOOST_TEST(quiet.status == 0, quiet.err);
  BOOST_TEST(quiet.out + quiet.err == "");
  BOOST_TEST(call({"list"}).status == 0);
  const Output listed = call({"list", "-f", "json"});
  BOOST_TEST(listed.status == 0, listed.err);
  if (!Runtime::is_reference()) BOOST_TEST(listed.out == "[]\n");
  BOOST_TEST(!std::filesystem::exists(root));
}

BOOST_AUTO_TEST_CASE(paused_and_stopped_containers_are_listed_as_such) {
  Runtime runtime;
  Bundle bundle;
  Container paused = create(runtime, bundle, "a"), stopped = create(runtime, bundle, "b", "true");
  paused.start();
  stopped.start();
  stopped.wait();
  BOOST_TEST(runtime.call({"pause", "a"}).status == 0);
  const json listed = list(runtime);
  BOOST_TEST(listed[0]["status"] == "paused");
  BOOST_TEST(listed[1]["status"] == "stopped");
  BOOST_TEST(listed[1]["pid"] == 0);
}

BOOST_AUTO_TEST_CASE(damaged_container_is_listed_as_such_among_the_others, *needs::ocelot()) {
  Runtime runtime;
  Bundle bundle;
  Container broken = create(runtime, bundle, "a"), sound = create(runtime, bundle, "b");
  const std::string file = runtime.root() + "/a/state.json";
  const std::string intact = read_file(file);
  for (const std::string& text : {std::string(), std::string("{"), intact.substr(0, 100)}) {
    write_file(file, text);
    const Output table = runtime.call({"list"});
    BOOST_TEST(table.status == 0);
    BOOST_TEST(contains(lines(table.out)[1], " damaged "), table.out);
    BOOST_TEST(contains(lines(table.out)[2], " created "), table.out);
    BOOST_TEST(contains(table.err, "container a: state.json"), table.err);
    const json listed = list(runtime);
    BOOST_TEST(listed[0]["id"] == "a");
    BOOST_TEST(listed[0]["status"] == "damaged");
    BOOST_TEST(listed[0]["pid"] == 0);
    BOOST_TEST(listed[1]["status"] == "created");
  }
  write_file(file, intact);
}

BOOST_AUTO_TEST_CASE(list_waits_for_no_operation, *needs::ocelot()) {
  Runtime runtime;
  Bundle bundle;
  Container container = create(runtime, bundle, "a");
  const UniqueFd lock{
      checked(open((runtime.root() + "/a/lock").c_str(), O_RDWR | O_CLOEXEC), "open")};
  checked(flock(lock.get(), LOCK_EX), "flock");
  RunOptions soon;
  soon.timeout = std::chrono::seconds{2};
  BOOST_TEST(runtime.call({"list", "-q"}, soon).out == "a\n");
  BOOST_TEST(runtime.call({"ps", "-f", "json", "a"}, soon).status == 0);
}

BOOST_AUTO_TEST_CASE(what_is_no_container_is_not_listed) {
  Runtime runtime;
  Bundle bundle;
  Container container = create(runtime, bundle, "a");
  checked(mkdir((runtime.root() + "/empty").c_str(), 0700), "mkdir");
  BOOST_TEST(list(runtime).size() == 1U);
  checked(rmdir((runtime.root() + "/empty").c_str()), "rmdir");
}

BOOST_AUTO_TEST_CASE(processes_are_those_of_the_whole_cgroup) {
  Runtime runtime;
  Bundle bundle;
  Container container = create(runtime, bundle, "c", "sleep 1000 & echo ready; exec cat");
  container.start();
  container.read_until("ready\n");
  for (const std::vector<std::string>& format :
       {std::vector<std::string>{"--format", "json"}, {"-f", "json"}, {"--format=json"}}) {
    std::vector<std::string> words{"ps"};
    words.insert(words.end(), format.begin(), format.end());
    words.push_back("c");
    const Output listed = runtime.call(words);
    BOOST_TEST(listed.status == 0, listed.err);
    BOOST_TEST(std::regex_match(listed.out, std::regex{R"(\[\d+,\d+\]\n)"}), listed.out);
    std::vector<pid_t> pids = json::parse(listed.out);
    BOOST_TEST(std::count(pids.begin(), pids.end(), container.pid()) == 1);
  }
  BOOST_TEST(container.kill("KILL").status == 0);
  container.wait();
}

BOOST_AUTO_TEST_CASE(ps_prints_the_lines_of_the_containers_processes, *needs::file("/usr/bin/ps")) {
  Runtime runtime;
  Bundle bundle;
  Container container = create(runtime, bundle, "c", "sleep 1001 & echo ready; exec cat");
  container.start();
  container.read_until("ready\n");
  const auto table = lines(runtime.call({"ps", "c"}).out);
  BOOST_REQUIRE(table.size() == 3U);
  BOOST_TEST(contains(table[0], "PPID"));
  BOOST_TEST(contains(table[1] + table[2], "sleep 1001"));
  const auto chosen = lines(runtime.call({"ps", "c", "-e", "-o", "pid,args"}).out);
  BOOST_REQUIRE(chosen.size() == 3U);
  BOOST_TEST(contains(chosen[0], "COMMAND"));
  BOOST_TEST(!contains(chosen[0], "PPID"));
  check_error(runtime.call({"ps", "c", "-e", "-o", "args"}),
              "couldn't find PID field in ps output");
  BOOST_TEST(runtime.call({"ps", "c", "--no-such-option"}).status == 1);
  container.kill("KILL");
  container.wait();
}

BOOST_AUTO_TEST_CASE(ps_finds_its_program_without_a_path,
                     *needs::file("/usr/bin/ps") * needs::ocelot("runc needs PATH")) {
  Runtime runtime;
  Bundle bundle;
  Container container = create(runtime, bundle, "c");
  RunOptions bare;
  bare.clean_env = true;
  const Output listed = runtime.call({"ps", "c"}, bare);
  BOOST_TEST(listed.status == 0, listed.err);
  BOOST_TEST(lines(listed.out).size() == 2U, listed.out);
}

BOOST_AUTO_TEST_CASE(stopped_container_has_no_processes, *needs::ocelot("runc prints null")) {
  Runtime runtime;
  Bundle bundle;
  Container container = create(runtime, bundle, "c", "true");
  container.start();
  container.wait();
  BOOST_TEST(runtime.call({"ps", "--format", "json", "c"}).out == "[]\n");
  check_error(runtime.call({"ps", "--format", "json", "none"}), "does not exist");
}

BOOST_AUTO_TEST_SUITE_END()
