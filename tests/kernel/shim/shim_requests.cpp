// What single requests do, and what a client may not make of them.
#include <fcntl.h>
#include <signal.h>

#include <array>

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

const std::string wait_for_exit = R"({"operation":"wait"})";

void run(const Runtime& runtime, Bundle& bundle, const std::string& script) {
  bundle.shell(script);
  bundle.write();
  const Output made = runtime.call({"run", "--shim", "--detach", "--bundle", bundle.path(), "c"});
  BOOST_REQUIRE_MESSAGE(made.status == 0, made.err);
}

std::string refusal(Client& client, const std::string& document) {
  try {
    return "accepted: " + ask(client, document).dump();
  } catch (const ocelot::Error& error) {
    return error.what();
  }
}

// Sends an exec that the paused container does not let come to its end, and waits until the shim
// waits for it.
void begin_exec_in_paused(Client& client, Client& other) {
  ask(client, R"({"operation":"pause"})");
  client.send(
      R"({"operation":"exec","name":"x","args":["sleep","1000"],"cwd":"/","ignorePaused":true})");
  while (ask(other, R"({"operation":"status"})").at("underWay") != 1)
    BOOST_REQUIRE(!client.wait(Clock::now()));  // it is the client's turn to send
}

}  // namespace

BOOST_AUTO_TEST_SUITE(shim_requests, *needs::root() * needs::ocelot())

BOOST_AUTO_TEST_CASE(a_shim_is_shut_down_once_its_container_has_stopped) {
  const std::string shutdown = R"({"operation":"shutdown"})";
  Runtime runtime;
  Bundle bundle;
  run(runtime, bundle, "echo up; exec sleep 1000");
  Client client = client_of(runtime);
  const UniqueFd shim = open_pidfd(ask(client, R"({"operation":"status"})").at("pid"));
  BOOST_TEST(contains(refusal(client, shutdown), "has not stopped"));
  ask(client, R"({"operation":"kill","signal":"KILL"})");
  BOOST_TEST(ask(client, wait_for_exit).at("status") == 137);
  BOOST_TEST(ask(client, shutdown) == json::object());
  wait_for_end(shim.get());
  BOOST_TEST(runtime.status("c") == "stopped");
  BOOST_TEST(runtime.call({"delete", "c"}).status == 0);
}

BOOST_AUTO_TEST_CASE(of_two_processes_with_one_name_the_second_is_refused) {
  const std::string exec =
      R"({"operation":"exec","name":"x","args":["sh","-c","exec sleep 1000"],"cwd":"/"})";
  Runtime runtime;
  Bundle bundle;
  run(runtime, bundle, "echo up; exec sleep 1000");
  Client client = client_of(runtime);
  client.send(exec);
  client.send(exec);
  unsigned made = 0, refused = 0;
  for (int i = 0; i < 2; ++i) {
    const auto come = client.wait(Clock::now() + 20s);
    BOOST_REQUIRE(come);
    ++(contains(come->document, "runs already") ? refused : made);
  }
  BOOST_TEST(made == 1u);
  BOOST_TEST(refused == 1u);
  ask(client, R"({"operation":"kill","process":"x","signal":9})");
  BOOST_TEST(ask(client, R"({"operation":"wait","process":"x"})").at("status") == 137);
  // Its name is free again; one that could not be made leaves its name free, too.
  const std::string missing =
      refusal(client, R"({"operation":"exec","name":"x","args":["/nowhere"]})");
  BOOST_TEST(contains(missing, "/nowhere"), missing);
  BOOST_TEST(!contains(missing, "accepted"));
  BOOST_TEST(ask(client, exec).at("process") == "x");
}

