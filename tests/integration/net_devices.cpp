// Network devices that move into the container.
#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

// Runs the bundle from a network namespace of its own, in which `setup` (a shell script) made
// devices.
Output run_beside(const Runtime& runtime, Bundle& bundle, const std::string& setup,
                  const std::string& verb = "run") {
  bundle.write();
  std::vector<std::string> line{
      "unshare", "--net", "sh", "-c", "set -e; " + setup + "; exec \"$@\"", "sh"};
  for (const std::string& word : runtime.command({verb, "--bundle", bundle.path(), "c"}))
    line.push_back(word);
  return run(line);
}

const std::string kVeth = "ip link add eth7 type veth peer name peer7";

std::string addresses(const Runtime& runtime, Bundle& bundle, const std::string& setup) {
  bundle.args({"ip", "address", "show"});
  Output output = run_beside(runtime, bundle, setup);
  BOOST_TEST(output.status == 0, output.err);
  return output.out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(net_devices, *needs::root() * needs::network_device("veth"))

BOOST_AUTO_TEST_CASE(device_moves_into_the_container_and_keeps_its_name) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["netDevices"] = {{"eth7", json::object()}};
  std::string seen = addresses(runtime, bundle, kVeth);
  BOOST_TEST(contains(seen, " eth7"), seen);
  BOOST_TEST(!contains(seen, " peer7"), seen);
}

BOOST_AUTO_TEST_CASE(device_gets_the_name_that_is_asked_for) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["netDevices"] = {{"eth7", {{"name", "lan0"}}}};
  std::string seen = addresses(runtime, bundle, kVeth);
  BOOST_TEST(contains(seen, " lan0"), seen);
  BOOST_TEST(!contains(seen, " eth7"), seen);
}

BOOST_AUTO_TEST_CASE(device_is_up_and_keeps_its_global_addresses) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["netDevices"] = {{"eth7", {{"name", "lan0"}}}};
  std::string seen = addresses(runtime, bundle,
                               kVeth +
                                   "; ip link set eth7 mtu 1400 address 02:00:00:00:00:07;"
                                   "ip address add 10.7.7.7/24 dev eth7;"
                                   "ip address add fd07::7/64 dev eth7 nodad; ip link set eth7 up;"
                                   "ip address add 10.9.9.9/24 dev peer7");
  BOOST_TEST(contains(seen, "inet 10.7.7.7/24"), seen);
  BOOST_TEST(contains(seen, "inet6 fd07::7/64"), seen);
  BOOST_TEST(!contains(seen, "10.9.9.9"), seen);
  BOOST_TEST(contains(seen, "mtu 1400"), seen);
  BOOST_TEST(contains(seen, "02:00:00:00:00:07"), seen);
  // Of this device: "lo" is up in any case.
  const std::string at = seen.substr(std::min(seen.find("lan0"), seen.size()));
  BOOST_TEST(contains(at.substr(0, at.find('\n')), ",UP"), seen);
}

// Whoever made the device may ask for it back before: the runtime moves it in, and nowhere else.
BOOST_AUTO_TEST_CASE(virtual_device_ends_with_the_network_namespace_of_the_container) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["netDevices"] = {{"eth7", json::object()}};
  bundle.args({"true"}).write();
  std::string line = "set -e; " + kVeth + "; ";
  for (const std::string& word : runtime.command({"create", "--bundle", bundle.path(), "c"}))
    line += "'" + word + "' ";
  line +=
      "</dev/null >/dev/null 2>&1; ip link show peer7 >/dev/null; ! ip link show eth7 "
      "2>/dev/null; ";
  for (const std::string& word : runtime.command({"delete", "--force", "c"}))
    line += "'" + word + "' ";
  // The namespace ends a moment after its last process.
  line +=
      "; i=0; while ip link show peer7 2>/dev/null && [ $i -lt 1000 ]; do i=$((i+1)); done; "
      "ip -o link show";
  const Output output = run({"unshare", "--net", "sh", "-c", line});
  BOOST_TEST(output.status == 0, output.err);
  const std::string left = output.out.substr(output.out.rfind("1: lo"));
  BOOST_TEST(!contains(left, "eth7"), left);
  BOOST_TEST(!contains(left, "peer7"), left);
}

BOOST_AUTO_TEST_CASE(missing_device_is_an_error_that_names_it) {  // E35
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["netDevices"] = {{"eth7", json::object()}};
  check_refused(runtime, bundle.args({"true"}), "eth7");
}

BOOST_AUTO_TEST_CASE(name_that_is_taken_is_an_error) {  // E34
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["netDevices"] = {{"eth7", {{"name", "lo"}}}};
  Output output = run_beside(runtime, bundle.args({"true"}), kVeth, "create");
  BOOST_TEST(output.status == 1);
  if (!Runtime::is_reference()) BOOST_TEST(contains(output.err, "eth7"), output.err);
}

BOOST_AUTO_TEST_CASE(device_without_a_network_namespace_is_an_error) {  // E33
  Runtime runtime;
  Bundle bundle;
  bundle.remove_namespace("network");
  bundle.linux()["netDevices"] = {{"eth7", json::object()}};
  check_refused(runtime, bundle, "/linux/netDevices");
}

BOOST_AUTO_TEST_CASE(name_that_no_device_can_have_is_an_error) {  // E33
  Runtime runtime;
  for (const char* name : {"a/b", "a:b", ".", "..", "much-too-long-for-one"}) {
    Bundle bundle;
    bundle.linux()["netDevices"] = {{"eth7", {{"name", name}}}};
    check_refused(runtime, bundle, "/linux/netDevices/eth7");
  }
}

BOOST_AUTO_TEST_SUITE_END()
