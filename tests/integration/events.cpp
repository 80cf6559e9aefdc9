// events: what a container uses, as JSON that monitoring programs read.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include <sstream>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

// The one event of `events --stats`, of which nothing else may be on standard output.
json stats(const Runtime& runtime) {
  const Output output = runtime.call({"events", "--stats", "c"});
  BOOST_REQUIRE_MESSAGE(output.status == 0, output.err);
  BOOST_TEST(output.out.find('\n') == output.out.size() - 1, output.out);
  return json::parse(output.out);
}

// The types of all members, by path: arrays count by their first element.
void collect(const json& value, const std::string& path, json& types) {
  types[path] = value.is_number() ? "number" : value.type_name();
  if (value.is_object())
    for (const auto& [key, member] : value.items()) collect(member, path + "/" + key, types);
  if (value.is_array() && !value.empty()) collect(value[0], path + "/0", types);
}

// A container with little memory, whose shell goes on with `script` when it reads a line.
Container start_small(Runtime& runtime, Bundle& bundle, const std::string& script) {
  bundle.linux()["resources"]["memory"] = {{"limit", 32 << 20}, {"swap", 32 << 20}};
  Container container = runtime.must_create(bundle.shell("echo ready; read go; " + script));
  container.start();
  container.read_until("ready\n");
  return container;
}

const std::string kTooMuch = "/bin/probe fill " + std::to_string(128 << 20) + " >/dev/null 2>&1";

// Returns when it stands still: what happens from here on it learns at SIGCONT.
void stop(Command& command) {
  command.send(SIGSTOP);
  siginfo_t info;
  checked(::waitid(P_PIDFD, static_cast<id_t>(command.pidfd()), &info, WSTOPPED), "waitid");
}

std::size_t count_ooms(const std::string& lines) {
  std::size_t count = 0;
  std::istringstream stream{lines};
  for (std::string line; std::getline(stream, line);) count += json::parse(line)["type"] == "oom";
  return count;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(events, *needs::root())

BOOST_AUTO_TEST_CASE(statistics_have_every_part) {
  Runtime runtime;
  Bundle bundle;
  Container container = start_echo(runtime, bundle);
  const json event = stats(runtime);
  BOOST_TEST(event["type"] == "stats");
  BOOST_TEST(event["id"] == "c");
  const json& data = event["data"];
  for (const char* part :
       {"cpu", "cpuset", "memory", "pids", "blkio", "hugetlb", "intel_rdt", "network_interfaces"})
    BOOST_TEST(data.contains(part), part);
  BOOST_TEST(data["cpu"]["usage"]["total"].get<std::uint64_t>() > 0U);
  BOOST_TEST(data["memory"]["usage"]["usage"].get<std::uint64_t>() > 0U);
  BOOST_TEST(data["memory"]["raw"].size() > 10U);
  BOOST_TEST(data["pids"]["current"] == 1);
  BOOST_TEST(!data["pids"].contains("limit"));
}

BOOST_AUTO_TEST_CASE(statistics_have_the_members_of_runc, *needs::ocelot("compares with runc") *
                                                              needs::file("/usr/sbin/runc") *
                                                              needs::cgroup_v1()) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["resources"]["pids"] = {{"limit", 10}};
  bundle.linux()["resources"]["cpu"] = {{"quota", 50000}, {"period", 100000}};
  Container container = start_echo(runtime, bundle);
  json ours, theirs;
  collect(stats(runtime), "", ours);
  container.kill("KILL");
  container.wait();
  container.del();

  const TempDir root;
  const std::vector<std::string> runc{"/usr/sbin/runc", "--root", root.path()};
  const auto call = [&](std::vector<std::string> words, RunOptions options = {}) {
    words.insert(words.begin(), runc.begin(), runc.end());
    return run(words, std::move(options));
  };
  bundle.args({"sleep", "1000"}).write();
  {
    RunOptions quiet;
    const UniqueFd null{checked(open("/dev/null", O_RDWR | O_CLOEXEC), "open")};
    quiet.fds = {{null.get(), 0}, {null.get(), 1}, {null.get(), 2}};
    BOOST_REQUIRE(call({"run", "-d", "--bundle", bundle.path(), "r"}, quiet).status == 0);
  }
  const Output event = call({"events", "--stats", "r"});
  call({"delete", "--force", "r"});
  collect(json::parse(event.out), "", theirs);
  // Counters that may still be 0 are left out by both.
  for (const auto& [path, type] : theirs.items()) {
    if (ours.contains(path)) {
      BOOST_TEST(ours[path] == type, path);
    } else {
      BOOST_TEST((path.find("/blkio/") != std::string::npos || path.ends_with("/max") ||
                  path.ends_with("/usage") || path.find("hrottl") != std::string::npos ||
                  path.ends_with("/periods") || path.ends_with("/cache")),
                 "only runc has " << path);
    }
  }
}

