// A shim that executes another program in its own place: what its container and its clients see of
// that, which is nothing.
#include <fcntl.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>

#include "runtime/base/error.hpp"
#include "runtime/base/sys_files.hpp"
#include "tests/kernel/shim/shim_client.hpp"
#include "tests/support/black_box.hpp"

namespace {

using namespace ocelot::test;
using namespace std::chrono_literals;
using nlohmann::json;
using ocelot::control::Client;
using ocelot::control::Clock;

const char* const echoes = "echo up; while read line; do echo got $line; done; exit 7";

json next(Client& client) {
  const auto come = client.wait(Clock::now() + 20s);
  BOOST_REQUIRE(come);
  return json::parse(come->document);
}

// A container with a shim, and what tells one shim from the next.
struct Upgraded {
  Bundle bundle;
  Runtime runtime;
  pid_t shim = -1;

  explicit Upgraded(const std::string& script, std::vector<std::string> flags = {},
                    bool terminal = false) {
    bundle.shell(script);
    bundle.process()["terminal"] = terminal;
    bundle.config["root"]["readonly"] = false;
    bundle.write();
    std::vector<std::string> words{"run", "--shim", "--detach", "--bundle", bundle.path()};
    words.insert(words.end(), flags.begin(), flags.end());
    words.emplace_back("c");
    const Output made = runtime.call(words);
    BOOST_REQUIRE_MESSAGE(made.status == 0, made.err);
    shim = runtime_status().at("pid");
  }

  json runtime_status() const {
    const Output status = runtime.call({"shim", "status", "c"});
    BOOST_REQUIRE_MESSAGE(status.status == 0, status.err);
    return json::parse(status.out);
  }
  void upgrade() const {
    const Output upgraded = runtime.call({"shim", "upgrade", "c"});
    BOOST_REQUIRE_MESSAGE(upgraded.status == 0, upgraded.err);
  }
  // How often a program went on here, by its own account.
  std::size_t generations() const {
    if (!std::filesystem::exists(runtime.root() + "/c/shim.log")) return 0;
    const std::string log = read_file(runtime.root() + "/c/shim.log");
    std::size_t count = 0;
    for (std::size_t at = log.find("goes on"); at != std::string::npos;
         at = log.find("goes on", at + 1))
      ++count;
    return count;
  }
  // A client that has just ended may still be counted: the least of some looks.
  std::vector<std::string> descriptors() const {
    std::vector<std::string> least;
    for (int look = 0; look < 20; ++look) {
      runtime_status();
      auto now = look_at_descriptors();
      if (least.empty() || now.size() < least.size()) least = std::move(now);
    }
    return least;
  }
  // Whoever asked for something just now may still be connected.
  void check_descriptors_come_back_to(const std::vector<std::string>& before) const {
    const auto deadline = Clock::now() + 20s;
    while (descriptors() != before && Clock::now() < deadline) continue;
    BOOST_TEST(descriptors() == before, boost::test_tools::per_element());
  }

