#include "cgroups/v1_settings.hpp"

#include <boost/test/unit_test.hpp>

#include "runtime/base/error.hpp"
#include "settings_print.hpp"

using namespace ocelot;
using cgroups::Missing;
using cgroups::v1::settings;

BOOST_AUTO_TEST_SUITE(v1_settings_)

BOOST_AUTO_TEST_CASE(nothing_asked_is_nothing_written) {
  BOOST_TEST(settings({}).empty());
}

BOOST_AUTO_TEST_CASE(pids_below_zero_are_no_limit_and_zero_is_one) {
  SETTINGS_ARE(settings({.pids = oci::PidsResources{-1}}), {{"pids.max", "max"}});
  SETTINGS_ARE(settings({.pids = oci::PidsResources{0}}), {{"pids.max", "0"}});
}

BOOST_AUTO_TEST_CASE(swap_counts_memory_and_swap_together_as_the_kernel_does) {
  SETTINGS_ARE(
      settings({.memory = oci::MemoryResources{.limit = 100, .reservation = 50, .swap = 150}}),
      {{"memory.limit_in_bytes", "100"},
       {"memory.memsw.limit_in_bytes", "150"},
       {"memory.soft_limit_in_bytes", "50"}});
}

BOOST_AUTO_TEST_CASE(lifting_the_memory_limit_lifts_that_with_swap_too) {
  SETTINGS_ARE(
      settings({.memory = oci::MemoryResources{.limit = -1}}),
      {{"memory.limit_in_bytes", "-1"}, {"memory.memsw.limit_in_bytes", "-1", Missing::ignore}});
}

BOOST_AUTO_TEST_CASE(zero_means_unset) {
  BOOST_TEST(
      settings({.memory =
                    oci::MemoryResources{
                        .limit = 0, .reservation = 0, .swap = 0, .kernel = 0, .kernel_tcp = 0}})
          .empty());
  BOOST_TEST(settings({.cpu = oci::CpuResources{.shares = 0,
                                                .quota = 0,
                                                .period = 0,
                                                .realtime_runtime = 0,
                                                .realtime_period = 0}})
                 .empty());
  BOOST_TEST(settings({.block_io = oci::BlockIoResources{.weight = 0, .leaf_weight = 0}}).empty());
}

BOOST_AUTO_TEST_CASE(the_knobs_that_only_v1_has_are_written) {
  SETTINGS_ARE(settings({.memory = oci::MemoryResources{.kernel = 1,
                                                        .kernel_tcp = 2,
                                                        .swappiness = 0,
                                                        .disable_oom_killer = true,
                                                        .use_hierarchy = true}}),
               {{"memory.kmem.limit_in_bytes", "1"},
                {"memory.kmem.tcp.limit_in_bytes", "2"},
                {"memory.swappiness", "0"},
                {"memory.use_hierarchy", "1"},
                {"memory.oom_control", "1"}});
}

BOOST_AUTO_TEST_CASE(a_period_goes_before_its_quota_and_its_runtime) {
  SETTINGS_ARE(settings({.cpu = oci::CpuResources{.shares = 512,
                                                  .quota = 50000,
                                                  .burst = 1000,
                                                  .period = 100000,
                                                  .realtime_runtime = 950,
                                                  .realtime_period = 1000,
                                                  .cpus = "0-1",
                                                  .mems = "0"}}),
               {{"cpu.shares", "512"},
                {"cpu.rt_period_us", "1000"},
                {"cpu.rt_runtime_us", "950"},
                {"cpu.cfs_period_us", "100000"},
                {"cpu.cfs_quota_us", "50000"},
                {"cpu.cfs_burst_us", "1000"},
                {"cpuset.cpus", "0-1"},
                {"cpuset.mems", "0"}});
}

BOOST_AUTO_TEST_CASE(no_quota_is_written_as_minus_one) {
  SETTINGS_ARE(settings({.cpu = oci::CpuResources{.quota = -1}}), {{"cpu.cfs_quota_us", "-1"}});
}

BOOST_AUTO_TEST_CASE(shares_that_the_kernel_would_change_are_refused) {
  BOOST_CHECK_THROW(settings({.cpu = oci::CpuResources{.shares = 1}}), Error);
  BOOST_CHECK_THROW(settings({.cpu = oci::CpuResources{.shares = 262145}}), Error);
  SETTINGS_ARE(settings({.cpu = oci::CpuResources{.shares = 2}}), {{"cpu.shares", "2"}});
  BOOST_TEST(settings({.cpu = oci::CpuResources{.shares = 0}}).empty());
}

BOOST_AUTO_TEST_CASE(an_idle_group_has_no_shares) {
  SETTINGS_ARE(settings({.cpu = oci::CpuResources{.shares = 512, .idle = 1}}), {{"cpu.idle", "1"}});
}

BOOST_AUTO_TEST_CASE(a_weight_is_for_bfq_or_else_for_its_predecessor) {
  oci::BlockIoResources io{.weight = 500, .leaf_weight = 300};
  io.weight_device = {{8, 0, 400, 200}};
  io.throttle_read_bps_device = {{8, 0, 1000}};
  io.throttle_write_iops_device = {{8, 16, 7}, {8, 32, 9}};
  SETTINGS_ARE(settings({.block_io = io}),
               {{"blkio.bfq.weight", "500", Missing::alternative},
                {"blkio.weight", "500"},
                {"blkio.leaf_weight", "300"},
                {"blkio.bfq.weight_device", "8:0 400", Missing::alternative},
                {"blkio.weight_device", "8:0 400"},
                {"blkio.leaf_weight_device", "8:0 200"},
                {"blkio.throttle.read_bps_device", "8:0 1000"},
                {"blkio.throttle.write_iops_device", "8:16 7"},
                {"blkio.throttle.write_iops_device", "8:32 9"}});
}

BOOST_AUTO_TEST_CASE(hugepages_are_limited_when_used_and_when_reserved) {
  SETTINGS_ARE(settings({.hugepage_limits = {{"2MB", 4194304}}}),
               {{"hugetlb.2MB.limit_in_bytes", "4194304"},
                {"hugetlb.2MB.rsvd.limit_in_bytes", "4194304", Missing::ignore}});
}

BOOST_AUTO_TEST_CASE(network_and_rdma_are_one_line_a_device) {
  SETTINGS_ARE(settings({.network = oci::NetworkResources{1048577, {{"lo", 5}, {"eth0", 7}}},
                         .rdma = {{"mlx5_0", {3, std::nullopt}}, {"mlx5_1", {1, 2}}}}),
               {{"net_cls.classid", "1048577"},
                {"net_prio.ifpriomap", "lo 5"},
                {"net_prio.ifpriomap", "eth0 7"},
                {"rdma.max", "mlx5_0 hca_handle=3"},
                {"rdma.max", "mlx5_1 hca_handle=1 hca_object=2"}});
}

BOOST_AUTO_TEST_CASE(a_file_of_v2_is_refused_by_name) {
  BOOST_CHECK_EXCEPTION(settings({.unified = {{"memory.high", "1"}}}), Error,
                        [](const Error& error) {
                          return error.kind() == ErrorKind::InvalidSpec &&
                                 std::string(error.what()).find("memory.high") != std::string::npos;
                        });
}

BOOST_AUTO_TEST_SUITE_END()
