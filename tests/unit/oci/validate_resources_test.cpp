#include "tests/unit/oci/document.hpp"

using namespace ocelot::oci::test;
using ocelot::oci::HostFacts;
using ocelot::oci::read_resources;
using ocelot::oci::validate;

namespace {

json resources(const char* value) {
  return with("/linux/resources", value);
}
const std::string at = "/linux/resources";

}  // namespace

BOOST_AUTO_TEST_SUITE(validate_resources)

BOOST_AUTO_TEST_CASE(E38_a_device_rule_has_a_type_and_letters) {
  const auto rule = [](const char* value) {
    return resources(fmt::format(R"({{"devices": [{}]}})", value).c_str());
  };
  expect_clean(rule(
      R"({"allow": false, "access": "rwm"}, {"allow": true, "type": "c", "major": 1, "minor": -1, "access": "m"})"));
  expect_one(rule(R"({"allow": true, "type": "p", "access": "r"})"), at + "/devices/0/type", "word",
             "a, b, c");
  expect_one(rule(R"({"allow": true, "type": "c", "access": "rx"})"), at + "/devices/0/access",
             "device-access", "rwm");
  expect_one(rule(R"({"allow": true, "type": "c"})"), at + "/devices/0/access", "device-access",
             "device access is not set");
  expect_one(rule(R"({"allow": true, "type": "c", "access": ""})"), at + "/devices/0/access",
             "device-access");
  expect_one(rule(R"({"allow": true, "type": "c", "major": -2, "access": "r"})"),
             at + "/devices/0/major", "device-number");
  expect_one(rule(R"({"type": "c", "access": "r"})"), at + "/devices/0/allow", "required");
}

BOOST_AUTO_TEST_CASE(E39_swap_counts_memory_too_and_needs_a_limit) {
  expect_clean(resources(R"({"memory": {"limit": 100, "swap": 100}})"));
  expect_clean(resources(R"({"memory": {"limit": 100, "swap": -1, "reservation": 0}})"));
  expect_clean(resources(R"({"memory": {"limit": -1, "swap": 100}})"));
  expect_one(resources(R"({"memory": {"limit": 100, "swap": 99}})"), at + "/memory/swap",
             "memory-swap-limit", "memory and swap together");
  expect_one(resources(R"({"memory": {"swap": 99}})"), at + "/memory/swap", "memory-swap-alone",
             "unable to set swap limit without memory limit");
  expect_one(resources(R"({"memory": {"limit": -2}})"), at + "/memory/limit", "memory-negative",
             "-1");
}

BOOST_AUTO_TEST_CASE(swap_alone_may_be_updated) {
  BOOST_TEST(
      validate(read_resources(R"({"memory": {"swap": 99}})").resources, cgroup_v1()).empty());
  const auto found =
      validate(read_resources(R"({"memory": {"limit": 100, "swap": 99}})").resources, cgroup_v1());
  BOOST_TEST_REQUIRE(found.size() == 1u);
  BOOST_TEST(found[0].path == "/memory/swap");
}

BOOST_AUTO_TEST_CASE(E41_burst_is_at_most_quota) {
  expect_clean(resources(R"({"cpu": {"quota": 10000, "burst": 10000, "period": 100000}})"));
  expect_clean(resources(R"({"cpu": {"quota": -1, "burst": 10000}})"));
  expect_one(resources(R"({"cpu": {"quota": 10000, "burst": 10001}})"), at + "/cpu/burst",
             "cpu-burst", "10000");
}