 private:
  std::vector<std::string> look_at_descriptors() const {
    std::vector<std::string> kinds;
    const std::string path = "/proc/" + std::to_string(shim) + "/fd";
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      std::error_code gone;
      std::string target = std::filesystem::read_symlink(entry, gone).string();
      if (target.starts_with("socket:") || target.starts_with("pipe:"))
        target.resize(target.find(':'));
      if (!gone) kinds.push_back(std::move(target));
    }
    std::ranges::sort(kinds);
    return kinds;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(shim_upgrade, *needs::root() * needs::ocelot())

BOOST_AUTO_TEST_CASE(the_container_goes_on_and_its_end_is_seen_by_its_parent) {
  Upgraded container{echoes, {"--stdin"}};
  const pid_t init = container.runtime.state("c").at("pid");
  const auto before = container.descriptors();
  for (const std::string word : {"one", "two", "three"}) {
    Command attached{container.runtime.command({"attach", "c"}), {.keep_input_open = true}};
    attached.write(word + "\n");
    const std::string seen = attached.read_until("got " + word);
    BOOST_TEST(seen.starts_with("up"), seen);  // by a shim that was
    container.upgrade();
  }
  BOOST_TEST(container.generations() == 3u);
  BOOST_TEST(container.runtime_status().at("pid") == container.shim);
  BOOST_TEST(container.runtime.state("c").at("pid") == init);
  container.check_descriptors_come_back_to(before);

  Client client = client_of(container.runtime);
  ask(client, R"({"operation":"close-stdin"})");
  const json exit = ask(client, R"({"operation":"wait"})");
  BOOST_TEST(exit.at("status") == 7);
  BOOST_TEST(exit.contains("usage"));
  BOOST_TEST(container.runtime.del("c").status == 0);
}

BOOST_AUTO_TEST_CASE(a_terminal_does_not_hang_up) {
  Upgraded container{
      "trap 'echo hung up; exit 3' HUP; echo up; while read l; do echo $l; done", {}, true};
  container.upgrade();
  container.upgrade();
  Command attached{container.runtime.command({"attach", "c"}), {.keep_input_open = true}};
  attached.write("there\n");
  const std::string seen = attached.read_until("there");
  BOOST_TEST(!contains(seen, "hung up"), seen);
  Client client = client_of(container.runtime);
  BOOST_TEST(ask(client, R"({"operation":"resize","width":91,"height":17})") == json::object());
}

BOOST_AUTO_TEST_CASE(who_waits_for_a_process_is_told_by_the_next_program) {
  Upgraded container{"echo up; exec sleep 1000"};
  Client client = client_of(container.runtime);
  const json ended =
      ask(client, R"({"operation":"exec","name":"ended","args":["sh","-c","exit 5"],"cwd":"/"})");
  BOOST_TEST(ask(client, R"({"operation":"wait","process":"ended"})").at("status") == 5);
  ask(client, R"({"operation":"exec","name":"long","args":["sleep","1000"],"cwd":"/"})");
  client.send(R"({"operation":"wait","process":"long"})");
  container.upgrade();
  for (const std::string& word : {std::string{"ended"}, ended.at("pid").dump()}) {
    BOOST_TEST(ask(client, json{{"operation", "wait"}, {"process", word}}.dump()).at("status") ==
               5);
  }
  client.send(R"({"operation":"kill","process":"long","signal":"KILL"})");
  bool told = false;
  for (int i = 0; i < 2; ++i) told |= next(client).value("status", 0) == 137;
  BOOST_TEST(told);
  BOOST_TEST(client.reconnects() == 1u);
}

BOOST_AUTO_TEST_CASE(events_go_on_where_they_were) {
  Upgraded container{"echo up; exec sleep 1000"};
  Client client = client_of(container.runtime);
  client.subscribe();
  BOOST_TEST(next(client).at("event") == "subscribed");
  BOOST_TEST(container.runtime.call({"pause", "c"}).status == 0);
  const json paused = next(client);
  BOOST_TEST(paused.at("event") == "paused");
  container.upgrade();
  BOOST_TEST(container.runtime.call({"resume", "c"}).status == 0);
  BOOST_TEST(next(client).at("event") == "subscribed");
  const json resumed = next(client);
  BOOST_TEST(resumed.at("event") == "resumed", resumed.dump());
  BOOST_TEST(resumed.at("number").get<int>() == paused.at("number").get<int>() + 1);
}

BOOST_AUTO_TEST_CASE(a_process_that_exec_added_is_the_next_programs_own) {
  Upgraded container{"echo up; exec sleep 1000"};
  Client client = client_of(container.runtime);
  ask(client, R"({"operation":"exec","name":"x","args":["sleep","1000"],"cwd":"/"})");
  container.upgrade();
  BOOST_TEST(ask(client, R"({"operation":"kill","process":"x","signal":9})") == json::object());
  const json exit = ask(client, R"({"operation":"wait","process":"x"})");
  BOOST_TEST(exit.at("status") == 137);
  BOOST_TEST(exit.contains("usage"));
  container.upgrade();
  BOOST_TEST(ask(client, R"({"operation":"wait","process":"x"})") == exit);
}

BOOST_AUTO_TEST_CASE(who_is_attached_stays_so) {
  for (const bool terminal : {false, true}) {
    Upgraded container{echoes, {"--stdin"}, terminal};
    Command attached{container.runtime.command({"attach", "c"}), {.keep_input_open = true}};
    Command watching{container.runtime.command({"attach", "--no-stdin", "c"})};
    attached.read_until("up");
    container.upgrade();  // their connections end, and come again when they have something to ask
    const auto before = container.descriptors();
    for (const std::string word : {"one", "two", "three"}) {
      container.upgrade();
      attached.write(word + "\n");
      attached.read_until("got " + word);
      watching.read_until("got " + word);
    }
    container.check_descriptors_come_back_to(before);
    const json streams = container.runtime_status().at("streams");
    BOOST_TEST(streams.at("attached") == 2);
    BOOST_TEST(streams.at("attachedSoFar") == 2);
    BOOST_TEST(streams.at("lostBytes") == 0);
    container.runtime.kill("c", "KILL");
    BOOST_TEST(attached.wait().status == 137);
    BOOST_TEST(watching.wait().status == 137);
  }
}

BOOST_AUTO_TEST_CASE(what_was_counted_goes_on) {
  TempDir files;
  Upgraded container{echoes, {"--stdin", "--output-log", files / "log"}};
  Client client = client_of(container.runtime);
  for (int i = 0; i < 20; ++i) ask(client, R"({"operation":"state"})");
  const json before = container.runtime_status();
  container.upgrade();
  const json after = container.runtime_status();
  BOOST_TEST(after["streams"]["stdoutBytes"] == before["streams"]["stdoutBytes"]);
  BOOST_TEST(after["control"]["requests"].get<int>() > before["control"]["requests"].get<int>());
  BOOST_TEST(after["control"]["packetsSent"].get<int>() >
             before["control"]["packetsSent"].get<int>());
  BOOST_TEST(served(after, "state") >= 20u);
  BOOST_TEST(after["control"]["latency"]["state"] == before["control"]["latency"]["state"]);
  BOOST_TEST(ask(client, R"({"operation":"logs"})").at("records") == 1);
  const Output metrics = container.runtime.call({"shim", "metrics", "c"});
  BOOST_TEST(contains(metrics.out, "replies_total"), metrics.out);
}

BOOST_AUTO_TEST_CASE(the_streams_of_a_process_that_exec_added_go_along) {
  Upgraded container{"echo up; exec sleep 1000"};
  for (const std::string flag : {"--attachable", "--tty"}) {
    const std::string name = "of" + flag;
    const Output made = container.runtime.call(
        {"exec", "--attachable", flag, "--stdin", "--name", name, "c", "sh", "-c", echoes});
    BOOST_REQUIRE_MESSAGE(made.status == 0, made.err);
    container.runtime.call(
        {"exec", "--attachable", "--name", name + "-ended", "c", "echo", "last"});
    BOOST_TEST(container.runtime.call({"wait", "--process", name + "-ended", "c"}).out == "0\n");
    container.upgrade();  // closes the directories of cgroups that exec has opened
    const auto before = container.descriptors();
    for (const std::string word : {"one", "two"}) {
      Command attached{container.runtime.command({"attach", "--process", name, "c"}),
                       {.keep_input_open = true}};
      attached.write(word + "\n");
      const std::string seen = attached.read_until("got " + word);
      BOOST_TEST(seen.starts_with("up"), seen);  // by a shim that was
      container.upgrade();
    }
    container.check_descriptors_come_back_to(before);
    Client client = client_of(container.runtime);
    ask(client, json{{"operation", "close-stdin"}, {"process", name}}.dump());
    BOOST_TEST(ask(client, json{{"operation", "wait"}, {"process", name}}.dump()).at("status") ==
               7);
    BOOST_TEST(container.runtime.call({"attach", "--process", name + "-ended", "c"}).out ==
               "last\n");
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_program_is_refused_and_the_shim_that_was_goes_on) {
  Upgraded container{echoes, {"--stdin"}};
  const auto before = container.descriptors();
  TempDir directory;
  write_file(directory / "text", "no program");
  for (const bool executable : {false, true}) {
    if (executable) std::filesystem::permissions(directory / "text", std::filesystem::perms{0755});
    Client client = client_of(container.runtime);
    std::vector<ocelot::UniqueFd> program;
    program.push_back(ocelot::sys::open(AT_FDCWD, directory / "text", O_RDONLY));
    BOOST_CHECK_EXCEPTION(
        client.request(R"({"operation":"upgrade"})", std::move(program), Clock::now() + 20s),
        ocelot::Error, [&](const ocelot::Error& error) {
          BOOST_TEST(contains(error.what(), executable ? "Exec format" : "Permission denied"),
                     error.what());
          return contains(error.what(), "cannot go on");
        });
  }
  BOOST_TEST(container.generations() == 2u);
  container.check_descriptors_come_back_to(before);
  Command attached{container.runtime.command({"attach", "c"}), {.keep_input_open = true}};
  attached.write("still\n");
  attached.read_until("got still");
  container.upgrade();
}

BOOST_AUTO_TEST_CASE(a_program_that_runs_and_cannot_go_on_gives_all_of_it_back) {
  Upgraded container{echoes, {"--stdin"}};
  const auto before = container.descriptors();
  Client client = client_of(container.runtime);
  ask(client, R"({"operation":"exec","name":"x","args":["sleep","1000"],"cwd":"/"})");
  std::vector<ocelot::UniqueFd> program;
  program.push_back(ocelot::sys::open(AT_FDCWD, OCELOT_GIVES_BACK, O_RDONLY));
  BOOST_CHECK_EXCEPTION(
      client.request(R"({"operation":"upgrade"})", std::move(program), Clock::now() + 20s),
      ocelot::Error, [](const ocelot::Error& error) {
        return contains(error.what(), "the new program cannot go on: it is one of a test");
      });
  BOOST_TEST(container.generations() == 1u);
  ask(client, R"({"operation":"kill","process":"x","signal":9})");
  BOOST_TEST(ask(client, R"({"operation":"wait","process":"x"})").at("status") == 137);
  client = client_of(container.runtime);
  BOOST_TEST(container.descriptors().size() == before.size() + 1);  // with that client
  Command attached{container.runtime.command({"attach", "c"}), {.keep_input_open = true}};
  attached.write("still\n");
  attached.read_until("got still");
  container.upgrade();
}

BOOST_AUTO_TEST_CASE(an_upgrade_brings_one_program) {
  Upgraded container{"echo up; exec sleep 1000"};
  Client client = client_of(container.runtime);
  BOOST_CHECK_EXCEPTION(ask(client, R"({"operation":"upgrade"})"), ocelot::Error,
                        [](const ocelot::Error& error) {
                          return contains(error.what(), "descriptor of one program");
                        });
  BOOST_TEST(container.generations() == 0u);
}

BOOST_AUTO_TEST_CASE(a_container_that_has_stopped_keeps_its_shim) {
  Upgraded container{"exit 3"};
  BOOST_TEST(container.runtime.call({"wait", "c"}).out == "3\n");
  const Output refused = container.runtime.call({"shim", "upgrade", "c"});
  BOOST_TEST(refused.status == 1);
  BOOST_TEST(contains(refused.err, "has stopped"), refused.err);
  BOOST_TEST(container.runtime.call({"wait", "c"}).out == "3\n");
}

BOOST_AUTO_TEST_CASE(processes_are_added_while_the_program_changes) {
  Upgraded container{"echo up; exec sleep 1000"};
  constexpr int count = 60;
  Client client = client_of(container.runtime);
  std::vector<std::uint64_t> asked;
  for (int i = 0; i < count; ++i) {
    asked.push_back(
        client.send(R"({"operation":"exec","cwd":"/","args":["sh","-c","echo >> /once"]})"));
    if (i % 20 == 10) container.upgrade();
  }
  std::vector<std::string> names;
  while (!asked.empty()) {
    const auto come = client.wait(Clock::now() + 20s);
    BOOST_REQUIRE(come);
    BOOST_REQUIRE_MESSAGE(std::erase(asked, come->id) == 1, come->document);
    const json answer = json::parse(come->document);
    BOOST_REQUIRE_MESSAGE(answer.contains("process"), come->document);
    names.push_back(answer["process"]);
  }
  for (const std::string& name : names) {
    try {
      BOOST_TEST(ask(client, json{{"operation", "wait"}, {"process", name}}.dump()).at("status") ==
                 0);
    } catch (const ocelot::Error& error) {  // its end was long ago
      BOOST_TEST(contains(error.what(), "no process"), error.what());
    }
  }
  BOOST_TEST(read_file(container.bundle.rootfs() + "/once") == std::string(count, '\n'));
  BOOST_TEST(container.generations() == 3u);
}

BOOST_AUTO_TEST_SUITE_END()
