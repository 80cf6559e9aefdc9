#include <boost/test/unit_test.hpp>

#include "cgroups/device_rules.hpp"
#include "runtime/base/error.hpp"
#include "settings_print.hpp"

using namespace ocelot;
using namespace ocelot::cgroups;
using v1::device_settings;

BOOST_AUTO_TEST_SUITE(v1_devices_)

BOOST_AUTO_TEST_CASE(a_list_is_one_denial_and_one_write_a_device) {
  SETTINGS_ARE(device_settings(device_policy({})), {{"devices.deny", "a"},
                                                    {"devices.allow", "b *:* m"},
                                                    {"devices.allow", "c *:* m"},
                                                    {"devices.allow", "c 1:3 rwm"},
                                                    {"devices.allow", "c 1:5 rwm"},
                                                    {"devices.allow", "c 1:7 rwm"},
                                                    {"devices.allow", "c 1:8 rwm"},
                                                    {"devices.allow", "c 1:9 rwm"},
                                                    {"devices.allow", "c 5:0 rwm"},
                                                    {"devices.allow", "c 5:2 rwm"},
                                                    {"devices.allow", "c 10:200 rwm"},
                                                    {"devices.allow", "c 136:* rwm"}});
}

BOOST_AUTO_TEST_CASE(a_privileged_container_is_one_write) {
  SETTINGS_ARE(device_settings(device_policy({{true, 'a', {}, {}, "rwm"}})),
               {{"devices.allow", "a"}});
}

BOOST_AUTO_TEST_CASE(an_allow_all_cgroup_lists_what_it_denies) {
  SETTINGS_ARE(
      device_settings(device_policy({{true, 'a', {}, {}, "rwm"}, {false, 'b', 8, {}, "rw"}})),
      {{"devices.allow", "a"}, {"devices.deny", "b 8:* rw"}});
}

BOOST_AUTO_TEST_CASE(both_kinds_are_two_rules) {
  SETTINGS_ARE(device_settings({false, {{true, 'a', 8, {}, device_read}}}),
               {{"devices.deny", "a"}, {"devices.allow", "b 8:* r"}, {"devices.allow", "c 8:* r"}});
}

BOOST_AUTO_TEST_CASE(a_wider_denial_takes_away_narrower_permissions) {
  SETTINGS_ARE(
      device_settings(
          {false, {{true, 'b', 8, 1}, {true, 'b', 9, 1}, {false, 'b', 8, {}, device_write}}}),
      {{"devices.deny", "a"}, {"devices.allow", "b 8:1 rm"}, {"devices.allow", "b 9:1 rwm"}});
}

BOOST_AUTO_TEST_CASE(a_hole_in_a_wider_permission_is_refused_rather_than_left_open) {
  BOOST_CHECK_EXCEPTION(
      device_settings({false, {{true, 'b', 8, {}}, {false, 'b', 8, 1, device_write}}}), Error,
      [](const Error& error) { return error.kind() == ErrorKind::InvalidSpec; });
  BOOST_CHECK_THROW(
      device_settings({false, {{true, 'b', 8, {}}, {false, 'b', {}, 1, device_write}}}), Error);
  BOOST_CHECK_NO_THROW(device_settings(
      {false, {{true, 'b', 8, {}, device_read}, {false, 'b', 8, 1, device_write}}}));
}

BOOST_AUTO_TEST_SUITE_END()
