#include "runtime/steps/net_devices.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"
#include "runtime/base/fd.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_processes.hpp"
#include "tests/support/command.hpp"

namespace ut = boost::unit_test;

namespace ocelot {
namespace {

using nlohmann::json;

UniqueFd network_namespace() {
  return sys::open(AT_FDCWD, "/proc/self/ns/net", O_RDONLY);
}

void ip(const std::string& words) {
  const test::Output output = test::run({"sh", "-c", "ip " + words});
  BOOST_REQUIRE_MESSAGE(output.status == 0, "ip " << words << ": " << output.err);
}

json ip_json(const std::string& words) {
  const test::Output output = test::run({"sh", "-c", "ip -details -json " + words});
  return output.status == 0 ? json::parse(output.out) : json::array();
}

// Two network namespaces: the test is in the one that stands for the host's.
struct Namespaces {
  UniqueFd before = network_namespace();
  UniqueFd host, target;

  Namespaces() {
    sys::unshare(CLONE_NEWNET);
    target = network_namespace();
    sys::unshare(CLONE_NEWNET);
    host = network_namespace();
  }
  ~Namespaces() { enter(before); }

  static void enter(const UniqueFd& fd) { sys::set_namespace(fd.get(), CLONE_NEWNET); }

  template <typename Body>
  auto in_target(Body body) {
    enter(target);
    struct Return {
      const UniqueFd& host;
      ~Return() { enter(host); }
    } back{host};
    return body();
  }
  // One device as `ip address` tells it, or null.
  static json device(const std::string& name) {
    const json found = ip_json("address show dev " + name);
    return found.empty() ? json() : found.at(0);
  }
  json device_in_target(const std::string& name) {
    return in_target([&] { return device(name); });
  }
};

std::vector<std::string> addresses(const json& device) {
  std::vector<std::string> all;
  if (device.is_null()) return all;
  for (const json& address : device.at("addr_info")) {
    if (address.empty() || address.at("scope") != "global") continue;
    all.push_back(address.at("local").get<std::string>() + "/" +
                  std::to_string(address.at("prefixlen").get<int>()));
  }
  return all;
}

ut::precondition needs_veth() {
  return ut::precondition([](ut::test_unit_id) {
    if (::geteuid() != 0) return boost::test_tools::assertion_result(false);
    const test::Output output =
        test::run({"unshare", "-n", "ip", "link", "add", "x", "type", "veth"});
    boost::test_tools::assertion_result result(output.status == 0);
    result.message() << "needs root and the kernel's veth network device: " << output.err;
    return result;
  });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(net_devices, *needs_veth())

BOOST_FIXTURE_TEST_CASE(a_device_arrives_under_its_new_name_and_up, Namespaces) {
  ip("link add physical type veth");
  move_net_devices({{"physical", "eth0"}}, target.get()).commit();
  BOOST_TEST(device("physical").is_null());
  const json moved = device_in_target("eth0");
  BOOST_REQUIRE(!moved.is_null());
  BOOST_TEST(moved.at("flags").dump().find("\"UP\"") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(mtu_and_hardware_address_are_kept, Namespaces) {
  ip("link add physical address 02:00:00:00:00:17 mtu 1372 type veth");
  move_net_devices({{"physical", "physical"}}, target.get()).commit();
  const json moved = device_in_target("physical");
  BOOST_REQUIRE(!moved.is_null());
  BOOST_TEST(moved.at("mtu").get<int>() == 1372);
  BOOST_TEST(moved.at("address").get<std::string>() == "02:00:00:00:00:17");
}

BOOST_FIXTURE_TEST_CASE(permanent_global_addresses_are_kept_and_others_are_not, Namespaces) {
  ip("link add physical type veth");
  ip("address add 192.0.2.7/24 broadcast 192.0.2.255 dev physical");
  ip("address add 192.0.2.8/24 dev physical");
  ip("address add 198.51.100.1 peer 198.51.100.2/32 dev physical");
  ip("address add 203.0.113.1/24 dev physical valid_lft 1000 preferred_lft 1000");
  ip("address add 169.254.9.9/16 scope link dev physical");
  ip("address add 2001:db8::7/64 dev physical nodad");
  move_net_devices({{"physical", "eth0"}}, target.get()).commit();
  const json moved = device_in_target("eth0");
  const std::vector<std::string> expected{"192.0.2.7/24", "192.0.2.8/24", "198.51.100.1/32",
                                          "2001:db8::7/64"};
  auto found = addresses(moved);
  std::sort(found.begin(), found.end());
  BOOST_TEST(found == expected, boost::test_tools::per_element());
  BOOST_TEST(moved.dump().find("169.254.9.9") == std::string::npos);
  BOOST_TEST(moved.dump().find("\"broadcast\":\"192.0.2.255\"") != std::string::npos);
  BOOST_TEST(moved.dump().find("\"address\":\"198.51.100.2\"") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(an_address_keeps_its_flags, Namespaces) {
  ip("link add physical type veth");
  ip("address add 192.0.2.7/24 dev physical noprefixroute");
  ip("address add 2001:db8::7/64 dev physical nodad noprefixroute");
  move_net_devices({{"physical", "eth0"}}, target.get()).commit();
  const std::string moved = device_in_target("eth0").dump();
  BOOST_TEST(moved.find("\"nodad\":true") != std::string::npos);
  std::size_t without_route = 0;
  for (std::size_t at = 0; (at = moved.find("\"noprefixroute\":true", at)) != std::string::npos;
       ++at)
    ++without_route;
  BOOST_TEST(without_route == 2u);
}

BOOST_FIXTURE_TEST_CASE(a_name_with_percent_d_gets_the_lowest_free_number, Namespaces) {
  in_target([] { ip("link add eth0 type veth"); });
  ip("link add first type veth");
  ip("link add second type veth");
  move_net_devices({{"first", "eth%d"}, {"second", "eth%d"}}, target.get()).commit();
  BOOST_TEST(!device_in_target("eth1").is_null());
  BOOST_TEST(!device_in_target("eth2").is_null());
}

BOOST_FIXTURE_TEST_CASE(a_taken_index_and_a_taken_old_name_are_no_obstacle, Namespaces) {
  in_target([] { ip("link add physical index 77 type veth"); });
  ip("link add physical index 77 type veth");
  ip("address add 192.0.2.7/24 dev physical");
  move_net_devices({{"physical", "eth0"}}, target.get()).commit();
  BOOST_TEST(addresses(device_in_target("eth0")) == std::vector<std::string>{"192.0.2.7/24"},
             boost::test_tools::per_element());
  BOOST_TEST(addresses(device_in_target("physical")).empty());
}

BOOST_FIXTURE_TEST_CASE(a_name_that_is_taken_is_an_error_and_the_device_stays, Namespaces) {
  in_target([] { ip("link add eth0 type veth"); });
  ip("link add physical type veth");
  BOOST_CHECK_EXCEPTION(static_cast<void>(move_net_devices({{"physical", "eth0"}}, target.get())),
                        Error, [](const Error& error) {
                          const std::string text = error.what();
                          return text.find("network device physical") != std::string::npos &&
                                 text.find("eth0") != std::string::npos;
                        });
  BOOST_TEST(!device("physical").is_null());
}

BOOST_FIXTURE_TEST_CASE(a_missing_device_is_an_error_that_names_it, Namespaces) {
  BOOST_CHECK_EXCEPTION(static_cast<void>(move_net_devices({{"nosuch0", "eth0"}}, target.get())),
                        Error, [](const Error& error) {
                          return std::string(error.what()).find("nosuch0") != std::string::npos &&
                                 error.error_number() == ENODEV;
                        });
}

BOOST_FIXTURE_TEST_CASE(a_device_that_cannot_be_moved_is_an_error_that_names_it, Namespaces) {
  BOOST_CHECK_EXCEPTION(static_cast<void>(move_net_devices({{"lo", "eth0"}}, target.get())), Error,
                        [](const Error& error) {
                          return std::string(error.what()).find("network device lo") !=
                                 std::string::npos;
                        });
}

BOOST_FIXTURE_TEST_CASE(what_was_moved_before_a_failure_comes_back_as_it_was, Namespaces) {
  ip("link add physical address 02:00:00:00:00:17 type veth");
  ip("address add 192.0.2.7/24 dev physical");
  ip("link set physical up");
  ip("link add idle type veth");
  BOOST_CHECK_THROW(
      static_cast<void>(move_net_devices(
          {{"idle", "eth1"}, {"physical", "eth0"}, {"nosuch0", "eth2"}}, target.get())),
      Error);
  const json back = device("physical");
  BOOST_REQUIRE(!back.is_null());
  BOOST_TEST(back.at("address").get<std::string>() == "02:00:00:00:00:17");
  BOOST_TEST(addresses(back) == std::vector<std::string>{"192.0.2.7/24"},
             boost::test_tools::per_element());
  BOOST_TEST(back.at("flags").dump().find("\"UP\"") != std::string::npos);
  const json idle = device("idle");
  BOOST_REQUIRE(!idle.is_null());
  BOOST_TEST(idle.at("flags").dump().find("\"UP\"") == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_move_that_is_not_committed_is_undone, Namespaces) {
  ip("link add physical type veth");
  {
    const MovedNetDevices moved = move_net_devices({{"physical", "eth0"}}, target.get());
    BOOST_TEST(device("physical").is_null());
  }
  BOOST_TEST(!device("physical").is_null());
}

BOOST_FIXTURE_TEST_CASE(without_devices_the_target_is_not_even_looked_at, Namespaces) {
  BOOST_CHECK_NO_THROW(move_net_devices({}, -1).commit());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot
