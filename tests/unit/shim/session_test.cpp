#include "shim/control/session.hpp"

#include <fcntl.h>

#include <boost/test/unit_test.hpp>

#include "runtime/base/crc32c.hpp"
#include "runtime/base/sys_files.hpp"

namespace ocelot::control {
namespace {

using Kind = Session::Outcome::Kind;

struct Scene {
  Limits limits;
  Metrics metrics;
  Authority authority{{.observers = {2000}}};
  Session session{authority, Peer{{1, 0, 0}, {}, Role::Operator, {}}, limits, metrics};
  std::string bytes;

  Session::Outcome receive(std::string packet, Credentials sender = {1, 0, 0},
                           std::vector<UniqueFd> fds = {}, bool cut = false) {
    bytes = std::move(packet);
    return session.receive({bytes, std::move(fds), sender, cut}, {});
  }
  static std::string packet(const Header& header, std::string_view payload) {
    const HeaderBytes head = encode(header, payload);
    return std::string{head.data(), head.size()}.append(payload);
  }
  static std::string hello_packet() { return packet({.type = Type::Hello}, std::string(16, 's')); }
  static std::string request(std::uint64_t id = 1) {
    return packet({.type = Type::Request, .id = id}, "{}");
  }
  static std::string damaged() {
    std::string bad = request();
    bad.back() = '!';
    return bad;
  }
};

struct Greeted : Scene {
  Greeted() { BOOST_REQUIRE((receive(hello_packet()).kind == Kind::Hello)); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(session)

BOOST_FIXTURE_TEST_CASE(requests_come_after_a_hello, Scene) {
  BOOST_TEST((receive(request()).kind == Kind::Close));
}

BOOST_FIXTURE_TEST_CASE(a_hello_is_repeated_where_the_welcome_was_lost, Greeted) {
  BOOST_TEST((receive(hello_packet()).kind == Kind::Hello));
  BOOST_TEST((receive(request()).kind == Kind::Request));
}

BOOST_FIXTURE_TEST_CASE(a_connection_has_one_session, Greeted) {
  BOOST_TEST((receive(packet({.type = Type::Hello}, std::string(16, 't'))).kind == Kind::Close));
  BOOST_TEST((receive(packet({.type = Type::Hello}, std::string(17, 's'))).kind == Kind::Close));
}

BOOST_FIXTURE_TEST_CASE(a_damaged_packet_is_asked_for_again_by_its_ordinal, Greeted) {
  receive(request());
  const auto outcome = receive(damaged());
  BOOST_TEST((outcome.kind == Kind::Resend));
  BOOST_TEST(outcome.ordinal == 2u);
}

BOOST_FIXTURE_TEST_CASE(a_message_of_many_packets_is_an_operators, Greeted) {
  const std::string part = packet({.type = Type::Request, .id = 1, .count = 2}, "{");
  BOOST_TEST((receive(part).kind == Kind::Nothing));
  const auto outcome = receive(part, {1, 2000, 2000});
  BOOST_TEST((outcome.kind == Kind::Close));
  BOOST_TEST(outcome.reason == "a message of an observer is one packet");
}

// security: the row "every single-bit flip of a valid frame"
BOOST_AUTO_TEST_CASE(no_bit_flip_becomes_a_request) {
  const std::string good = Scene::packet({.type = Type::Request, .id = 1}, std::string(228, ' '));
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    Greeted scene;
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    BOOST_REQUIRE_MESSAGE((scene.receive(bad).kind == Kind::Resend), "bit " << bit);
  }
}

BOOST_FIXTURE_TEST_CASE(so_many_damaged_packets_in_a_row_are_asked_for, Greeted) {
  for (unsigned i = 0; i < limits.damaged_in_a_row; ++i)
    BOOST_TEST((receive(damaged()).kind == Kind::Resend));
  BOOST_TEST((receive(damaged()).kind == Kind::Close));
}

BOOST_FIXTURE_TEST_CASE(so_many_damaged_packets_altogether_are_asked_for, Greeted) {
  for (unsigned i = 0; i < limits.damaged_altogether; ++i) {
    BOOST_TEST((receive(damaged()).kind == Kind::Resend));
    BOOST_TEST((receive(request(i)).kind == Kind::Request));
  }
  BOOST_TEST((receive(damaged()).kind == Kind::Close));
}

BOOST_FIXTURE_TEST_CASE(a_sender_without_a_role_ends_the_connection, Greeted) {
  const auto outcome = receive(request(), {9, 12345, 0});
  BOOST_TEST((outcome.kind == Kind::Close));
  BOOST_TEST((outcome.refusal == Refusal::NoRole));
}

BOOST_FIXTURE_TEST_CASE(a_sender_with_a_lesser_role_makes_the_request_as_such, Greeted) {
  const auto outcome = receive(request(), {9, 2000, 0});
  BOOST_TEST((outcome.kind == Kind::Request));
  BOOST_TEST((outcome.message.role == Role::Observer));
}

BOOST_FIXTURE_TEST_CASE(descriptors_that_were_not_announced_are_closed, Greeted) {
  std::vector<UniqueFd> fds;
  fds.push_back(sys::open(AT_FDCWD, "/dev/null", O_RDONLY));
  const int number = fds[0].get();
  BOOST_TEST((receive(request(), {1, 0, 0}, std::move(fds)).kind == Kind::Resend));
  BOOST_TEST(!sys::is_open(number));
  BOOST_TEST((receive(packet({.descriptors = 1, .id = 1}, "{}")).kind == Kind::Resend));
}

BOOST_FIXTURE_TEST_CASE(a_packet_that_the_kernel_cut_is_damaged, Greeted) {
  BOOST_TEST((receive(request(), {1, 0, 0}, {}, true).kind == Kind::Resend));
  BOOST_TEST(metrics.damaged[static_cast<std::size_t>(Damage::Cut)] == 1u);
}

// security: the row "version skew"
BOOST_AUTO_TEST_CASE(another_version_is_told_the_one_that_is_spoken) {
  for (const int skew : {-1, 1}) {
    Scene scene;
    std::string hello = Scene::hello_packet();
    hello[4] = static_cast<char>(protocol_version + skew);
    hello.replace(24, 4, 4, '\0');
    const std::uint32_t sum = crc32c(hello);
    for (std::size_t i = 0; i < 4; ++i) hello[24 + i] = static_cast<char>(sum >> (8 * i));
    const auto outcome = scene.receive(hello);
    BOOST_TEST((outcome.kind == Kind::Close));
    BOOST_TEST(outcome.reason.find("version 1") != std::string::npos);
  }
}

BOOST_FIXTURE_TEST_CASE(a_client_that_plays_the_server_is_turned_away, Greeted) {
  for (const Type type : {Type::Welcome, Type::Reply, Type::Event, Type::Resend, Type::Goodbye}) {
    Greeted scene;
    BOOST_TEST((scene.receive(packet({.type = type, .id = 1}, "{}")).kind == Kind::Close));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::control
