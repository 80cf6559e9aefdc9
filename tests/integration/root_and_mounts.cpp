#include <boost/test/unit_test.hpp>

#include "tests/support/bundle.hpp"
#include "tests/support/needs.hpp"
#include "tests/support/probe.hpp"
#include "tests/support/runtime.hpp"

using namespace ocelot::test;

BOOST_AUTO_TEST_SUITE(root_and_mounts)

BOOST_AUTO_TEST_CASE(root_path_is_the_containers_root) {
  Runtime runtime;
  Bundle bundle;
  bundle.put("/etc/motd", "hello\n");
  BOOST_TEST(runtime.run(bundle.args({"cat", "/etc/motd"})).out == "hello\n");
}

BOOST_AUTO_TEST_SUITE_END()
