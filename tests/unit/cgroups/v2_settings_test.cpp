#include "cgroups/v2_settings.hpp"

#include <boost/test/unit_test.hpp>

#include "runtime/base/error.hpp"
#include "settings_print.hpp"

using namespace ocelot;
using cgroups::Missing;
using cgroups::v2::cpu_weight;
using cgroups::v2::io_weight;
using cgroups::v2::settings;

namespace {

cgroups::Settings memory(std::optional<std::int64_t> limit, std::optional<std::int64_t> swap) {
  return settings({.memory = oci::MemoryResources{.limit = limit, .swap = swap}});
}

cgroups::Settings cpu(const oci::CpuResources& resources,
                      const std::string& current_quota = "max") {
  return settings({.cpu = resources}, current_quota);
}

auto names(const std::string& word) {
  return [word](const Error& error) {
    BOOST_TEST_MESSAGE(error.what());
    return error.kind() == ErrorKind::InvalidSpec &&
           std::string(error.what()).find(word) != std::string::npos;
  };
}

}  // namespace

BOOST_AUTO_TEST_SUITE(v2_settings_)

BOOST_AUTO_TEST_CASE(nothing_asked_is_nothing_written) {
  BOOST_TEST(settings({}).empty());
}

BOOST_AUTO_TEST_CASE(the_default_of_shares_is_the_default_of_weight_and_the_ends_meet) {
  BOOST_TEST(cpu_weight(0) == 1u);
  BOOST_TEST(cpu_weight(2) == 1u);
  BOOST_TEST(cpu_weight(1024) == 100u);
  BOOST_TEST(cpu_weight(262144) == 10000u);
  BOOST_TEST(cpu_weight(1'000'000) == 10000u);
}

BOOST_AUTO_TEST_CASE(more_shares_are_never_less_weight) {
  for (std::uint64_t shares = 2; shares < 262144; shares += 7) {
    const std::uint64_t weight = cpu_weight(shares);
    if (weight < 1 || weight > 10000 || weight > cpu_weight(shares + 7))
      BOOST_FAIL("at " << shares);
  }
}

BOOST_AUTO_TEST_CASE(io_weights_keep_their_ends) {
  BOOST_TEST(io_weight(10) == 1u);
  BOOST_TEST(io_weight(500) == 4950u);
  BOOST_TEST(io_weight(1000) == 10000u);
}

BOOST_AUTO_TEST_CASE(swap_is_what_exceeds_memory) {
  SETTINGS_ARE(memory(100, 150), {{"memory.swap.max", "50"}, {"memory.max", "100"}});
}

BOOST_AUTO_TEST_CASE(swap_equal_to_memory_is_no_swap_and_needs_no_accounting) {
  SETTINGS_ARE(memory(100, 100),
               {{"memory.swap.max", "0", Missing::ignore}, {"memory.max", "100"}});
}

BOOST_AUTO_TEST_CASE(unlimited_swap_is_max) {
  SETTINGS_ARE(memory(100, -1),
               {{"memory.swap.max", "max", Missing::ignore}, {"memory.max", "100"}});
  SETTINGS_ARE(memory(std::nullopt, -1), {{"memory.swap.max", "max", Missing::ignore}});
}

BOOST_AUTO_TEST_CASE(unlimited_memory_lifts_swap_or_leaves_the_sum_to_it) {
  SETTINGS_ARE(memory(-1, std::nullopt),
               {{"memory.swap.max", "max", Missing::ignore}, {"memory.max", "max"}});
  SETTINGS_ARE(memory(-1, 150), {{"memory.swap.max", "150"}, {"memory.max", "max"}});
}

BOOST_AUTO_TEST_CASE(memory_alone_leaves_swap_alone) {
  SETTINGS_ARE(memory(100, std::nullopt), {{"memory.max", "100"}});
}

BOOST_AUTO_TEST_CASE(swap_without_memory_or_below_it_is_refused) {
  BOOST_CHECK_EXCEPTION(memory(std::nullopt, 100), Error, names("without memory limit"));
  BOOST_CHECK_EXCEPTION(memory(100, 50), Error, names(">= memory limit"));
}

