// What the kernel's files of counters say, and what is made of a whole cgroup.
#include <boost/test/unit_test.hpp>
#include <limits>

#include "cgroups/stats_files.hpp"
#include "cgroups/v1_stats.hpp"
#include "cgroups/v2_stats.hpp"
#include "tests/support/check.hpp"
#include "tests/support/temp_dir.hpp"

using namespace ocelot::cgroups;
using ocelot::test::TempDir;
using ocelot::test::write_file;

namespace {

constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();

struct Tree {
  TempDir directory;
  Cgroup cgroup{directory.path(), ""};
  Tree& put(const std::string& file, const std::string& text) {
    write_file(directory / file, text);
    return *this;
  }
};

Stats v1_of(const Tree& tree) {
  return v1::read_stats([&](std::string_view) { return &tree.cgroup; });
}
Stats v2_of(const Tree& tree) {
  Stats stats;
  v2::add_stats(
      tree.cgroup, [](std::string_view) { return true; }, stats);
  return stats;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(stats)

BOOST_AUTO_TEST_CASE(number_of_a_file_may_be_max_or_missing) {
  BOOST_TEST(one_number("12\n") == 12U);
  BOOST_TEST(one_number("max\n") == no_limit);
  BOOST_TEST(one_number("") == 0U);
  BOOST_TEST(one_number("x") == 0U);
}

BOOST_AUTO_TEST_CASE(pressure_is_some_and_full) {
  const auto both = pressure(
      "some avg10=1.50 avg60=0.25 avg300=0.00 total=42\nfull avg10=0.50 avg60=0.00 avg300=0.00 "
      "total=7\n");
  BOOST_REQUIRE(both.has_value());
  BOOST_TEST((both->some == Stall{1.5, 0.25, 0, 42}));
  BOOST_TEST((both->full == Stall{0.5, 0, 0, 7}));
  BOOST_TEST(!pressure("").has_value());
}

BOOST_AUTO_TEST_CASE(io_of_v1_is_by_device_and_operation) {
  const IoEntries entries = blkio("8:0 Read 100\n8:0 Total 100\nTotal 100\n9:1 5\n");
  BOOST_TEST((entries == IoEntries{{8, 0, "Read", 100}, {8, 0, "Total", 100}, {9, 1, "", 5}}));
}

BOOST_AUTO_TEST_CASE(io_of_v2_becomes_the_operations_of_v1) {
  IoStats io;
  add_io_stat("8:16 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6 cost.usage=9\n7:0\n", io);
  BOOST_TEST((io.service_bytes ==
              IoEntries{{8, 16, "Read", 1}, {8, 16, "Write", 2}, {8, 16, "Discard", 5}}));
  BOOST_TEST(
      (io.serviced == IoEntries{{8, 16, "Read", 3}, {8, 16, "Write", 4}, {8, 16, "Discard", 6}}));
}

BOOST_AUTO_TEST_CASE(v1_counters) {
  Tree tree;
  tree.put("cpuacct.usage", "1000\n")
      .put("cpuacct.usage_percpu", "600 400 \n")
      .put("cpuacct.usage_all", "cpu user system\n0 10 20\n1 30 40\n")
      .put("cpuacct.stat", "user 2\nsystem 3\n")
      .put("cpu.stat", "nr_periods 4\nnr_throttled 5\nthrottled_time 6\n")
      .put("cpuset.cpus", "0-1\n")
      .put("cpuset.sched_relax_domain_level", "-1\n")
      .put("memory.stat", "cache 7\nrss 8\n")
      .put("memory.usage_in_bytes", "9\n")
      .put("memory.limit_in_bytes", "10\n")
      .put("memory.memsw.failcnt", "11\n")
      .put("pids.current", "12\n")
      .put("pids.max", "max\n")
      .put("blkio.bfq.io_serviced_recursive", "Total 0\n")
      .put("blkio.throttle.io_serviced_recursive", "8:0 Read 1\nTotal 1\n")
      .put("blkio.throttle.io_service_bytes_recursive", "8:0 Read 512\n")
      .put("hugetlb.2MB.usage_in_bytes", "13\n")
      .put("hugetlb.2MB.rsvd.usage_in_bytes", "99\n");
  const Stats stats = v1_of(tree);
  BOOST_TEST(stats.cpu.total == 1000U);
  BOOST_TEST(stats.cpu.percpu.size() == 2U);
  BOOST_TEST(stats.cpu.percpu_user.at(1) == 30U);
  BOOST_TEST(stats.cpu.percpu_kernel.at(1) == 40U);
  BOOST_TEST(stats.cpu.user == 20'000'000U);
  BOOST_TEST(stats.cpu.kernel == 30'000'000U);
  BOOST_TEST(stats.cpu.throttled_time == 6U);
  BOOST_TEST(stats.cpuset.sched_relax_domain_level == -1);
  BOOST_TEST(stats.memory.cache == 7U);
  BOOST_TEST(stats.memory.raw.at("rss") == 8U);
  BOOST_TEST(stats.memory.memory.usage == 9U);
  BOOST_TEST(stats.memory.memory.limit == 10U);
  BOOST_TEST(stats.memory.swap.failcnt == 11U);
  BOOST_TEST(stats.pids.current == 12U);
  BOOST_TEST(stats.pids.limit == 0U);
  BOOST_TEST((stats.io.service_bytes == IoEntries{{8, 0, "Read", 512}}));
  BOOST_TEST(stats.hugetlb.size() == 1U);
  BOOST_TEST(stats.hugetlb.at("2MB").usage == 13U);
}

BOOST_AUTO_TEST_CASE(v2_counters_in_the_terms_of_v1) {
  Tree tree;
  tree.put("cpu.stat", "usage_usec 5\nuser_usec 3\nsystem_usec 2\nthrottled_usec 1\n")
      .put("memory.stat", "anon 1\nfile 2\n")
      .put("memory.current", "100\n")
      .put("memory.peak", "150\n")
      .put("memory.max", "1000\n")
      .put("memory.swap.current", "10\n")
      .put("memory.swap.max", "500\n")
      .put("pids.max", "7\n")
      .put("hugetlb.1GB.current", "3\n")
      .put("hugetlb.1GB.events", "max 4\n")
      .put("memory.pressure", "some avg10=9.00 avg60=0.00 avg300=0.00 total=1\n");
  const Stats stats = v2_of(tree);
  BOOST_TEST(stats.cpu.total == 5000U);
  BOOST_TEST(stats.cpu.user == 3000U);
  BOOST_TEST(stats.cpu.throttled_time == 1000U);
  BOOST_TEST(stats.memory.cache == 2U);
  BOOST_TEST(stats.memory.memory.max == 150U);
  BOOST_TEST(stats.memory.swap.usage == 110U);
  BOOST_TEST(stats.memory.swap.limit == 1500U);
  BOOST_TEST(stats.pids.limit == 7U);
  BOOST_TEST(stats.hugetlb.at("1GB").failcnt == 4U);
  BOOST_TEST(stats.memory.pressure->some.avg10 == 9.0);
  tree.put("memory.max", "max\n");
  BOOST_TEST(v2_of(tree).memory.swap.limit == no_limit);
}

BOOST_AUTO_TEST_CASE(cgroup_that_is_gone_counts_nothing) {
  const Cgroup gone{"/nonexistent", "/none"};
  const Stats v1 = v1::read_stats([&](std::string_view) { return &gone; });
  Stats v2;
  v2::add_stats(
      gone, [](std::string_view) { return true; }, v2);
  for (const Stats& stats : {v1, v2}) {
    BOOST_TEST(stats.cpu.total == 0U);
    BOOST_TEST(stats.memory.memory.limit == 0U);
    BOOST_TEST(stats.hugetlb.empty());
  }
}

BOOST_AUTO_TEST_SUITE_END()
