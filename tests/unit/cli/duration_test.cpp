// Lengths of time, as Go spells them.
#include "runtime/cli/duration.hpp"

#include <boost/test/unit_test.hpp>

using ocelot::cli::parse_duration;
using std::chrono::milliseconds;

BOOST_AUTO_TEST_SUITE(duration)

BOOST_AUTO_TEST_CASE(numbers_have_units) {
  BOOST_TEST((parse_duration("5s") == milliseconds{5000}));
  BOOST_TEST((parse_duration("100ms") == milliseconds{100}));
  BOOST_TEST((parse_duration("1m30s") == milliseconds{90000}));
  BOOST_TEST((parse_duration("1.5h") == milliseconds{5400000}));
  BOOST_TEST((parse_duration("0") == milliseconds{0}));
  BOOST_TEST((parse_duration("10us") == milliseconds{0}));
}

BOOST_AUTO_TEST_CASE(anything_else_is_none) {
  for (const char* word :
       {"", "5", "s", "-1s", "1y", "1.2.3s", "5 s", " 5s", ".s", "1e9h", "99999999999999999999h"})
    BOOST_TEST(!parse_duration(word).has_value(), word);
}

BOOST_AUTO_TEST_SUITE_END()
