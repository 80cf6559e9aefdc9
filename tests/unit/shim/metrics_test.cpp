#include "shim/control/metrics.hpp"

#include <boost/test/unit_test.hpp>
#include <set>

#include "runtime/base/text.hpp"
#include "shim/control/refusal_log.hpp"

namespace ocelot::control {

using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(control_metrics)

BOOST_AUTO_TEST_CASE(a_time_falls_into_the_bucket_that_holds_it) {
  Histogram times;
  for (const auto time : {0ns, 1000ns, 1001ns, 2000ns, 2001ns}) times.add(time);
  BOOST_TEST(times.in_bucket(0) == 2u);  // at most 1 us
  BOOST_TEST(times.in_bucket(1) == 2u);
  BOOST_TEST(times.in_bucket(2) == 1u);
  times.add(24h);
  BOOST_TEST(times.in_bucket(Histogram::buckets - 1) == 1u);
  BOOST_TEST(times.count() == 6u);
  BOOST_TEST(times.quantile_us(0.5) == 2u);
}

BOOST_AUTO_TEST_CASE(each_line_is_a_comment_or_a_value_with_the_container) {
  Metrics metrics;
  metrics.latency[0].add(5us);
  std::set<std::string> families;
  const std::string text = prometheus_text(metrics, "we\"b\n");
  for (const auto line : split(text, '\n')) {
    if (line.empty()) continue;
    if (line.starts_with("# TYPE ")) {
      BOOST_TEST(families.insert(std::string{line}).second, line);
      continue;
    }
    if (line.starts_with("# HELP ")) continue;
    BOOST_TEST(line.starts_with("ocelot_control_"), line);
    BOOST_TEST(line.find(R"({container="we\"b\n")") != line.npos, line);
  }
  BOOST_TEST(text.find(R"(operation="state",le="8"} 1)") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(refusals_are_told_on_one_line_and_not_without_end) {
  std::vector<std::string> lines;
  RefusalLog log{[&](std::string_view line) { lines.emplace_back(line); }, 2, 60s};
  const RefusalLog::Clock::time_point begin{};
  for (int i = 0; i < 100; ++i) log.tell({1, 2, 3}, "a\nforged line", begin);
  BOOST_TEST_REQUIRE(lines.size() == 2u);
  BOOST_TEST(lines[0].find('\n') == std::string::npos);
  BOOST_TEST(lines[0].find("pid 1, uid 2, gid 3") != std::string::npos);
  log.tell({1, 2, 3}, "later", begin + 60s);
  BOOST_TEST_REQUIRE(lines.size() == 4u);
  BOOST_TEST(lines[2].find("98 more") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::control
