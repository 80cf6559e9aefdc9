#include "oci/lists.hpp"

#include <boost/test/unit_test.hpp>

#include "oci/paths.hpp"

using ocelot::oci::clean_path;
using ocelot::oci::parse_list;

BOOST_AUTO_TEST_SUITE(lists)

BOOST_AUTO_TEST_CASE(a_list_is_numbers_and_ranges) {
  using Numbers = std::vector<unsigned>;
  BOOST_TEST(parse_list("0").value() == (Numbers{0}));
  BOOST_TEST(parse_list("0-3,7").value() == (Numbers{0, 1, 2, 3, 7}));
  BOOST_TEST(parse_list("7, 3,3-4").value() == (Numbers{3, 4, 7}));
  BOOST_TEST(parse_list("0-7:1/3").value() == (Numbers{0, 3, 6}));
  BOOST_TEST(parse_list("0-7:2/4").value() == (Numbers{0, 1, 4, 5}));
  BOOST_TEST(parse_list("8191").value() == (Numbers{8191}));
}

BOOST_AUTO_TEST_CASE(anything_else_is_none) {
  for (const char* text : {"",
                           ",",
                           "0,",
                           ",0",
                           "0-",
                           "-0",
                           "-",
                           "3-1",
                           "a",
                           "0-3-5",
                           "0x1",
                           "8192",
                           "99999999999999999999",
                           "+1",
                           "0:1/2",
                           "0-3:1",
                           "0-3:0/2",
                           "0-3:3/2",
                           "0-3:1/0",
                           "0-3/2",
                           "all",
                           "0;1",
                           "0 1"}) {
    BOOST_TEST(!parse_list(text).has_value(), text);
  }
}

BOOST_AUTO_TEST_CASE(a_clean_path_is_absolute_and_stays_below_the_root) {
  BOOST_TEST(clean_path("") == "/");
  BOOST_TEST(clean_path("a") == "/a");
  BOOST_TEST(clean_path("//a//./b/") == "/a/b");
  BOOST_TEST(clean_path("/a/../../b") == "/b");
  BOOST_TEST(clean_path("/..") == "/");
  BOOST_TEST(clean_path("/a/...") == "/a/...");
}

BOOST_AUTO_TEST_SUITE_END()
