#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>

#include "runtime/base/process.hpp"
#include "tests/kernel/control/proxy.hpp"
#include "tests/kernel/control/raw_client.hpp"
#include "tests/kernel/control/server_thread.hpp"

namespace ocelot::test {
namespace {

using namespace std::chrono_literals;

// A client that does not wait long before it tries again.
control::ClientOptions impatient() {
  return {.repeat_after = 20ms,
          .repeat_at_most = 200ms,
          .reconnect_after = 1ms,
          .reconnect_at_most = 20ms};
}

std::string kill_number(unsigned number) {
  return fmt::format(R"({{"operation":"kill","number":{}}})", number);
}

// Every request is answered as the first of its kind.
void expect_one_effect_each(Proxy::Faults faults, unsigned seed, unsigned requests = 300) {
  ServerThread shim;
  Proxy proxy{[&] { return shim.connect(); }, faults, seed};
  control::Client client{proxy.connector(), impatient()};
  for (unsigned i = 0; i < requests; ++i) {
    BOOST_TEST_REQUIRE(client.request(kill_number(i), {}, soon()).document == R"({"done":1})",
                       "request " << i);
  }
  BOOST_TEST(shim.ask<std::size_t>([&] { return shim.effects.size(); }) == requests);
  BOOST_TEST(proxy.faults_made() > 0u);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(control_delivery)

// security 4.6, 7: one effect for each id, whatever happens to the packets.
BOOST_AUTO_TEST_CASE(lost_packets_double_no_effect) {
  expect_one_effect_each({.lose = 0.1}, 1);
}
BOOST_AUTO_TEST_CASE(damaged_packets_double_no_effect) {
  expect_one_effect_each({.damage = 0.1}, 2);
}
BOOST_AUTO_TEST_CASE(packets_that_come_twice_double_no_effect) {
  expect_one_effect_each({.twice = 0.3}, 3);
}
BOOST_AUTO_TEST_CASE(packets_that_come_late_double_no_effect) {
  expect_one_effect_each({.late = 0.1}, 4);
}
BOOST_AUTO_TEST_CASE(connections_that_break_double_no_effect) {
  expect_one_effect_each({.cut = 0.1}, 5);
}
BOOST_AUTO_TEST_CASE(all_of_that_together_doubles_no_effect) {
  expect_one_effect_each({.lose = 0.05, .damage = 0.05, .twice = 0.05, .late = 0.05, .cut = 0.02},
                         6);
}

BOOST_AUTO_TEST_CASE(a_large_message_arrives_whole_through_damage) {
  ServerThread shim;
  Proxy proxy{[&] { return shim.connect(); }, {.damage = 0.02}, 7};
  control::Client client{proxy.connector(), impatient()};
  const std::string big = R"({"operation":"exec","x":")" + std::string(1'000'000, 'x') + "\"}";
  for (int i = 0; i < 5; ++i) client.request(big, {}, soon());
  BOOST_TEST((shim.ask<std::map<std::string, unsigned>>([&] { return shim.effects; })[big]) == 5u);
}

BOOST_AUTO_TEST_CASE(descriptors_go_again_with_a_repeat) {
  ServerThread shim;
  const unsigned before = open_descriptors();
  {
    Proxy proxy{[&] { return shim.connect(); }, {.lose = 0.2, .cut = 0.1}, 8};
    control::Client client{proxy.connector(), impatient()};
    for (int i = 0; i < 30; ++i) {
      std::vector<UniqueFd> fds;
      fds.push_back(sys::open(AT_FDCWD, "/dev/null", O_RDONLY));
      const dev_t device = sys::stat(fds[0].get()).st_rdev;
      const auto answer = client.request(R"({"operation":"channel"})", std::move(fds), soon());
      BOOST_TEST_REQUIRE(answer.fds.size() == 1u);
      BOOST_TEST(sys::stat(answer.fds[0].get()).st_rdev == device);
    }
  }
  while (shim.metrics().connections != 0) {
  }
  BOOST_TEST(open_descriptors() == before);
}

// security 4.6, 7: the client goes away between request and answer, and comes back.
BOOST_AUTO_TEST_CASE(a_repeat_on_a_new_connection_gets_the_first_answer) {
  ServerThread shim;
  for (int i = 0; i < 2; ++i) {
    const UniqueFd socket = shim.connect();
    send_packet(socket.get(), hello_packet());
    send_packet(socket.get(), request_packet(7, kill_number(1)));
    receive(socket.get());  // the welcome
    if (i == 0) continue;   // leaves without the answer
    BOOST_TEST(receive(socket.get())->frame.payload == R"({"done":1})");
  }
  BOOST_TEST(shim.metrics().repeats_answered == 1u);
}

BOOST_AUTO_TEST_CASE(another_request_under_the_same_id_is_refused) {
  ServerThread shim;
  const UniqueFd socket = shim.connect();
  send_packet(socket.get(), hello_packet());
  send_packet(socket.get(), request_packet(7, kill_number(1)));
  send_packet(socket.get(), request_packet(7, kill_number(2)));
  receive(socket.get());
  receive(socket.get());
  BOOST_TEST(receive(socket.get())->frame.payload.find("stands for another request") !=
             std::string_view::npos);
  BOOST_TEST(shim.effects.size() == 1u);
}

// Also while the first one waits for its answer, which it then gets.
BOOST_AUTO_TEST_CASE(another_request_under_the_id_of_one_in_progress_is_refused) {
  ServerThread shim;
  const UniqueFd socket = shim.connect();
  send_packet(socket.get(), hello_packet());
  const std::string wait = R"({"operation":"wait"})";
  for (const std::string& each : {wait, wait, std::string{R"({"operation":"state"})"}})
    send_packet(socket.get(), request_packet(7, each));
  receive(socket.get());
  BOOST_TEST(receive(socket.get())->frame.payload.find("stands for another request") !=
             std::string_view::npos);
  BOOST_TEST(shim.metrics().repeats_attached == 1u);
  shim.finish_waits();
  BOOST_TEST(receive(socket.get())->frame.payload == R"({"status":0})");
}

// security 4.6, 8: the server is killed and another takes its place with what was written down.
BOOST_AUTO_TEST_CASE(a_server_that_takes_over_knows_what_was_done) {
  std::deque<control::Effect> written;
  {
    ServerThread shim;
    const UniqueFd socket = shim.connect();
    send_packet(socket.get(), hello_packet());
    send_packet(socket.get(), request_packet(7, kill_number(1)));
    receive(socket.get());
    receive(socket.get());
    written = shim.ask<std::deque<control::Effect>>([&] { return shim.server().effects().all(); });
  }
  BOOST_TEST_REQUIRE(written.size() == 1u);
  control::Effect begun = written[0];
  begun.key.id = 8;
  begun.result.reset();
  written.push_back(begun);

  ServerThread next;
  next.run([&] { next.server().effects().restore(written); });
  const UniqueFd socket = next.connect();
  send_packet(socket.get(), hello_packet());
  send_packet(socket.get(), request_packet(7, kill_number(1)));
  send_packet(socket.get(), request_packet(8, kill_number(1)));
  receive(socket.get());
  BOOST_TEST(receive(socket.get())->frame.payload == R"({"done":1})");
  BOOST_TEST(receive(socket.get())->frame.payload.find("not known") != std::string_view::npos);
  BOOST_TEST(next.requests == 0u);
}

BOOST_AUTO_TEST_CASE(a_client_outlives_its_server) {
  TempDir directory;
  auto shim = std::make_unique<ServerThread>();
  ServerThread* now = shim.get();
  control::Client client{[&](int& error_number) {
                           if (now == nullptr) {
                             error_number = ECONNREFUSED;
                             return UniqueFd{};
                           }
                           error_number = 0;
                           return now->connect();
                         },
                         impatient()};
  client.request(R"({"operation":"state"})", {}, soon());
  now = nullptr;
  shim.reset();
  BOOST_CHECK_THROW(client.request(R"({"operation":"state"})", {}, control::Clock::now() + 50ms),
                    Error);
  shim = std::make_unique<ServerThread>();
  now = shim.get();
  BOOST_TEST(client.request(R"({"operation":"state"})", {}, soon()).document ==
             R"({"status":"running"})");
  BOOST_TEST(client.reconnects() == 1u);
}

// Every request has a deadline, and its error names the silent shim.
BOOST_AUTO_TEST_CASE(a_silent_shim_is_an_error_that_names_its_pid) {
  TempDir directory;
  const UniqueFd at = sys::open(AT_FDCWD, directory.path(), O_PATH | O_DIRECTORY);
  const control::Listener silent = control::Listener::bind(at.get(), {});
  auto client = control::Client::connect_if_listening(at.get());
  BOOST_CHECK_EXCEPTION(
      client->request(R"({"operation":"state"})", {}, control::Clock::now() + 50ms), Error,
      [](const Error& error) {
        return std::string{error.what()}.find(fmt::format("pid {}", sys::process_id())) !=
               std::string::npos;
      });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::test
