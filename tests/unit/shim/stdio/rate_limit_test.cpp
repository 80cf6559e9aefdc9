#include "shim/stdio/rate_limit.hpp"

#include <boost/test/unit_test.hpp>

namespace ocelot::shim {
namespace {

using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(rate_limit)

const RateLimit::Time start{1000s};

BOOST_AUTO_TEST_CASE(a_burst_passes_at_once_and_then_the_rate) {
  RateLimit limit{100, 1000};
  for (int i = 0; i < 10; ++i) BOOST_TEST(limit.take(100, start));
  BOOST_TEST(!limit.take(100, start));
  BOOST_TEST(!limit.take(1, start));
  BOOST_TEST(limit.take(100, start + 1s));
  BOOST_TEST(!limit.take(100, start + 1s));
}

BOOST_AUTO_TEST_CASE(the_average_is_the_rate_however_large_the_parts_are) {
  for (const std::size_t part : {1u, 64u, 700u, 5000u}) {
    RateLimit limit{1000, 100};
    std::size_t passed = 0;
    for (auto now = start; now < start + 100s; now += 1ms)
      if (limit.take(part, now)) passed += part;
    BOOST_TEST(passed <= 100 * 1000 + 100 + part);
    BOOST_TEST(passed + 100 + part >= 100 * 1000 * (part == 1 ? 99 : 100) / 100);
  }
}

BOOST_AUTO_TEST_CASE(silence_saves_up_no_more_than_a_burst) {
  RateLimit limit{100, 1000};
  BOOST_TEST(limit.take(1000, start));
  BOOST_TEST(limit.take(1000, start + 3600s));
  BOOST_TEST(!limit.take(1, start + 3600s));
}

BOOST_AUTO_TEST_CASE(no_rate_is_no_limit) {
  RateLimit limit{0, 0};
  for (int i = 0; i < 100; ++i) BOOST_TEST(limit.take(1 << 30, start));
  BOOST_TEST(limit.wait(start).count() == 0);
}

BOOST_AUTO_TEST_CASE(after_the_wait_something_is_left) {
  RateLimit limit{1000, 500};
  BOOST_TEST(limit.wait(start).count() == 0);
  limit.owe(2500, start);
  const auto wait = limit.wait(start);
  BOOST_TEST(wait.count() == 2001);
  BOOST_TEST(limit.wait(start + wait - 2ms).count() > 0);
  BOOST_TEST(limit.wait(start + wait).count() == 0);
}

BOOST_AUTO_TEST_CASE(a_clock_that_stands_gives_nothing) {
  RateLimit limit{1000, 10};
  limit.owe(10, start);
  for (int i = 0; i < 1000; ++i) BOOST_TEST(!limit.take(1, start));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ocelot::shim
