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

BOOST_AUTO_TEST_SUITE_END()
