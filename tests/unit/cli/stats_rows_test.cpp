// Sizes, and the rows of stats.
#include "runtime/cli/stats_rows.hpp"

#include <boost/test/unit_test.hpp>

#include "runtime/cli/size.hpp"

using namespace ocelot;
using namespace ocelot::cli;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(stats_rows)

BOOST_AUTO_TEST_CASE(sizes_have_units_of_1024) {
  BOOST_TEST(parse_size("512").value() == 512);
  BOOST_TEST(parse_size("64k").value() == 65536);
  BOOST_TEST(parse_size("1.5G").value() == 1610612736);
  BOOST_TEST(parse_size("2GiB").value() == 2147483648);
  BOOST_TEST(parse_size("1 MB").value() == 1048576);
  BOOST_TEST(parse_size("-1").value() == -1);
  for (const char* word : {"", "k", "1x", "-2", "1kk", "lots", "1.2.3", "9999999999g", "."})
    BOOST_TEST(!parse_size(word).has_value(), word);
}

BOOST_AUTO_TEST_CASE(sizes_are_told_in_the_largest_unit_that_fits) {
  BOOST_TEST(human_size(0) == "0B");
  BOOST_TEST(human_size(1023) == "1023B");
  BOOST_TEST(human_size(1536) == "1.5KiB");
  BOOST_TEST(human_size(std::uint64_t{3} << 30) == "3.0GiB");
}

BOOST_AUTO_TEST_CASE(row_is_what_happened_between_two_looks) {
  cgroups::Stats before, after;
  before.cpu.total = 1'000'000;
  after.cpu.total = 501'000'000;
  after.memory.memory = {.limit = 1000, .usage = 500};
  after.memory.raw["total_inactive_file"] = 100;
  after.pids = {.current = 3, .limit = 0};
  after.io.service_bytes = {{8, 0, "Read", 5}, {8, 16, "Read", 6}, {8, 0, "Write", 7}};
  after.memory.pressure = cgroups::Pressure{.some = {.avg10 = 2.5}};
  const StatsRow row = stats_row("c", before, after, 1s);
  BOOST_TEST(row.cpu_percent == 50.0);
  BOOST_TEST(row.memory == 400U);
  BOOST_TEST(row.memory_limit.value() == 1000U);
  BOOST_TEST(!row.pids_limit.has_value());
  BOOST_TEST(row.read == 11U);
  BOOST_TEST(row.written == 7U);
  BOOST_TEST(row.memory_pressure.value() == 2.5);
  BOOST_TEST(!row.cpu_pressure.has_value());
  after.memory.memory.limit = 9223372036854771712u;
  BOOST_TEST(!stats_row("c", before, after, 1s).memory_limit.has_value());
}

BOOST_AUTO_TEST_SUITE_END()
