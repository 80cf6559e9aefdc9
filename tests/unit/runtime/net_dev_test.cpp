// /proc/PID/net/dev.
#include "runtime/net_dev.hpp"

#include <boost/test/unit_test.hpp>

using namespace ocelot;

BOOST_AUTO_TEST_SUITE(net_dev)

BOOST_AUTO_TEST_CASE(interfaces_but_loopback_are_read) {
  const auto interfaces = parse_net_dev(
      "Inter-|   Receive  |  Transmit\n"
      " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs\n"
      "    lo: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n"
      "  eth0:1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n"
      "  broken: 1 2\n");
  BOOST_TEST((interfaces == std::vector<InterfaceStats>{{"eth0", 1, 2, 3, 4, 9, 10, 11, 12}}));
  BOOST_TEST(parse_net_dev("").empty());
}

BOOST_AUTO_TEST_SUITE_END()