BOOST_AUTO_TEST_CASE(a_process_added_to_a_paused_container_runs_once_that_is_resumed) {
  Runtime runtime;
  Bundle bundle;
  run(runtime, bundle, "echo up; exec sleep 1000");
  Client client = client_of(runtime), other = client_of(runtime);
  begin_exec_in_paused(client, other);
  BOOST_TEST(ask(other, R"({"operation":"state"})").at("status") == "paused");
  ask(other, R"({"operation":"resume"})");
  const auto made = client.wait(Clock::now() + 20s);
  BOOST_REQUIRE(made);
  BOOST_TEST(json::parse(made->document).at("process") == "x");
  ask(other, R"({"operation":"kill","process":"x","signal":9})");
  BOOST_TEST(ask(other, R"({"operation":"wait","process":"x"})").at("status") == 137);
  BOOST_TEST(ask(other, R"({"operation":"status"})").at("underWay") == 0);
}

BOOST_AUTO_TEST_CASE(streams_are_the_shim_s_or_the_client_s) {
  Runtime runtime;
  Bundle bundle;
  run(runtime, bundle, "echo up; exec sleep 1000");
  Client client = client_of(runtime);
  std::vector<ocelot::UniqueFd> streams;
  for (int i = 0; i < 3; ++i) streams.push_back(ocelot::sys::open(AT_FDCWD, "/dev/null", O_RDWR));
  BOOST_CHECK_EXCEPTION(
      client.request(R"({"operation":"exec","name":"x","args":["true"],"keepStreams":true})",
                     std::move(streams), Clock::now() + 20s),
      ocelot::Error,
      [](const ocelot::Error& error) { return contains(error.what(), "takes no descriptors"); });

  const auto made = client.request(
      R"({"operation":"exec","name":"x","args":["cat"],"keepStreams":true,"stdin":true})", {},
      Clock::now() + 20s);
  BOOST_TEST(made.fds.size() == 1u);  // the pidfd
  const json attach{{"operation", "attach"}, {"process", "x"}, {"stdin", true}};
  const auto attached = client.request(attach.dump(), {}, Clock::now() + 20s);
  BOOST_REQUIRE(attached.fds.size() == 3u);
  ocelot::sys::write_all(attached.fds[0].get(), "text");
  std::array<char, 16> buffer;
  BOOST_TEST(ocelot::sys::read_some(attached.fds[1].get(), buffer) == 4u);
  BOOST_TEST(
      contains(refusal(client, R"({"operation":"resize","process":"x","width":9,"height":9})"),
               "no terminal"));
  ask(client, R"({"operation":"close-stdin","process":"x"})");
  BOOST_TEST(ask(client, R"({"operation":"wait","process":"x"})").at("status") == 0);
  BOOST_TEST(ocelot::sys::read_some(attached.fds[1].get(), buffer) == 0u);
}

BOOST_AUTO_TEST_CASE(so_many_processes_have_streams_that_the_shim_keeps) {
  Runtime runtime;
  Bundle bundle;
  run(runtime, bundle, "echo up; exec sleep 1000");
  Client client = client_of(runtime);
  const std::string exec =
      R"({"operation":"exec","args":["sleep","1000"],"cwd":"/","keepStreams":true})";
  for (int i = 0; i < 64; ++i) ask(client, exec);
  BOOST_TEST(contains(refusal(client, exec), "keeps the streams of 64 processes already"));
  ask(client, R"({"operation":"kill","process":"exec-1","signal":9})");
  ask(client, R"({"operation":"wait","process":"exec-1"})");
  BOOST_TEST(ask(client, exec).contains("process"));
}

BOOST_AUTO_TEST_CASE(a_process_being_added_ends_with_its_container) {
  Runtime runtime;
  Bundle bundle;
  run(runtime, bundle, "echo up; exec sleep 1000");
  Client client = client_of(runtime), other = client_of(runtime);
  begin_exec_in_paused(client, other);
  ask(other, R"({"operation":"kill","signal":"KILL"})");
  BOOST_TEST(ask(other, wait_for_exit).at("status") == 137);
  const auto refused = client.wait(Clock::now() + 20s);
  BOOST_REQUIRE(refused);
  // Init's end is seen after that of all others in its pid namespace, or at once.
  BOOST_TEST((contains(refused->document, "its init has ended meanwhile") ||
              contains(refused->document, "ended with signal: Killed before its program")),
             refused->document);
  BOOST_TEST(runtime.call({"delete", "c"}).status == 0);
}

