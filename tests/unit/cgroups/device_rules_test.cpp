#include "cgroups/device_rules.hpp"

#include <boost/test/unit_test.hpp>

#include "device_oracle.hpp"
#include "runtime/base/error.hpp"

using namespace ocelot;
using namespace ocelot::cgroups;
using test::allows;

BOOST_AUTO_TEST_SUITE(device_rules_)

BOOST_AUTO_TEST_CASE(without_rules_only_the_standard_devices_are_allowed) {
  const DevicePolicy policy = device_policy({});
  BOOST_TEST(!policy.allow);
  BOOST_TEST(allows(policy, {'c', 1, 3, device_all}));      // null
  BOOST_TEST(allows(policy, {'c', 10, 200, device_all}));   // tun
  BOOST_TEST(allows(policy, {'c', 136, 77, device_read}));  // a pseudo-terminal
  BOOST_TEST(allows(policy, {'b', 8, 0, device_mknod}));    // making a node gives no access
  BOOST_TEST(!allows(policy, {'b', 8, 0, device_read}));    // a disk
  BOOST_TEST(!allows(policy, {'b', 8, 0, device_read | device_mknod}));
  BOOST_TEST(!allows(policy, {'c', 1, 1, device_read}));  // mem
  BOOST_TEST(!allows(policy, {'b', 1, 3, device_read}));  // ram3, null's number as a block device
}

BOOST_AUTO_TEST_CASE(a_privileged_container_has_no_exceptions) {
  BOOST_TEST(device_policy({{true, 'a', {}, {}, "rwm"}}).allows_everything());
  BOOST_TEST(
      device_policy({{false, 'a', {}, {}, "rwm"}, {true, 'a', {}, {}, "mrw"}}).allows_everything());
  BOOST_TEST(device_policy({{true, 'a', -1, -1, "rwm"}}).allows_everything());
}

BOOST_AUTO_TEST_CASE(the_last_rule_that_matches_decides) {
  const DevicePolicy policy = device_policy({{false, 'a', {}, {}, "rwm"},
                                             {true, 'b', 8, {}, "rwm"},
                                             {false, 'b', 8, 16, "w"},
                                             {true, 'c', 226, {}, "rw"}});
  BOOST_TEST(allows(policy, {'b', 8, 0, device_all}));
  BOOST_TEST(allows(policy, {'b', 8, 16, device_read}));
  BOOST_TEST(!allows(policy, {'b', 8, 16, device_write}));
  BOOST_TEST(
      !allows(policy, {'b', 8, 16, device_read | device_write}));  // one bit of two is denied
  BOOST_TEST(allows(policy, {'c', 226, 0, device_read | device_write}));
}

BOOST_AUTO_TEST_CASE(rules_before_one_that_decides_everything_are_void) {
  const DevicePolicy policy =
      device_policy({{true, 'b', 8, 0, "rwm"}, {false, 'a', {}, {}, "rwm"}});
  BOOST_TEST((policy == device_policy({})));
}

BOOST_AUTO_TEST_CASE(access_comes_bit_by_bit_from_several_rules) {
  const DevicePolicy policy = device_policy({{true, 'c', 99, {}, "r"}, {true, 'c', 99, 1, "w"}});
  BOOST_TEST(allows(policy, {'c', 99, 1, device_read | device_write}));
  BOOST_TEST(!allows(policy, {'c', 99, 2, device_read | device_write}));
}

BOOST_AUTO_TEST_CASE(what_callers_list_twice_is_one_rule) {
  const DevicePolicy listed = device_policy({{false, 'a', {}, {}, "rwm"},
                                             {true, 'c', 1, 3, "rwm"},
                                             {true, 'c', 1, 5, "rw"},
                                             {true, 'c', {}, {}, "m"}});
  BOOST_TEST((listed == device_policy({})));
}

BOOST_AUTO_TEST_CASE(u_is_a_character_device_too) {
  BOOST_TEST(allows(device_policy({{true, 'u', 99, 1, "r"}}), {'c', 99, 1, device_read}));
}

BOOST_AUTO_TEST_CASE(what_is_no_rule_is_refused) {
  BOOST_CHECK_THROW(device_policy({{true, 'c', 1, 3, "x"}}), Error);
  BOOST_CHECK_THROW(device_policy({{true, 'c', -2, 3, "r"}}), Error);
  BOOST_CHECK_THROW(device_policy({{true, 'c', 1, std::int64_t{1} << 40, "r"}}), Error);
}

BOOST_AUTO_TEST_SUITE_END()
