#include "shim/control/frame.hpp"

#include <fmt/core.h>

#include <boost/test/unit_test.hpp>
#include <string>

#include "runtime/base/crc32c.hpp"
#include "shim/control/limits.hpp"

namespace ocelot::control {
namespace {

std::string packet(const Header& header, std::string_view payload) {
  const HeaderBytes bytes = encode(header, payload);
  return std::string{bytes.data(), bytes.size()}.append(payload);
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return text;
}

// `header`, whatever it holds, under a right checksum.
std::string sealed(std::string bytes) {
  bytes.replace(24, 4, 4, '\0');
  const std::uint32_t sum = crc32c(bytes);
  for (std::size_t i = 0; i < 4; ++i) bytes[24 + i] = static_cast<char>(sum >> (8 * i));
  return bytes;
}

const Header request{.type = Type::Request, .descriptors = 3, .id = 0x1122334455667788};

}  // namespace

BOOST_AUTO_TEST_SUITE(frame)

BOOST_AUTO_TEST_CASE(the_checksum_is_that_of_rfc_3720) {
  BOOST_TEST(crc32c("123456789") == 0xe3069283u);
  BOOST_TEST(crc32c(std::string(32, '\0')) == 0x8a9136aau);
  BOOST_TEST(crc32c("6789", crc32c("12345")) == 0xe3069283u);
}

BOOST_AUTO_TEST_CASE(what_was_encoded_is_decoded) {
  const std::string bytes = packet(request, "{}");
  const Frame frame = decode(bytes);
  BOOST_TEST((frame.damage == Damage::None));
  BOOST_TEST((frame.header == request));
  BOOST_TEST(frame.payload == "{}");
}

// The same bytes stand in contrib/design/control-socket.md.
BOOST_AUTO_TEST_CASE(golden_frames) {
  BOOST_TEST(hex(packet({.type = Type::Request, .id = 1}, R"({"operation":"state"})")) ==
             "4f43544c0103000001000000000000000000010015000000c06f8f2d"
             "7b226f7065726174696f6e223a227374617465227d");
  BOOST_TEST(hex(packet({.type = Type::Reply, .id = 1}, R"({"status":"running"})")) ==
             "4f43544c01040000010000000000000000000100140000007840dcce"
             "7b22737461747573223a2272756e6e696e67227d");
  BOOST_TEST(hex(packet({.type = Type::Resend}, std::string("\x02\0\0\0\0\0\0\0", 8))) ==
             "4f43544c01060000000000000000000000000100080000009cafd994"
             "0200000000000000");
}

BOOST_AUTO_TEST_CASE(every_bit_flip_of_a_packet_of_256_bytes_is_found) {
  const std::string good = packet(request, std::string(256 - header_bytes, 'p'));
  BOOST_TEST_REQUIRE(good.size() == 256u);
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    BOOST_REQUIRE_MESSAGE(decode(bad).damage != Damage::None, "bit " << bit);
  }
}

BOOST_AUTO_TEST_CASE(every_truncation_and_every_addition_is_found) {
  const std::string good = packet(request, std::string(228, 'p'));
  for (std::size_t length = 0; length < good.size(); ++length)
    BOOST_REQUIRE((decode(good.substr(0, length)).damage != Damage::None));
  BOOST_TEST((decode(good + 'x').damage == Damage::Length));
}

BOOST_AUTO_TEST_CASE(every_lie_about_the_length_is_found_though_the_checksum_is_right) {
  const std::string good = packet(request, "0123456789");
  for (unsigned length = 0; length < 256; ++length) {
    if (length == 10) continue;
    std::string bad = good;
    bad[20] = static_cast<char>(length);
    BOOST_REQUIRE((decode(sealed(bad)).damage == Damage::Length));
  }
}

BOOST_AUTO_TEST_CASE(each_kind_of_damage_has_its_name) {
  const std::string good = packet(request, "{}");
  const auto with = [&](std::size_t at, int value) {
    std::string bad = good;
    bad[at] = static_cast<char>(value);
    return decode(sealed(bad)).damage;
  };
  BOOST_TEST((decode("OCTL").damage == Damage::Short));
  BOOST_TEST((with(0, 'X') == Damage::Magic));
  BOOST_TEST((with(4, protocol_version + 1) == Damage::Version));
  BOOST_TEST((with(4, protocol_version - 1) == Damage::Version));
  BOOST_TEST((with(5, 0) == Damage::Type));
  BOOST_TEST((with(5, 8) == Damage::Type));
  BOOST_TEST((with(7, 2) == Damage::Flags));
  BOOST_TEST((with(16, 1) == Damage::Fragment));  // of one
  BOOST_TEST((with(18, 0) == Damage::Fragment));  // of none
  BOOST_TEST((with(6, 253) == Damage::None));
  BOOST_TEST((with(6, 254) == Damage::Descriptors));
  BOOST_TEST((decode(packet({.descriptors = 1, .index = 1, .count = 2}, "")).damage ==
              Damage::Descriptors));
  std::string bad = good;
  bad.back() = '!';
  BOOST_TEST((decode(bad).damage == Damage::Checksum));
}

BOOST_AUTO_TEST_CASE(a_packet_has_at_most_so_many_bytes) {
  const auto of = [](std::size_t bytes) {
    return decode(packet(request, std::string(bytes - header_bytes, 'p'))).damage;
  };
  BOOST_TEST((of(max_packet_bytes - 1) == Damage::None));
  BOOST_TEST((of(max_packet_bytes) == Damage::None));
  BOOST_TEST((of(max_packet_bytes + 1) == Damage::Length));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::control