BOOST_AUTO_TEST_CASE(a_reservation_is_protection) {
  SETTINGS_ARE(settings({.memory = oci::MemoryResources{.reservation = 7}}), {{"memory.low", "7"}});
}

BOOST_AUTO_TEST_CASE(quota_and_period_are_one_line) {
  SETTINGS_ARE(cpu({.quota = 50000, .period = 100000}), {{"cpu.max", "50000 100000"}});
  SETTINGS_ARE(cpu({.quota = 50000}), {{"cpu.max", "50000"}});
  SETTINGS_ARE(cpu({.quota = -1}), {{"cpu.max", "max"}});
}

BOOST_AUTO_TEST_CASE(a_period_alone_keeps_the_quota) {
  SETTINGS_ARE(cpu({.period = 20000}), {{"cpu.max", "max 20000"}});
  SETTINGS_ARE(cpu({.period = 20000}, "1234"), {{"cpu.max", "1234 20000"}});
}

BOOST_AUTO_TEST_CASE(an_idle_group_has_no_weight) {
  SETTINGS_ARE(cpu({.shares = 1024, .idle = 1}), {{"cpu.idle", "1"}});
  SETTINGS_ARE(cpu({.shares = 1024, .idle = 0}), {{"cpu.idle", "0"}, {"cpu.weight", "100"}});
}

BOOST_AUTO_TEST_CASE(no_burst_is_needed_to_ask_for_none) {
  SETTINGS_ARE(cpu({.quota = 5000, .burst = 0}),
               {{"cpu.max", "5000"}, {"cpu.max.burst", "0", Missing::ignore}});
  SETTINGS_ARE(cpu({.burst = 9}), {{"cpu.max.burst", "9"}});
}

BOOST_AUTO_TEST_CASE(throttles_are_one_line_a_device_and_direction) {
  oci::BlockIoResources io{.weight = 10};
  io.throttle_read_bps_device = {{8, 0, 1000}};
  io.throttle_write_bps_device = {{8, 0, 0}};
  io.throttle_read_iops_device = {{8, 16, 3}};
  io.throttle_write_iops_device = {{8, 16, 4}};
  SETTINGS_ARE(settings({.block_io = io}), {{"io.bfq.weight", "10", Missing::alternative},
                                            {"io.weight", "1"},
                                            {"io.max", "8:0 rbps=1000"},
                                            {"io.max", "8:0 wbps=max"},
                                            {"io.max", "8:16 riops=3"},
                                            {"io.max", "8:16 wiops=4"}});
}

BOOST_AUTO_TEST_CASE(weights_of_devices_are_for_bfq_or_else_for_all) {
  oci::BlockIoResources io;
  io.weight_device = {{8, 0, 1000, std::nullopt}, {8, 16, std::nullopt, std::nullopt}};
  SETTINGS_ARE(settings({.block_io = io}),
               {{"io.bfq.weight", "8:0 1000", Missing::alternative}, {"io.weight", "8:0 10000"}});
  io.weight_device = {{8, 0, 1000, 500}};
  BOOST_CHECK_EXCEPTION(settings({.block_io = io}), Error, names("weightDevice.leafWeight"));
}

BOOST_AUTO_TEST_CASE(zero_means_unset) {
  BOOST_TEST(
      settings({.memory = oci::MemoryResources{.limit = 0, .reservation = 0, .swap = 0}}).empty());
  BOOST_TEST(cpu({.shares = 0, .quota = 0, .period = 0}).empty());
  BOOST_TEST(settings({.block_io = oci::BlockIoResources{.weight = 0}}).empty());
}