BOOST_AUTO_TEST_CASE(times_of_the_cpu_are_in_the_ranges_of_the_kernel) {
  expect_one(resources(R"({"cpu": {"period": 999}})"), at + "/cpu/period", "cpu-period",
             "1000 to 1000000");
  expect_one(resources(R"({"cpu": {"period": 1000001}})"), at + "/cpu/period", "cpu-period");
  expect_one(resources(R"({"cpu": {"quota": 999}})"), at + "/cpu/quota", "cpu-quota");
  expect_one(resources(R"({"cpu": {"idle": 2}})"), at + "/cpu/idle", "cpu-idle");
  expect_one(resources(R"({"cpu": {"realtimeRuntime": 2, "realtimePeriod": 1}})"),
             at + "/cpu/realtimeRuntime", "cpu-realtime");
  expect_one(resources(R"({"cpu": {"cpus": "0,"}})"), at + "/cpu/cpus", "cpu-list", "0-3,7");
  expect_one(resources(R"({"cpu": {"mems": "a"}})"), at + "/cpu/mems", "cpu-list");
  expect_clean(resources(
      R"({"cpu": {"cpus": "0-1", "mems": "0", "shares": 1024, "idle": 1, "period": 0, "quota": 0}})"));
}

BOOST_AUTO_TEST_CASE(E42_a_weight_device_has_a_weight) {
  const auto device = [](const char* weights) {
    return resources(
        fmt::format(R"({{"blockIO": {{"weightDevice": [{{"major": 8, "minor": 0{}}}]}}}})", weights)
            .c_str());
  };
  expect_one(device(""), at + "/blockIO/weightDevice/0", "block-io-weight-device",
             "weight or leafWeight");
  expect_clean(device(R"(, "weight": 10)"));
  expect_clean(device(R"(, "leafWeight": 1000)"));
  expect_one(device(R"(, "weight": 9)"), at + "/blockIO/weightDevice/0/weight", "block-io-weight",
             "10 to 1000");
  expect_one(resources(R"({"blockIO": {"weight": 1001}})"), at + "/blockIO/weight",
             "block-io-weight");
  expect_one(resources(R"({"blockIO": {"weight": 70000}})"), at + "/blockIO/weight", "type",
             "65535");
}

BOOST_AUTO_TEST_CASE(E43_a_page_size_is_one_of_the_host) {
  expect_clean(resources(
      R"({"hugepageLimits": [{"pageSize": "2MB", "limit": 0}, {"pageSize": "1GB", "limit": 18446744073709551615}]})"));
  expect_one(resources(R"({"hugepageLimits": [{"pageSize": "4MB", "limit": 1}]})"),
             at + "/hugepageLimits/0/pageSize", "hugepage-size", "2MB, 1GB");
  expect_one(resources(R"({"hugepageLimits": [{"pageSize": "2 MB", "limit": 1}]})"),
             at + "/hugepageLimits/0/pageSize", "hugepage-size");
}

BOOST_AUTO_TEST_CASE(E44_an_rdma_device_has_a_limit) {
  expect_clean(
      resources(R"({"rdma": {"mlx5_0": {"hcaHandles": 0}, "mlx5_1": {"hcaObjects": 1}}})"));
  expect_one(resources(R"({"rdma": {"mlx5/0": {}}})"), at + "/rdma/mlx5~10", "rdma-limit",
             "hcaHandles or hcaObjects");
}

BOOST_AUTO_TEST_CASE(E45_a_key_of_unified_is_a_file_name) {
  const auto unified = [](const char* key) {
    return resources(fmt::format(R"({{"unified": {{"{}": "1"}}}})", key).c_str());
  };
  expect_clean(unified("memory.high"), cgroup_v2());
  expect_clean(unified("cgroup.max.depth"), cgroup_v2());
  expect_clean(unified("memory.what-comes-next"), cgroup_v2());
  expect_one(unified("memory.high/x"), at + "/unified/memory.high~1x", "unified-file", "no slashes",
             cgroup_v2());
  expect_one(unified("../x"), at + "/unified/..~1x", "unified-file", "", cgroup_v2());
  expect_one(unified("tasks"), at + "/unified/tasks", "unified-file", "", cgroup_v2());
  expect_one(unified(".."), at + "/unified/..", "unified-file", "", cgroup_v2());
  expect_one(unified("memory.high"), at + "/unified", "unified-v1",
             "cannot use unified on cgroup v1");
}

