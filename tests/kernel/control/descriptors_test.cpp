#include <fcntl.h>
#include <sys/resource.h>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "runtime/base/kernel_abi.hpp"
#include "runtime/base/process.hpp"
#include "runtime/base/sys_network.hpp"
#include "tests/kernel/control/raw_client.hpp"
#include "tests/kernel/control/server_thread.hpp"

namespace ocelot::test {
namespace {

constexpr const char* channel = R"({"operation":"channel"})";
constexpr const char* state = R"({"operation":"state"})";

std::vector<UniqueFd> some_fds(std::size_t count) {
  std::vector<UniqueFd> fds;
  while (fds.size() < count) fds.push_back(sys::open(AT_FDCWD, "/dev/null", O_RDONLY));
  return fds;
}

std::vector<int> numbers(const std::vector<UniqueFd>& fds) {
  std::vector<int> result;
  for (const UniqueFd& fd : fds) result.push_back(fd.get());
  return result;
}

// Greeted, and at rest.
struct Scene {
  ServerThread shim;
  UniqueFd socket = shim.connect();
  Scene() {
    send_packet(socket.get(), hello_packet());
    receive(socket.get());
  }
  control::Type answer_to(const std::string& bytes, const std::vector<UniqueFd>& fds) {
    send_packet(socket.get(), bytes, numbers(fds));
    return receive(socket.get())->frame.header.type;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(control_descriptors)

// security 4.6, 4: the matrix of descriptors; the count returns to its baseline.
BOOST_AUTO_TEST_CASE(whatever_comes_with_a_request_none_is_left_open) {
  Scene scene;
  const std::vector<UniqueFd> fds = some_fds(253);
  const unsigned before = open_descriptors();
  for (const std::size_t count : {0u, 1u, 2u, 3u, 4u, 63u, 64u, 65u, 252u, 253u}) {
    std::vector<int> some = numbers(fds);
    some.resize(count);
    const auto send = [&](const control::Header& header, std::string_view document) {
      send_packet(scene.socket.get(), packet(header, document), some);
      return receive(scene.socket.get());
    };
    const auto declared = static_cast<std::uint8_t>(count);
    // As announced, to one that takes them, and to one that takes none.
    BOOST_TEST((send({.descriptors = declared, .id = 1}, channel)->packet.fds.size() == count));
    BOOST_TEST((send({.descriptors = declared, .id = 2}, state)->frame.header.type ==
                control::Type::Reply));
    // One more than announced, and one less.
    BOOST_TEST(
        (send({.descriptors = static_cast<std::uint8_t>(count == 253 ? 0 : count + 1), .id = 3},
              channel)
             ->frame.header.type == control::Type::Resend));
  }
  BOOST_TEST(open_descriptors() == before);
}

BOOST_AUTO_TEST_CASE(descriptors_of_a_damaged_packet_are_closed) {
  Scene scene;
  const std::vector<UniqueFd> fds = some_fds(3);
  const unsigned before = open_descriptors();
  std::string bad = packet({.descriptors = 3, .id = 1}, channel);
  bad.back() = '!';
  BOOST_TEST((scene.answer_to(bad, fds) == control::Type::Resend));
  BOOST_TEST(open_descriptors() == before);
}

// security 4.6, 4: EMFILE at every count of free descriptors.
BOOST_AUTO_TEST_CASE(where_descriptors_run_out_those_that_came_are_closed) {
  sys::Pipe said = sys::pipe();
  ChildProcess child = spawn(
      "emfile", {},
      [&] {
        const control::SocketPair ends = control::SocketPair::create();
        control::PacketReceiver receiver;
        const std::vector<UniqueFd> fds = some_fds(8);
        const unsigned before = open_descriptors();
        const rlimit old = sys::limit(RLIMIT_NOFILE);
        const int highest = fds.back().get();
        for (int free = 0; free <= 8; ++free) {
          send_packet(ends.one.get(), "x", numbers(fds));
          sys::set_limit(0, RLIMIT_NOFILE, {static_cast<rlim_t>(highest + 1 + free), old.rlim_max});
          auto batch = receiver.receive(ends.other.get(), 8, control::Descriptors::Accepted);
          if (batch.packets.size() != 1) return 1;
          if (batch.packets[0].cut != (free < 8)) return 2;
          if (batch.packets[0].fds.size() != static_cast<std::size_t>(free)) return 3;
          receiver.trim();
          sys::set_limit(0, RLIMIT_NOFILE, old);
          if (open_descriptors() != before) return 4;
        }
        return 0;
      },
      [](const Error&) {});
  BOOST_TEST(child.wait().code == 0);
}

// security 4.6, 5: before a role: the sender gets EPERM.
BOOST_AUTO_TEST_CASE(descriptors_before_a_role_do_not_even_leave_the_sender) {
  TempDir directory;
  const UniqueFd at = sys::open(AT_FDCWD, directory.path(), O_PATH | O_DIRECTORY);
  control::Listener listener = control::Listener::bind(at.get(), {});
  const UniqueFd socket =
      *connect_unix_if_listening(at.get(), "control.sock", SOCK_SEQPACKET | SOCK_NONBLOCK);
  const bool known = sys::set_socket_option_if_known(socket.get(), so_passrights, 1);
  const std::vector<UniqueFd> fds = some_fds(253);
  BOOST_TEST(try_send_packet(socket.get(), hello_packet(), numbers(fds)) == (known ? EPERM : 0));
}

// The same for an observer, whose operations take none.
BOOST_AUTO_TEST_CASE(an_observers_descriptors_are_not_installed) {
  const control::SocketPair ends = control::SocketPair::create();
  control::PacketReceiver receiver;
  const std::vector<UniqueFd> fds = some_fds(5);
  const unsigned before = open_descriptors();
  send_packet(ends.one.get(), "x", numbers(fds));
  const auto batch = receiver.receive(ends.other.get(), 8, control::Descriptors::Refused);
  BOOST_TEST_REQUIRE(batch.packets.size() == 1u);
  BOOST_TEST(batch.packets[0].cut);
  BOOST_TEST(batch.packets[0].sender.pid == sys::process_id());
  BOOST_TEST(open_descriptors() == before);
}

BOOST_AUTO_TEST_CASE(a_packet_that_is_looked_at_stays_with_its_descriptors) {
  const control::SocketPair ends = control::SocketPair::create();
  control::PacketReceiver receiver;
  const std::vector<UniqueFd> fds = some_fds(5);
  send_packet(ends.one.get(), "x", numbers(fds));
  send_packet(ends.one.get(), "y");
  const unsigned before = open_descriptors();
  for (int look = 0; look < 2; ++look) {
    const auto batch = receiver.receive(ends.other.get(), 8, control::Descriptors::Left);
    BOOST_TEST_REQUIRE(batch.packets.size() == 1u);
    BOOST_TEST(batch.packets[0].bytes == "x");
    BOOST_TEST(batch.packets[0].sender.pid == sys::process_id());
    BOOST_TEST(!batch.packets[0].cut);
    BOOST_TEST(batch.carries);
    BOOST_TEST(open_descriptors() == before);
  }
  const auto taken = receiver.receive(ends.other.get(), 1, control::Descriptors::Accepted);
  BOOST_TEST_REQUIRE(taken.packets.size() == 1u);
  BOOST_TEST(taken.packets[0].fds.size() == 5u);
  BOOST_TEST(!receiver.receive(ends.other.get(), 8, control::Descriptors::Left).carries);
}

BOOST_AUTO_TEST_CASE(the_end_of_a_connection_and_an_empty_packet_are_the_end) {
  for (const bool empty_packet : {false, true}) {
    control::SocketPair ends = control::SocketPair::create();
    control::PacketReceiver receiver;
    send_packet(ends.one.get(), "x");
    if (empty_packet)
      send_packet(ends.one.get(), "");
    else
      ends.one.reset();
    const auto batch = receiver.receive(ends.other.get(), 8, control::Descriptors::Accepted);
    BOOST_TEST(batch.packets.size() == 1u);
    BOOST_TEST(batch.ended);
  }
}

BOOST_AUTO_TEST_CASE(a_packet_longer_than_one_may_be_is_cut) {
  const control::SocketPair ends = control::SocketPair::create();
  control::PacketReceiver receiver;
  for (const int more : {-1, 0, 1, 100}) {
    const auto length =
        static_cast<std::size_t>(static_cast<int>(control::max_packet_bytes) + more);
    send_packet(ends.one.get(), std::string(length, 'x'));
    const auto batch = receiver.receive(ends.other.get(), 8, control::Descriptors::Accepted);
    BOOST_TEST(batch.packets[0].cut == (more > 0));
  }
}

// With one that is free it can accept, and not look at who it is.
BOOST_DATA_TEST_CASE(a_server_without_free_descriptors_turns_clients_away_and_goes_on,
                     boost::unit_test::data::make({0, 1}), free) {
  ServerThread shim;
  control::Client before = shim.client();
  before.request(state, {}, soon());
  const rlimit old = sys::limit(RLIMIT_NOFILE);
  std::vector<UniqueFd> fillers;
  UniqueFd turned;
  shim.run([&] {
    turned = shim.connect();  // waits to be accepted
    // No number is free below the limit, holes included, but for that of `highest` when it is.
    const UniqueFd highest = sys::duplicate(0);
    sys::set_limit(0, RLIMIT_NOFILE, {static_cast<rlim_t>(highest.get() + free), old.rlim_max});
    int error_number = 0;
    while (error_number == 0) {
      fillers.push_back(
          sys::try_openat2(AT_FDCWD, "/dev/null", O_RDONLY | O_CLOEXEC, 0, error_number));
    }
  });
  const auto told = receive(turned.get());
  BOOST_REQUIRE(told);
  BOOST_TEST((told->frame.header.type == control::Type::Goodbye));
  const std::string reason{told->frame.payload};
  BOOST_TEST(reason.find(free == 0 ? "no free file descriptor" : "Too many open files") !=
                 std::string::npos,
             reason);
  BOOST_TEST(!receive(turned.get()));
  BOOST_TEST(before.request(state, {}, soon()).document == R"({"status":"running"})");
  sys::set_limit(0, RLIMIT_NOFILE, old);
  BOOST_TEST(shim.client().request(state, {}, soon()).document == R"({"status":"running"})");
  BOOST_TEST(shim.metrics().refused[static_cast<std::size_t>(control::Refusal::Connections)] == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::test
