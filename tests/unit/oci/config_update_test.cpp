#include "oci/config_update.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

namespace ocelot::oci {
namespace {

using nlohmann::json;

// linux.resources of a configuration that had `resources`, after an update with `changes`.
json resources_after(const json& resources, const json& changes) {
  const json config{{"linux", {{"resources", resources}}}};
  return json::parse(updated(config.dump(), {.resources = changes.dump()}))["linux"]["resources"];
}

}  // namespace

BOOST_AUTO_TEST_SUITE(config_update)

BOOST_AUTO_TEST_CASE(what_is_named_changes_and_the_rest_stays) {
  const json before{{"cpu", {{"quota", 50000}, {"period", 100000}}}, {"pids", {{"limit", 20}}}};
  json after = before;
  after["cpu"]["quota"] = -1;
  after["memory"]["limit"] = 4096;
  BOOST_TEST(resources_after(before, {{"cpu", {{"quota", -1}}}, {"memory", {{"limit", 4096}}}}) ==
             after);
  BOOST_TEST(resources_after(before, json::object()) == before);
}

BOOST_AUTO_TEST_CASE(null_is_the_same_as_absent) {
  const json before{{"pids", {{"limit", 20}}}};
  BOOST_TEST(resources_after(before, {{"pids", {{"limit", nullptr}}}, {"cpu", nullptr}}) == before);
}

BOOST_AUTO_TEST_CASE(device_rules_stay) {
  const json before{{"devices", {{{"allow", false}, {"access", "rwm"}}}}};
  BOOST_TEST(resources_after(before, {{"devices", {{{"allow", true}, {"access", "rwm"}}}}}) ==
             before);
}

BOOST_AUTO_TEST_CASE(entries_of_the_same_device_size_or_name_are_replaced) {
  const json before = json::parse(R"({
    "blockIO": {"throttleReadBpsDevice": [{"major": 8, "minor": 0, "rate": 1}, {"major": 8, "minor": 1, "rate": 2}]},
    "hugepageLimits": [{"pageSize": "2MB", "limit": 1}],
    "network": {"priorities": [{"name": "eth0", "priority": 1}]}})");
  const json changes = json::parse(R"({
    "blockIO": {"throttleReadBpsDevice": [{"major": 8, "minor": 1, "rate": 3}, {"major": 9, "minor": 0, "rate": 4}]},
    "hugepageLimits": [{"pageSize": "1GB", "limit": 2}],
    "network": {"priorities": [{"name": "eth0", "priority": 5}]}})");
  const json after = json::parse(R"({
    "blockIO": {"throttleReadBpsDevice": [{"major": 8, "minor": 0, "rate": 1}, {"major": 8, "minor": 1, "rate": 3},
                                          {"major": 9, "minor": 0, "rate": 4}]},
    "hugepageLimits": [{"pageSize": "2MB", "limit": 1}, {"pageSize": "1GB", "limit": 2}],
    "network": {"priorities": [{"name": "eth0", "priority": 5}]}})");
  BOOST_TEST(resources_after(before, changes) == after);
}

BOOST_AUTO_TEST_CASE(configuration_without_resources_gets_them) {
  const json after =
      json::parse(updated(R"({"ociVersion":"1.0.2"})", {.resources = R"({"pids":{"limit":3}})"}));
  BOOST_TEST(after ==
             json::parse(R"({"ociVersion":"1.0.2","linux":{"resources":{"pids":{"limit":3}}}})"));
}

BOOST_AUTO_TEST_CASE(schemata_that_are_given_replace_those_of_the_configuration) {
  const json after = json::parse(updated(
      R"({"linux":{"intelRdt":{"closID":"gold","l3CacheSchema":"L3:0=f","memBwSchema":"MB:0=20"}}})",
      {.resources = "{}", .mem_bw_schema = "MB:0=50"}));
  BOOST_TEST(after["linux"]["intelRdt"] ==
             json::parse(R"({"closID":"gold","l3CacheSchema":"L3:0=f","memBwSchema":"MB:0=50"})"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::oci