BOOST_AUTO_TEST_CASE(counters_are_those_of_the_cgroup, *needs::cgroup_v1()) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["resources"]["pids"] = {{"limit", 20}};
  bundle.linux()["resources"]["memory"] = {{"limit", 64 << 20}};
  Container container = start_echo(runtime, bundle);
  const json data = stats(runtime)["data"];
  BOOST_TEST(data["pids"]["limit"] == 20);
  BOOST_TEST(data["memory"]["usage"]["limit"] == 64 << 20);
  BOOST_TEST(data["cpuset"]["cpus"].size() >= 1U);
  BOOST_TEST(data["cpu"]["usage"]["percpu"].size() >= 1U);
}

BOOST_AUTO_TEST_CASE(stream_reports_in_each_interval_and_ends_with_the_container) {
  Runtime runtime;
  Bundle bundle;
  Container container = start_echo(runtime, bundle);
  Command events{runtime.command({"events", "--interval", "50ms", "c"})};
  events.read_until("}\n{");  // a second one has begun
  container.close_input();
  container.wait();
  if (Runtime::is_reference()) container.del();  // it ends with the cgroup
  const Output output = events.wait();
  BOOST_TEST(output.status == 0, output.err);
  BOOST_TEST(output.err == "");
  std::istringstream lines{events.read_to_end()};
  for (std::string line; std::getline(lines, line);)
    BOOST_TEST(json::parse(line)["type"] == "stats", line);
}

BOOST_AUTO_TEST_CASE(process_that_runs_out_of_memory_is_reported) {
  Runtime runtime;
  Bundle bundle;
  Container container = start_small(runtime, bundle, kTooMuch + "; read go");
  Command events{runtime.command({"events", "--interval", "20ms", "c"})};
  events.read_until("\"stats\"");  // it listens
  container.write("go\n");
  events.read_until("{\"type\":\"oom\",\"id\":\"c\"}\n");
  container.write("go\n");
  container.close_input();
  container.wait();
  if (Runtime::is_reference()) container.del();
  BOOST_TEST(events.wait().status == 0);
}

BOOST_AUTO_TEST_CASE(end_for_lack_of_memory_is_reported_when_the_container_is_already_deleted,
                     *needs::ocelot("runc asks the cgroup, which is gone")) {
  Runtime runtime;
  Bundle bundle;
  Container container = start_small(runtime, bundle, "exec " + kTooMuch);
  Command events{runtime.command({"events", "--interval", "20ms", "c"})};
  events.read_until("\"stats\"");
  stop(events);
  container.write("go\n");
  container.wait();
  BOOST_TEST(container.del().status == 0);
  events.send(SIGCONT);
  BOOST_TEST(events.wait().status == 0);
  BOOST_TEST(count_ooms(events.read_to_end()) == 1U);
}

BOOST_AUTO_TEST_CASE(deletion_is_no_lack_of_memory) {
  Runtime runtime;
  Bundle bundle;
  Container container = start_small(runtime, bundle, "true");
  Command events{runtime.command({"events", "--interval", "20ms", "c"})};
  events.read_until("\"stats\"");
  stop(events);
  BOOST_TEST(container.del({"--force"}).status == 0);
  events.send(SIGCONT);
  BOOST_TEST(events.wait().status == 0);
  BOOST_TEST(count_ooms(events.read_to_end()) == 0U);
}

BOOST_AUTO_TEST_CASE(intervals_are_above_nothing) {
  Runtime runtime;
  Bundle bundle;
  Container container = start_echo(runtime, bundle);
  check_error(runtime.call({"events", "--interval", "0s", "c"}),
              "duration interval must be greater than 0");
  for (const char* word : {"5", "x", "1.2.3s", "5 s", "-5s", "1y"})
    BOOST_TEST(runtime.call({"events", "--interval", word, "c"}).status == 1, word);
}

BOOST_AUTO_TEST_CASE(container_must_run) {
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args({"true"}));
  BOOST_TEST(runtime.call({"events", "--stats", "c"}).status == 0);
  container.start();
  container.wait();
  check_error(runtime.call({"events", "--stats", "c"}), "container with id c is not running");
  check_error(runtime.call({"events", "--stats", "none"}), "does not exist");
}

BOOST_AUTO_TEST_SUITE_END()
