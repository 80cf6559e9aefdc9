#include "oci/idmap_option.hpp"

#include <boost/test/unit_test.hpp>

using namespace ocelot::oci;

namespace {

const std::vector<IdMapping> uids{{0, 100000, 1000}, {1000, 5000, 10}};
const std::vector<IdMapping> gids{{0, 200000, 1000}};

std::optional<IdmapOption> parse(std::string_view text) {
  return parse_idmap_option(text, uids, gids);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(idmap_option)

BOOST_AUTO_TEST_CASE(a_range_is_the_file_systems_id_the_id_shown_and_the_number) {
  BOOST_TEST((parse("uids=0-1000-10#20-30-1;gids=1-2-3") ==
              IdmapOption{{{0, 1000, 10}, {20, 30, 1}}, {{1, 2, 3}}}));
  BOOST_TEST((parse("gids=1-2-3;uids=0-0-1") == IdmapOption{{{0, 0, 1}}, {{1, 2, 3}}}));
}

BOOST_AUTO_TEST_CASE(what_a_relative_range_is_shown_as_is_an_id_of_the_container) {
  BOOST_TEST((parse("uids=@1-3-10#7-1004-2#@8-1004-2;gids=@0-7-1") ==
              IdmapOption{{{1, 100003, 10}, {7, 1004, 2}, {8, 5004, 2}}, {{0, 200007, 1}}}));
}

BOOST_AUTO_TEST_CASE(a_relative_range_must_lie_in_one_mapping) {
  BOOST_TEST(!parse("uids=@0-995-10;gids=0-0-1"));
  BOOST_TEST(!parse("uids=@0-2000-1;gids=0-0-1"));
  BOOST_TEST(!parse("uids=@0-1005-4294967295;gids=0-0-1"));
  BOOST_TEST(!parse_idmap_option("uids=@0-0-1;gids=0-0-1", {}, {}));
}

BOOST_AUTO_TEST_CASE(anything_else_is_no_mapping) {
  for (const char* text :
       {"", "uids=", "uids=0-0-1", "gids=0-0-1", "uids=0-0-1;gids=", "uids=0-0-1,gids=0-0-1",
        "uids=0-0-1;gids=0-0-1;", "uids=0-0-1;gids=0-0-1;uids=5-5-1", "uids=0-0;gids=0-0-1",
        "uids=0-0-1-1;gids=0-0-1", "uids=-1-0-1;gids=0-0-1", "uids=0-0- 1;gids=0-0-1",
        "uids=0-0-1#;gids=0-0-1", "uids=@@0-0-1;gids=0-0-1", "uids=4294967296-0-1;gids=0-0-1",
        "UIDS=0-0-1;gids=0-0-1"}) {
    BOOST_TEST(!parse(text), text);
  }
}

BOOST_AUTO_TEST_SUITE_END()
