#include "runtime/base/text.hpp"

#include <boost/test/unit_test.hpp>

using namespace ocelot;

namespace {

using Parts = std::vector<std::string_view>;

}  // namespace

BOOST_AUTO_TEST_SUITE(text_of_files)

BOOST_AUTO_TEST_CASE(words_stand_between_blanks) {
  BOOST_TEST(words("  a bc\td\r\n\n e ") == (Parts{"a", "bc", "d", "e"}),
             boost::test_tools::per_element());
  BOOST_TEST(words("one") == Parts{"one"}, boost::test_tools::per_element());
  BOOST_TEST(words("").empty());
  BOOST_TEST(words(" \n").empty());
}

BOOST_AUTO_TEST_CASE(parts_stand_between_separators_and_may_be_empty) {
  BOOST_TEST(split("a::b:", ':') == (Parts{"a", "", "b", ""}), boost::test_tools::per_element());
  BOOST_TEST(split("", ':') == Parts{""}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_is_in_a_place_has_its_whole_name_in_front) {
  BOOST_TEST(is_at_or_below("/a", "/a"));
  BOOST_TEST(is_at_or_below("/a/b/c", "/a"));
  BOOST_TEST(!is_at_or_below("/ab", "/a"));
  BOOST_TEST(!is_at_or_below("/a", "/a/b"));
}

BOOST_AUTO_TEST_CASE(hexadecimal_goes_there_and_back) {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
  BOOST_TEST(hex(bytes).substr(0, 6) == "000102");
  BOOST_TEST(hex("\xff") == "ff");
  BOOST_TEST(from_hex(hex(bytes)).value() == bytes);
  BOOST_TEST(from_hex("").value().empty());
  for (const char* wrong : {"0", "0g", "g0", " 1", "-1", "0x"}) BOOST_TEST(!from_hex(wrong), wrong);
}

BOOST_AUTO_TEST_SUITE_END()