BOOST_AUTO_TEST_CASE(a_change_of_limit_or_swap_is_completed_by_the_other) {
  const auto completed = [](std::optional<std::int64_t> limit, std::optional<std::int64_t> swap,
                            const cgroups::v2::CurrentMemory& current) {
    oci::MemoryResources change{.limit = limit, .swap = swap};
    cgroups::v2::complete(change, current);
    return std::pair{change.limit.value_or(0), change.swap.value_or(0)};
  };
  BOOST_TEST((completed({}, 150, {"100\n", "20\n"}) == std::pair{100L, 150L}));
  BOOST_TEST((completed({}, 150, {"max\n", "20\n"}) == std::pair{-1L, 150L}));
  BOOST_TEST((completed(110, {}, {"100\n", "20\n"}) == std::pair{110L, 120L}));
  BOOST_TEST((completed(110, {}, {"max\n", "20\n"}) == std::pair{110L, 0L}));
  BOOST_TEST((completed(110, {}, {"100\n", "max\n"}) == std::pair{110L, 0L}));
  BOOST_TEST((completed(-1, {}, {"100\n", "20\n"}) == std::pair{-1L, 0L}));
  BOOST_TEST((completed(110, 115, {"100\n", "20\n"}) == std::pair{110L, 115L}));
  BOOST_TEST((completed({}, {}, {"100\n", "20\n"}) == std::pair{0L, 0L}));
}

BOOST_AUTO_TEST_CASE(pids_keep_zero) {
  SETTINGS_ARE(settings({.pids = oci::PidsResources{0}}), {{"pids.max", "0"}});
  SETTINGS_ARE(settings({.pids = oci::PidsResources{-1}}), {{"pids.max", "max"}});
}

BOOST_AUTO_TEST_CASE(hugepages_are_limited_when_used_and_when_reserved) {
  SETTINGS_ARE(settings({.hugepage_limits = {{"1GB", 0}}}),
               {{"hugetlb.1GB.max", "0"}, {"hugetlb.1GB.rsvd.max", "0", Missing::ignore}});
}

BOOST_AUTO_TEST_CASE(what_v1_alone_has_is_refused_by_name) {
  const auto refuse_memory = [](const oci::MemoryResources& memory_resources,
                                const std::string& word) {
    BOOST_CHECK_EXCEPTION(settings({.memory = memory_resources}), Error, names(word));
  };
  refuse_memory({.swappiness = 60}, "memory.swappiness");
  refuse_memory({.disable_oom_killer = true}, "memory.disableOOMKiller");
  refuse_memory({.kernel = 1}, "memory.kernel");
  refuse_memory({.kernel_tcp = 1}, "memory.kernelTCP");
  BOOST_CHECK_EXCEPTION(cpu({.realtime_runtime = 1}), Error, names("cpu.realtimeRuntime"));
  BOOST_CHECK_EXCEPTION(cpu({.realtime_period = 1}), Error, names("cpu.realtimePeriod"));
  BOOST_CHECK_EXCEPTION(settings({.network = oci::NetworkResources{1, {}}}), Error,
                        names("network.classID"));
  BOOST_CHECK_EXCEPTION(settings({.network = oci::NetworkResources{{}, {{"lo", 1}}}}), Error,
                        names("network.priorities"));
  BOOST_CHECK_EXCEPTION(settings({.block_io = oci::BlockIoResources{.leaf_weight = 10}}), Error,
                        names("leafWeight"));
  BOOST_TEST(settings({.memory = oci::MemoryResources{.disable_oom_killer = false}}).empty());
}

BOOST_AUTO_TEST_CASE(unified_comes_last_and_one_line_a_write) {
  SETTINGS_ARE(
      settings({.pids = oci::PidsResources{5},
                .unified = {{"io.max", "8:0 rbps=1\n8:16 rbps=2\n"}, {"pids.max", "7"}}}),
      {{"pids.max", "5"}, {"io.max", "8:0 rbps=1"}, {"io.max", "8:16 rbps=2"}, {"pids.max", "7"}});
}

BOOST_AUTO_TEST_CASE(unified_names_files_of_this_cgroup_only) {
  BOOST_CHECK_EXCEPTION(settings({.unified = {{"../pids.max", "7"}}}), Error,
                        names("not the name of a file"));
  BOOST_CHECK_EXCEPTION(settings({.unified = {{"", "7"}}}), Error, names("not the name of a file"));
  BOOST_CHECK_EXCEPTION(settings({.unified = {{std::string{"pids.max\0x", 10}, "7"}}}), Error,
                        names("not the name of a file"));
}

BOOST_AUTO_TEST_SUITE_END()
