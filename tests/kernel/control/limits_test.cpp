#include <fmt/core.h>

#include <boost/test/unit_test.hpp>

#include "runtime/base/process.hpp"
#include "tests/kernel/control/raw_client.hpp"
#include "tests/kernel/control/server_thread.hpp"

// The limits of a server, each at one less, as many, and one more.
namespace ocelot::test {
namespace {

using namespace std::chrono_literals;
using control::Refusal;

constexpr const char* state = R"({"operation":"state"})";

std::uint64_t refused(ServerThread& shim, Refusal why) {
  return shim.metrics().refused[static_cast<std::size_t>(why)];
}

// Greeted; nullopt when it is turned away.
std::optional<UniqueFd> greeted(const ServerThread& shim) {
  UniqueFd socket = shim.connect();
  try_send_packet(socket.get(), hello_packet());
  const auto reply = receive(socket.get());
  if (!reply || reply->frame.header.type != control::Type::Welcome) return std::nullopt;
  return socket;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(control_limits)

BOOST_AUTO_TEST_CASE(so_many_connections_of_one_uid) {
  ServerThread shim;
  std::vector<UniqueFd> open;
  for (unsigned i = 0; i < control::Limits{}.connections_of_one_uid; ++i)
    open.push_back(*greeted(shim));
  BOOST_TEST(!greeted(shim));
  BOOST_TEST(refused(shim, Refusal::ConnectionsOfUid) == 1u);
  open.pop_back();
  shim.run([] {});  // the loop has seen the end
  BOOST_TEST(greeted(shim).has_value());
}

BOOST_AUTO_TEST_CASE(so_many_connections) {
  const control::Limits limits{.connections_of_one_uid = 1000};
  ServerThread shim{{.limits = limits}};
  std::vector<UniqueFd> open;
  for (unsigned i = 0; i < limits.connections; ++i) open.push_back(*greeted(shim));
  BOOST_TEST(!greeted(shim));
  BOOST_TEST(refused(shim, Refusal::Connections) == 1u);
  BOOST_TEST(shim.metrics().connections == limits.connections);
}

BOOST_AUTO_TEST_CASE(so_many_requests_in_progress) {
  ServerThread shim;
  control::Client client = shim.client();
  const unsigned limit = control::Limits{}.requests_in_progress;
  for (unsigned i = 0; i < limit - 1; ++i) client.send(R"({"operation":"wait"})");
  BOOST_TEST(client.request(state, {}, soon()).document == R"({"status":"running"})");
  client.send(R"({"operation":"wait"})");
  BOOST_CHECK_EXCEPTION(client.request(state, {}, soon()), Error, [](const Error& error) {
    return std::string{error.what()}.find("in progress") != std::string::npos;
  });
  shim.finish_waits();
  for (unsigned i = 0; i < limit; ++i)
    BOOST_TEST(client.wait(soon())->document == R"({"status":0})");
}

BOOST_AUTO_TEST_CASE(a_peer_that_reads_nothing_is_not_read_from) {
  ServerThread shim;
  control::Client other = shim.client();
  const UniqueFd stalled = *greeted(shim);
  sys::set_nonblocking(stalled.get(), true);
  // Each is answered with as many bytes as it has.
  const std::string document = R"({"operation":"logs","x":")" + std::string(20'000, 'x') + "\"}";
  unsigned sent = 0;
  for (unsigned refusals = 0; refusals < 20;) {
    if (try_send_packet(stalled.get(), request_packet(sent + 1, document)) == 0) {
      ++sent;
    } else {
      ++refusals;
      other.request(state, {}, soon());
    }
    BOOST_REQUIRE(sent < 1000u);
  }
  const control::Metrics metrics = shim.metrics();
  BOOST_TEST(metrics.queued_bytes <= control::Limits{}.outbox_bytes + 16 * 21'000);
  BOOST_TEST(metrics.requests < sent + 100);
  // What it sent is served when it reads again.
  sys::set_nonblocking(stalled.get(), false);
  for (unsigned i = 1; i <= sent; ++i)
    BOOST_TEST_REQUIRE(receive(stalled.get())->frame.header.id == i);
}

BOOST_AUTO_TEST_CASE(a_peer_that_goes_away_without_reading_is_forgotten) {
  ServerThread shim;
  const unsigned before = open_descriptors();
  {
    UniqueFd stalled = *greeted(shim);
    sys::set_nonblocking(stalled.get(), true);
    const std::string document = R"({"operation":"logs","x":")" + std::string(20'000, 'x') + "\"}";
    for (unsigned i = 1; try_send_packet(stalled.get(), request_packet(i, document)) == 0; ++i) {
    }
  }
  control::Client other = shim.client();
  other.request(state, {}, soon());
  shim.run([] {});
  BOOST_TEST(shim.metrics().connections == 1u);
  BOOST_TEST(open_descriptors() <= before + 3);
}

BOOST_AUTO_TEST_CASE(an_idle_observer_is_closed_and_an_operator_is_not) {
  constexpr uid_t observer = 12346;
  ServerThread shim{{.limits = {.idle_observer = 30ms}}, {.observers = {observer}}};
  const UniqueFd operating = *greeted(shim);
  ChildProcess child;
  shim.run([&] {
    child = spawn(
        "observer", {},
        [&] {
          sys::set_gid(observer);
          sys::set_uid(observer);
          const UniqueFd socket = *greeted(shim);
          const auto goodbye = receive(socket.get());
          const bool idle = goodbye->frame.payload.find("Idle") != std::string_view::npos;
          return idle && !receive(socket.get()) ? 0 : 1;
        },
        [](const Error&) {});
  });
  BOOST_TEST(child.wait().code == 0);
  send_packet(operating.get(), request_packet(1, state));
  BOOST_TEST(receive(operating.get()).has_value());
}

BOOST_AUTO_TEST_CASE(a_message_whose_fragments_do_not_all_come_is_dropped) {
  ServerThread shim{{.limits = {.partial_message_age = 20ms}}};
  const UniqueFd socket = *greeted(shim);
  send_packet(socket.get(),
              packet({.type = control::Type::Request, .id = 1, .index = 0, .count = 2}, "{"));
  while (shim.metrics().messages_expired == 0) {
  }
  send_packet(socket.get(), request_packet(1, state));
  BOOST_TEST(receive(socket.get())->frame.payload == R"({"status":"running"})");
}

BOOST_AUTO_TEST_CASE(buffer_sizes_can_be_set) {
  ServerThread shim{
      {.limits = {.send_buffer_bytes = 16 * 1024, .receive_buffer_bytes = 16 * 1024}}};
  control::Client client =
      shim.client({.send_buffer_bytes = 16 * 1024, .receive_buffer_bytes = 16 * 1024});
  const std::string document = R"({"operation":"logs","x":")" + std::string(200'000, 'x') + "\"}";
  BOOST_TEST((client.request(document, {}, soon()).document == document));
}

BOOST_AUTO_TEST_CASE(a_client_refuses_what_would_be_too_long) {
  ServerThread shim;
  control::Client client = shim.client();
  BOOST_CHECK_THROW(client.send(std::string(control::max_message_bytes + 1, 'x')), Error);
  std::vector<UniqueFd> fds(control::max_descriptors + 1);
  BOOST_CHECK_THROW(client.send("{}", std::move(fds)), Error);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::test
