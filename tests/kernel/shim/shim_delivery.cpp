// The shim of a real container behind a proxy that loses, damages, repeats, delays and cuts: one
// effect for each request id.
#include <signal.h>

#include <map>

#include "tests/kernel/control/proxy.hpp"
#include "tests/kernel/shim/shim_client.hpp"
#include "tests/support/black_box.hpp"

namespace {

using namespace ocelot::test;
using namespace std::chrono_literals;
using nlohmann::json;
using ocelot::control::Client;
using ocelot::control::Clock;

constexpr Proxy::Faults everything{
    .lose = 0.05, .damage = 0.05, .twice = 0.05, .late = 0.05, .cut = 0.02};

// A client of the shim by way of a proxy; it does not wait long before it tries again.
class Faulty {
 public:
  Faulty(const Runtime& runtime, Proxy::Faults faults, unsigned seed)
      : proxy_{[&runtime] { return connect_to_shim(runtime); }, faults, seed},
        client_{proxy_.connector(),
                {.repeat_after = 20ms,
                 .repeat_at_most = 200ms,
                 .reconnect_after = 1ms,
                 .reconnect_at_most = 20ms}} {}
  ~Faulty() { BOOST_TEST((proxy_.faults_made() > 0u || cut_)); }

  Client& client() { return client_; }
  json ask(const std::string& document) { return ocelot::test::ask(client_, document); }
  void cut() {
    cut_ = true;
    proxy_.cut();
  }

