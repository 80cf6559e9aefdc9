#include <fmt/core.h>

#include <boost/test/unit_test.hpp>

#include "tests/kernel/control/raw_client.hpp"
#include "tests/kernel/control/server_thread.hpp"
#include "tests/support/check.hpp"

namespace ocelot::test {
namespace {

// Private memory of this process, in KiB.
long private_kib() {
  long sum = 0;
  const std::string text = read_file("/proc/self/smaps_rollup");
  for (const char* member : {"Private_Clean:", "Private_Dirty:"})
    sum += std::stol(text.substr(text.find(member) + std::string_view{member}.size()));
  return sum;
}

// Sends until the server reads no more, and never reads an answer.
UniqueFd stalled_client(const ServerThread& shim) {
  UniqueFd socket = shim.connect();
  send_packet(socket.get(), hello_packet());
  sys::set_nonblocking(socket.get(), true);
  const std::string document = R"({"operation":"logs","x":")" + std::string(10'000, 'x') + "\"}";
  std::uint64_t id = 0;
  while (try_send_packet(socket.get(), request_packet(++id, document)) == 0) {
  }
  return socket;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(control_load)

BOOST_AUTO_TEST_CASE(of_many_requests_none_is_lost_or_doubled_and_memory_stays_flat) {
  constexpr unsigned rounds = 80, at_once = 10, active = 56;
  ServerThread shim;
  std::vector<UniqueFd> stalled;
  while (stalled.size() < 8) stalled.push_back(stalled_client(shim));
  std::vector<control::Client> clients;
  while (clients.size() < active) clients.push_back(shim.client());

  long before = 0;
  unsigned answered = 0;
  for (unsigned round = 0; round < rounds; ++round) {
    for (std::size_t c = 0; c < clients.size(); ++c) {
      for (unsigned i = 0; i < at_once; ++i) {
        clients[c].send(fmt::format(R"({{"operation":"kill","of":"{}-{}-{}"}})", c, round, i));
      }
      clients[c].advance();
    }
    for (control::Client& client : clients) {
      for (unsigned i = 0; i < at_once; ++i) {
        const auto incoming = client.wait(soon());
        BOOST_REQUIRE(incoming.has_value());
        answered += incoming->document == R"({"done":1})";
      }
    }
    // What this test itself remembers.
    shim.run([&] { shim.effects.clear(); });
    if (round == 30) before = private_kib();
  }
  BOOST_TEST(answered == rounds * at_once * active);
  const long grown = private_kib() - before;
  BOOST_TEST_MESSAGE("grown by " << grown << " KiB");
  BOOST_TEST(grown < 64);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::test
