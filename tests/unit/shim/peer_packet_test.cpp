#include "shim/peer_packet.hpp"

#include <boost/test/unit_test.hpp>

namespace ocelot::shim {

BOOST_AUTO_TEST_SUITE(peer_packet)

BOOST_AUTO_TEST_CASE(the_id_is_little_endian_and_the_text_follows) {
  const std::string packet = make_peer_packet(0x0102, "sum");
  BOOST_TEST(packet == std::string("\x02\x01\0\0\0\0\0\0sum", 11));
  const auto parsed = parse_peer_packet(packet);
  BOOST_REQUIRE(parsed);
  BOOST_TEST(parsed->id == 0x0102);
  BOOST_TEST(parsed->text == "sum");
}

BOOST_AUTO_TEST_CASE(a_text_may_be_empty) {
  const auto parsed = parse_peer_packet(std::string(8, '\xff'));
  BOOST_REQUIRE(parsed);
  BOOST_TEST(parsed->id == ~std::uint64_t{0});
  BOOST_TEST(parsed->text.empty());
}

BOOST_AUTO_TEST_CASE(what_is_shorter_than_an_id_is_no_packet) {
  for (std::size_t size = 0; size < 8; ++size)
    BOOST_TEST(!parse_peer_packet(std::string(size, 'a')));
}

BOOST_AUTO_TEST_CASE(what_is_not_utf_8_is_no_packet) {
  for (const char* text : {"\xff", "a\xc3", "\xc0\x80", "\xed\xa0\x80"})
    BOOST_TEST(!parse_peer_packet(make_peer_packet(1, text)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::shim