 private:
  Proxy proxy_;
  Client client_;
  bool cut_ = false;
};

json kills_through(Proxy::Faults faults, unsigned seed, unsigned long requests = 300) {
  const Runtime runtime;
  const Counter counter{runtime};
  {
    Faulty faulty{runtime, faults, seed};
    for (unsigned long i = 0; i < requests; ++i)
      BOOST_TEST_REQUIRE(faulty.ask(Counter::hit(i)) == json::object(), "request " << i);
  }
  json status = counter.shimmed().shim_status();
  BOOST_TEST(served(status, "kill") == requests);
  BOOST_TEST(counter.count() == requests);
  return status;
}

// How often each line of a file is there.
std::map<std::string, unsigned> lines_of(const std::string& path) {
  std::map<std::string, unsigned> lines;
  std::istringstream text{ocelot::test::read_file(path)};
  for (std::string line; std::getline(text, line);) ++lines[line];
  return lines;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(shim_delivery, *needs::root() * needs::ocelot())

BOOST_AUTO_TEST_CASE(lost_packets_double_no_signal) {
  kills_through({.lose = 0.1}, 1);
}
BOOST_AUTO_TEST_CASE(damaged_packets_are_sent_again_and_double_no_signal) {
  const json status = kills_through({.damage = 0.1}, 2);
  BOOST_TEST(status["control"]["resends"] > 0);
}
BOOST_AUTO_TEST_CASE(packets_that_come_twice_double_no_signal) {
  kills_through({.twice = 0.3}, 3);
}
BOOST_AUTO_TEST_CASE(packets_that_come_late_double_no_signal) {
  kills_through({.late = 0.1}, 4);
}
BOOST_AUTO_TEST_CASE(connections_that_break_double_no_signal) {
  kills_through({.cut = 0.1}, 5);
}
BOOST_AUTO_TEST_CASE(all_of_that_together_doubles_no_signal) {
  kills_through(everything, 6);
}

BOOST_AUTO_TEST_CASE(exec_runs_its_program_once) {
  constexpr unsigned requests = 60;
  const Runtime runtime;
  Bundle bundle;
  bundle.config["root"]["readonly"] = false;
  const Shimmed shimmed{runtime, bundle.args({"sleep", "1000"})};
  {
    Faulty faulty{runtime, everything, 7};
    for (unsigned i = 0; i < requests; ++i) {
      const std::string line = std::to_string(i);
      const json made =
          faulty.ask(json{{"operation", "exec"},
                          {"name", "p" + line},
                          {"cwd", "/"},
                          {"args", {"/bin/sh", "-c", "echo " + line + " >> /effects"}}}
                         .dump());
      const json exit =
          faulty.ask(json{{"operation", "wait"}, {"process", made.at("process")}}.dump());
      BOOST_TEST_REQUIRE(exit.at("status") == 0);
    }
  }
  BOOST_TEST(served(shimmed.shim_status(), "exec") == requests);
  const auto lines = lines_of(bundle.rootfs() + "/effects");
  BOOST_TEST(lines.size() == requests);
  for (const auto& [line, times] : lines) BOOST_TEST(times == 1u, line);
}

BOOST_AUTO_TEST_CASE(pause_and_resume_happen_once_each_and_in_their_turn) {
  constexpr unsigned rounds = 60;
  const Runtime runtime;
  Bundle bundle;
  const Shimmed shimmed{runtime, bundle.args({"sleep", "1000"})};
  Client observer = client_of(runtime);
  observer.subscribe();
  observer.wait(Clock::now() + 20s);
  {
    Faulty faulty{runtime, everything, 8};
    for (unsigned i = 0; i < rounds; ++i) {
      BOOST_TEST_REQUIRE(faulty.ask(R"({"operation":"pause"})") == json::object());
      BOOST_TEST_REQUIRE(ask(observer, R"({"operation":"state"})").at("status") == "paused");
      BOOST_TEST_REQUIRE(faulty.ask(R"({"operation":"resume"})") == json::object());
      BOOST_TEST_REQUIRE(ask(observer, R"({"operation":"state"})").at("status") == "running");
    }
  }
  for (unsigned i = 0; i < 2 * rounds; ++i) {
    const auto come = observer.wait(Clock::now() + 20s);
    BOOST_TEST_REQUIRE(come.has_value());
    BOOST_TEST(json::parse(come->document).at("event") == (i % 2 == 0 ? "paused" : "resumed"));
  }
  const json status = shimmed.shim_status();
  BOOST_TEST(served(status, "pause") == rounds);
  BOOST_TEST(served(status, "resume") == rounds);
  BOOST_TEST(status["control"]["eventsPublished"] == 1 + 2 * rounds);  // and "started"
}

BOOST_AUTO_TEST_CASE(update_happens_once, *needs::controller("pids")) {
  constexpr unsigned requests = 60;
  const Runtime runtime;
  Bundle bundle;
  const Shimmed shimmed{runtime, bundle.args({"sleep", "1000"})};
  {
    Faulty faulty{runtime, everything, 9};
    for (unsigned limit = 100; limit < 100 + requests; ++limit) {
      faulty.ask(
          json{{"operation", "update"}, {"resources", {{"pids", {{"limit", limit}}}}}}.dump());
      BOOST_TEST_REQUIRE(bundle.cgroup_file("pids", "pids.max") == std::to_string(limit));
    }
  }
  BOOST_TEST(served(shimmed.shim_status(), "update") == requests);
}

BOOST_AUTO_TEST_CASE(a_wait_goes_on_when_its_connection_was_cut) {
  const Runtime runtime;
  Bundle bundle;
  const Shimmed shimmed{runtime, bundle.args({"sleep", "1000"})};
  Faulty faulty{runtime, {}, 10};
  Client direct = client_of(runtime);
  const auto wait_is_open = [&] {
    const json status = ask(direct, R"({"operation":"status"})");
    return std::ranges::count_if(status.at("connections"), [](const json& connection) {
             return connection.at("requests") == 1;
           }) == 2;  // that of `direct`, too
  };
  const std::uint64_t end = faulty.client().send(R"({"operation":"wait"})");
  while (!wait_is_open()) faulty.client().advance();
  for (std::uint64_t cuts = 1; cuts <= 3; ++cuts) {
    faulty.cut();
    const auto patience = Clock::now() + 20s;
    while (faulty.client().reconnects() < cuts) {
      BOOST_TEST_REQUIRE(!faulty.client().wait(Clock::now() + 1ms).has_value());
      BOOST_REQUIRE(Clock::now() < patience);
    }
  }
  ask(direct, R"({"operation":"kill","signal":"KILL"})");
  const auto told = faulty.client().wait(Clock::now() + 20s);
  BOOST_TEST_REQUIRE(told.has_value());
  BOOST_TEST(told->id == end);
  BOOST_TEST(json::parse(told->document).at("status") == 137);
}

BOOST_AUTO_TEST_SUITE_END()