// Of those who are frozen with it nobody is killed but init.
BOOST_AUTO_TEST_CASE(a_process_being_added_does_not_wait_for_who_thaws_its_container,
                     *needs::file("/sys/fs/cgroup/unified/cgroup.procs")) {
  Runtime runtime;
  Bundle bundle;
  run(runtime, bundle, "echo up; exec sleep 1000");
  Client client = client_of(runtime), other = client_of(runtime);
  begin_exec_in_paused(client, other);
  checked(::kill(ask(other, R"({"operation":"state"})").at("pid"), SIGKILL), "kill");
  BOOST_TEST(ask(other, wait_for_exit).at("status") == 137);
  const auto refused = client.wait(Clock::now() + 20s);
  BOOST_REQUIRE(refused);
  BOOST_TEST(contains(refused->document, "its init has ended meanwhile"), refused->document);
  BOOST_TEST(runtime.call({"delete", "c"}).status == 0);
}

BOOST_AUTO_TEST_CASE(figures_come_at_an_interval_that_is_one) {
  Runtime runtime;
  Bundle bundle;
  run(runtime, bundle, "echo up; exec sleep 1000");
  Client client = client_of(runtime);
  for (const char* interval : {"-1", "9", "3600001", "9223372036854775807"}) {
    BOOST_TEST(contains(refusal(client, std::string(R"({"operation":"stats","interval_ms":)") +
                                            interval + "}"),
                        "interval_ms"),
               interval);
  }
  client.send(R"({"operation":"stats","interval_ms":10})");
  for (int i = 1; i <= 3; ++i) {
    const auto come = client.wait(Clock::now() + 20s);
    BOOST_REQUIRE(come);
    BOOST_TEST(json::parse(come->document).at("number") == i);
  }
}

BOOST_AUTO_TEST_CASE(events_go_on_where_a_client_was) {
  Runtime runtime;
  Bundle bundle;
  run(runtime, bundle, "echo up; exec sleep 1000");
  Client first = client_of(runtime);
  first.subscribe();
  const std::string instance = json::parse(first.wait(Clock::now() + 20s)->document).at("instance");
  ask(first, R"({"operation":"pause"})");
  ask(first, R"({"operation":"resume"})");
  const json paused = json::parse(first.wait(Clock::now() + 20s)->document);
  BOOST_TEST(paused.at("event") == "paused");

  Client second = client_of(runtime);
  second.send(
      json{{"operation", "events"}, {"after", paused.at("number")}, {"instance", instance}}.dump());
  BOOST_TEST(json::parse(second.wait(Clock::now() + 20s)->document).at("event") == "subscribed");
  BOOST_TEST(json::parse(second.wait(Clock::now() + 20s)->document).at("event") == "resumed");
}

BOOST_AUTO_TEST_CASE(the_end_is_told_before_the_shim_of_a_deleted_container_leaves) {
  Runtime runtime;
  Bundle bundle;
  run(runtime, bundle, "echo up; exec sleep 1000");
  Client waiting = client_of(runtime);
  const std::uint64_t end = waiting.send(wait_for_exit);
  waiting.advance();
  Client deleting = client_of(runtime);
  ask(deleting, R"({"operation":"delete","force":true})");
  const auto told = waiting.wait(Clock::now() + 20s);
  BOOST_REQUIRE(told);
  BOOST_TEST(told->id == end);
  BOOST_TEST(json::parse(told->document).at("status") == 137);
}

BOOST_AUTO_TEST_SUITE_END()
