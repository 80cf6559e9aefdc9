#include <fmt/core.h>

#include <boost/test/unit_test.hpp>

#include "tests/kernel/control/proxy.hpp"
#include "tests/kernel/control/raw_client.hpp"
#include "tests/kernel/control/server_thread.hpp"

namespace ocelot::test {
namespace {

using namespace std::chrono_literals;

std::string event(unsigned number) {
  return fmt::format(R"({{"event":"e","n":{}}})", number);
}

control::Client subscriber(const ServerThread& shim) {
  control::Client client = shim.client();
  client.subscribe();
  BOOST_REQUIRE(client.wait(soon())->document.starts_with(R"({"event":"subscribed")"));
  return client;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(control_events)

BOOST_AUTO_TEST_CASE(events_arrive_in_their_order) {
  ServerThread shim;
  control::Client client = subscriber(shim);
  for (unsigned i = 1; i <= 100; ++i) shim.publish(event(i));
  for (unsigned i = 1; i <= 100; ++i) {
    BOOST_TEST_REQUIRE(client.wait(soon())->document ==
                       fmt::format(R"({{"number":{},"event":"e","n":{}}})", i, i));
  }
}

BOOST_AUTO_TEST_CASE(a_thousand_events_leave_in_at_most_forty_calls) {
  ServerThread shim{{.limits = {.events = 2000, .events_bytes = 1 << 20}}};
  control::Client client = subscriber(shim);
  const auto before = shim.metrics().send_calls;
  shim.run([&] {
    for (unsigned i = 1; i <= 1000; ++i) shim.server().publish(event(i));
  });
  for (unsigned i = 1; i <= 1000; ++i)
    BOOST_TEST_REQUIRE(control::number_of(client.wait(soon())->document) == i);
  const auto calls = shim.metrics().send_calls - before;
  BOOST_TEST_MESSAGE("sendmmsg calls for 1,000 events: " << calls);
  BOOST_TEST(calls <= 40u);
}

// The gathering time is so long that the test would fail, did the reply wait for it.
BOOST_AUTO_TEST_CASE(a_lone_reply_waits_for_no_timer_and_takes_the_events_before_it_along) {
  ServerThread shim{{.limits = {.gather_time = 3'600'000ms}}};
  control::Client client = subscriber(shim);
  shim.publish(event(1));
  const std::uint64_t id = client.send(R"({"operation":"state"})");
  const auto first = client.wait(soon());
  BOOST_TEST(control::number_of(first->document) == 1u);
  const auto second = client.wait(soon());
  BOOST_TEST(second->id == id);
}

BOOST_AUTO_TEST_CASE(an_event_alone_leaves_after_the_gathering_time) {
  ServerThread shim;
  control::Client client = subscriber(shim);
  shim.publish(event(1));
  BOOST_TEST(control::number_of(client.wait(soon())->document) == 1u);
}

// Replies to requests that one turn reads leave together.
BOOST_AUTO_TEST_CASE(the_replies_of_one_turn_leave_in_one_call) {
  ServerThread shim;
  UniqueFd socket = shim.connect();
  send_packet(socket.get(), hello_packet());
  receive(socket.get());
  const auto before = shim.metrics().send_calls;
  shim.run([&] {
    for (unsigned i = 1; i <= 16; ++i)
      send_packet(socket.get(), request_packet(i, R"({"operation":"state"})"));
  });
  for (unsigned i = 1; i <= 16; ++i) receive(socket.get());
  BOOST_TEST(shim.metrics().send_calls - before == 1u);
}

// security 4.6, 10: a stalled reader of very many events costs no memory, and others nothing.
BOOST_AUTO_TEST_CASE(one_that_lags_is_told_how_many_it_missed) {
  ServerThread shim;
  control::Client stalled = subscriber(shim);
  control::Client other = shim.client();
  constexpr unsigned total = 200'000;
  for (unsigned i = 0; i < total; i += 1000) {
    shim.run([&] {
      for (unsigned n = 0; n < 1000; ++n) shim.server().publish(event(i + n));
    });
    if (i % 20'000 == 0) other.request(R"({"operation":"state"})", {}, soon());
  }
  BOOST_TEST(shim.metrics().queued_bytes <= control::Limits{}.outbox_bytes + 1024);
  unsigned long seen = 0, missed = 0;
  std::uint64_t last = 0;
  while (last < total) {
    const std::string document = stalled.wait(soon())->document;
    if (const auto number = control::number_of(document)) {
      BOOST_REQUIRE(number > last);
      last = number;
      ++seen;
    } else {
      missed += *control::number_member(document, "missed");
    }
  }
  BOOST_TEST(seen + missed == total);
  BOOST_TEST(missed > 0u);
}

BOOST_AUTO_TEST_CASE(a_subscription_goes_on_where_it_was_on_a_new_connection) {
  ServerThread shim{{.limits = {.events = 1000, .events_bytes = 1 << 20}}};
  Proxy proxy{[&] { return shim.connect(); }, {.damage = 0.03, .twice = 0.03, .cut = 0.03}, 9};
  control::Client client{proxy.connector(),
                         {.repeat_after = 20ms,
                          .repeat_at_most = 100ms,
                          .reconnect_after = 1ms,
                          .reconnect_at_most = 10ms}};
  client.subscribe();
  while (!client.wait(soon())->document.starts_with(R"({"event":"subscribed")")) {
  }
  std::uint64_t last = 0;
  for (unsigned i = 1; i <= 300; ++i) {
    shim.publish(event(i));
    for (;;) {
      const auto incoming = client.wait(soon());
      BOOST_TEST_REQUIRE(incoming.has_value());
      const auto number = control::number_of(incoming->document);
      if (number == 0) continue;  // subscribed, again
      BOOST_TEST_REQUIRE(number == last + 1);
      last = number;
      break;
    }
  }
}

BOOST_AUTO_TEST_CASE(a_cancelled_subscription_ends) {
  ServerThread shim;
  control::Client client = shim.client();
  const std::uint64_t id = client.subscribe();
  client.wait(soon());
  client.request(fmt::format(R"({{"operation":"cancel","request":{}}})", id), {}, soon());
  shim.publish(event(1));
  const auto end = client.wait(soon());
  BOOST_TEST(end->id == id);
  BOOST_TEST((end->kind == control::Client::Incoming::Kind::Reply));
  client.request(R"({"operation":"state"})", {}, soon());
  BOOST_TEST(!client.next());
  BOOST_TEST(shim.gone == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::test
