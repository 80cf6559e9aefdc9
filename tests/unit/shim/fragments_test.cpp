#include "shim/control/fragments.hpp"

#include <fcntl.h>

#include <boost/test/unit_test.hpp>

#include "runtime/base/sys_files.hpp"

namespace ocelot::control {
namespace {

using namespace std::chrono_literals;
using Outcome = Reassembler::Outcome;

constexpr std::size_t packet = 128;

struct Parts {
  Limits limits;
  Reassembler reassembler{limits};
  Message message;
  Clock::time_point now{};

  Outcome add(std::uint64_t id, std::uint16_t index, std::uint16_t count, std::string_view bytes,
              Role role = Role::Operator, std::vector<UniqueFd> fds = {}) {
    Frame frame;
    frame.header = {.type = Type::Request,
                    .descriptors = static_cast<std::uint8_t>(fds.size()),
                    .id = id,
                    .index = index,
                    .count = count};
    frame.payload = bytes;
    return reassembler.add(frame, std::move(fds), role, now, message);
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(fragments)

BOOST_AUTO_TEST_CASE(a_message_takes_as_many_packets_as_it_needs) {
  constexpr std::size_t room = packet - header_bytes;
  BOOST_TEST(fragment_count(0, packet) == 1);
  BOOST_TEST(fragment_count(room - 1, packet) == 1);
  BOOST_TEST(fragment_count(room, packet) == 1);
  BOOST_TEST(fragment_count(room + 1, packet) == 2);
  std::string whole;
  const std::string bytes(3 * room + 7, 'x');
  for (std::uint16_t i = 0; i < 4; ++i) whole += fragment(bytes, packet, i);
  BOOST_TEST(whole == bytes);
}

BOOST_FIXTURE_TEST_CASE(fragments_come_in_any_order_and_twice, Parts) {
  BOOST_TEST((add(1, 2, 3, "c") == Outcome::Partial));
  BOOST_TEST((add(1, 0, 3, "a") == Outcome::Partial));
  BOOST_TEST((add(1, 0, 3, "a") == Outcome::Partial));
  BOOST_TEST((add(1, 1, 3, "b") == Outcome::Complete));
  BOOST_TEST(message.bytes == "abc");
  BOOST_TEST(reassembler.partial_messages() == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_message_is_worth_the_least_of_its_senders, Parts) {
  add(1, 0, 2, "a", Role::Operator);
  add(1, 1, 2, "b", Role::Observer);
  BOOST_TEST((message.role == Role::Observer));
}

BOOST_FIXTURE_TEST_CASE(descriptors_come_with_the_first_fragment_and_close_with_what_is_dropped,
                        Parts) {
  const auto null = [] { return sys::open(AT_FDCWD, "/dev/null", O_RDONLY); };
  std::vector<UniqueFd> fds;
  fds.push_back(null());
  const int number = fds[0].get();
  add(1, 0, 2, "a", Role::Operator, std::move(fds));
  BOOST_TEST(sys::is_open(number));
  BOOST_TEST((add(1, 1, 3, "b") == Outcome::Mismatch));
  BOOST_TEST(!sys::is_open(number));
}

BOOST_FIXTURE_TEST_CASE(so_many_messages_may_be_in_parts, Parts) {
  for (unsigned i = 0; i < limits.partial_messages; ++i)
    BOOST_TEST((add(i, 0, 2, "a") == Outcome::Partial));
  BOOST_TEST((add(99, 0, 2, "a") == Outcome::TooMany));
  BOOST_TEST((add(0, 1, 2, "b") == Outcome::Complete));
  BOOST_TEST((add(99, 0, 2, "a") == Outcome::Partial));
}

BOOST_FIXTURE_TEST_CASE(a_message_has_at_most_so_many_bytes, Parts) {
  const std::string half(max_message_bytes / 2, 'x');
  for (const int more : {-1, 0, 1}) {
    add(1, 0, 2, half);
    const std::string rest(static_cast<std::size_t>(static_cast<long>(half.size()) + more), 'y');
    BOOST_TEST((add(1, 1, 2, rest) == (more > 0 ? Outcome::TooLong : Outcome::Complete)));
    BOOST_TEST(reassembler.bytes() == 0u);
  }
}

BOOST_FIXTURE_TEST_CASE(parts_that_are_too_old_are_dropped, Parts) {
  add(1, 0, 2, "a");
  BOOST_TEST((reassembler.next_expiry() == now + limits.partial_message_age));
  BOOST_TEST(reassembler.expire(now + limits.partial_message_age - 1ms) == 0u);
  BOOST_TEST(reassembler.expire(now + limits.partial_message_age) == 1u);
  BOOST_TEST((reassembler.next_expiry() == Clock::time_point::max()));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::control