BOOST_AUTO_TEST_CASE(E46_a_limit_needs_its_controller) {
  expect_one(resources(R"({"unified": {"misc.max": "1"}})"), at + "/unified/misc.max",
             "cgroup-controller", "\"misc\"", cgroup_v2());
  struct Case {
    const char *limits, *path;
  };
  constexpr Case cases[] = {
      {R"({"memory": {"limit": 1000000}})", "/memory"},
      {R"({"cpu": {"shares": 2}})", "/cpu"},
      {R"({"cpu": {"cpus": "0"}})", "/cpu"},
      {R"({"pids": {"limit": 0}})", "/pids"},
      {R"({"blockIO": {"weight": 10}})", "/blockIO"},
      {R"({"hugepageLimits": [{"pageSize": "2MB", "limit": 1}]})", "/hugepageLimits"},
      {R"({"rdma": {"a": {"hcaHandles": 1}}})", "/rdma"},
      {R"({"network": {"classID": 1}})", "/network/classID"},
      {R"({"network": {"priorities": [{"name": "lo", "priority": 1}]}})", "/network/priorities"},
  };
  HostFacts none = cgroup_v1();
  none.cgroup_controllers.clear();
  for (const Case& c : cases) {
    expect_one(resources(c.limits), at + c.path, "cgroup-controller", "no cgroup controller", none);
    expect_clean(resources(c.limits));
  }
}

BOOST_AUTO_TEST_CASE(E46_what_asks_for_no_limit_needs_no_controller) {
  HostFacts none = cgroup_v1();
  none.cgroup_controllers.clear();
  expect_clean(
      resources(
          R"({"memory": {"limit": 0, "swap": -1, "disableOOMKiller": false}, "pids": {"limit": -1},
      "cpu": {"shares": 0, "quota": 0, "cpus": ""}, "blockIO": {"weight": 0, "weightDevice": []}, "hugepageLimits": [],
      "network": {"classID": 0}})"),
      none);
}

BOOST_AUTO_TEST_CASE(E47_a_limit_that_only_v1_has_is_refused_on_v2) {
  struct Case {
    const char *limits, *path;
  };
  constexpr Case cases[] = {
      {R"({"memory": {"swappiness": 60}})", "/memory/swappiness"},
      {R"({"memory": {"kernel": 1000}})", "/memory/kernel"},
      {R"({"memory": {"kernelTCP": 1000}})", "/memory/kernelTCP"},
      {R"({"memory": {"disableOOMKiller": true}})", "/memory/disableOOMKiller"},
      {R"({"cpu": {"realtimeRuntime": 1}})", "/cpu/realtimeRuntime"},
      {R"({"cpu": {"realtimePeriod": 1}})", "/cpu/realtimePeriod"},
      {R"({"blockIO": {"leafWeight": 100}})", "/blockIO/leafWeight"},
      {R"({"blockIO": {"weightDevice": [{"major": 8, "minor": 0, "leafWeight": 100}]}})",
       "/blockIO/weightDevice/0/leafWeight"},
      {R"({"network": {"classID": 1}})", "/network/classID"},
      {R"({"network": {"priorities": [{"name": "lo", "priority": 1}]}})", "/network/priorities"},
  };
  for (const Case& c : cases) {
    expect_one(resources(c.limits), at + c.path, "cgroup-v1-only", "no equivalent on cgroup v2",
               cgroup_v2());
    if (c.path == std::string_view{"/memory/kernel"}) {
      expect_warning(resources(c.limits), at + c.path, "memory-kernel", "ignored");
    } else {
      expect_clean(resources(c.limits));
    }
  }
  expect_clean(
      resources(R"({"memory": {"disableOOMKiller": false, "kernel": -1, "useHierarchy": true},
                             "cpu": {"realtimeRuntime": 0}, "network": {"classID": 0}})"),
      cgroup_v2());
}

BOOST_AUTO_TEST_CASE(swappiness_is_at_most_100) {
  expect_one(resources(R"({"memory": {"swappiness": 101}})"), at + "/memory/swappiness",
             "memory-swappiness");
  expect_clean(resources(R"({"memory": {"swappiness": 100}})"));
}

BOOST_AUTO_TEST_SUITE_END()
