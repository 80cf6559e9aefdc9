#include <boost/test/unit_test.hpp>

#include "cgroups/device_rules.hpp"
#include "runtime/base/error.hpp"
#include "settings_print.hpp"

using namespace ocelot;
using namespace ocelot::cgroups;
using v1::device_changes;
using v1::device_settings;

namespace {

const char* every_container_may =
    "b *:* m\nc *:* m\nc 1:3 rwm\nc 1:5 rwm\nc 1:7 rwm\nc 1:8 rwm\nc 1:9 rwm\nc 5:0 rwm\nc 5:2 "
    "rwm\nc 10:200 rwm\nc 136:* rwm\n";

}  // namespace

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

BOOST_AUTO_TEST_CASE(no_change_is_no_write) {
  BOOST_TEST(device_changes(every_container_may, device_policy({})).empty());
  BOOST_TEST(device_changes("a *:* rwm\n", device_policy({{true, 'a', {}, {}, "rwm"}})).empty());
}

BOOST_AUTO_TEST_CASE(
    a_device_more_is_allowed_and_a_device_less_denied_and_nothing_else_is_touched) {
  const DevicePolicy with_disk = device_policy({{true, 'b', 8, 0, "rw"}});
  SETTINGS_ARE(device_changes(every_container_may, with_disk), {{"devices.allow", "b 8:0 rw"}});
  SETTINGS_ARE(device_changes(std::string(every_container_may) + "b 8:0 rwm\n", with_disk),
               {{"devices.deny", "b 8:0 m"}});
  SETTINGS_ARE(device_changes(std::string(every_container_may) + "b 9:0 r\n", with_disk),
               {{"devices.allow", "b 8:0 rw"}, {"devices.deny", "b 9:0 r"}});
}

BOOST_AUTO_TEST_CASE(a_change_of_the_default_starts_again) {
  SETTINGS_ARE(device_changes(every_container_may, device_policy({{true, 'a', {}, {}, "rwm"}})),
               {{"devices.allow", "a"}});
  BOOST_TEST(device_changes("a *:* rwm\n", device_policy({})).front().file == "devices.deny");
}

BOOST_AUTO_TEST_SUITE_END()
