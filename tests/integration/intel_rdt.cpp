// Cache and memory bandwidth control where there is none.
#include "tests/support/black_box.hpp"

using namespace ocelot::test;

BOOST_AUTO_TEST_SUITE(intel_rdt, *needs::root())

BOOST_AUTO_TEST_CASE(request_without_resctrl_is_an_error,
                     *needs::absent("/sys/fs/resctrl/schemata")) {
  Runtime runtime;  // E48
  Bundle bundle;
  bundle.linux()["intelRdt"] = {{"closID", "group"}, {"l3CacheSchema", "L3:0=f"}};
  check_refused(runtime, bundle, "resctrl");
}

BOOST_AUTO_TEST_CASE(name_of_a_group_that_is_a_path_is_an_error) {  // E53
  Runtime runtime;
  for (const char* name : {"..", ".", "a/b"}) {
    Bundle bundle;
    bundle.linux()["intelRdt"] = {{"closID", name}, {"l3CacheSchema", "L3:0=f"}};
    check_refused(runtime, bundle, "/linux/intelRdt/closID");
  }
}

BOOST_AUTO_TEST_CASE(bandwidth_schema_that_is_none_is_an_error) {  // E51
  Runtime runtime;
  for (const char* schema : {"L3:0=f", "MB:0=70\nL3:0=f"}) {
    Bundle bundle;
    bundle.linux()["intelRdt"] = {{"memBwSchema", schema}};
    check_refused(runtime, bundle, "/linux/intelRdt/memBwSchema");
  }
}

BOOST_AUTO_TEST_SUITE_END()
