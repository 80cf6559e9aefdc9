// Kernel parameters of the container's namespaces.
#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

std::string host_value(const std::string& path) {
  return read_file("/proc/sys/" + path);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sysctl, *needs::root())

BOOST_AUTO_TEST_CASE(parameters_are_set_in_the_container_alone) {
  Runtime runtime;
  const std::vector<std::pair<std::string, std::string>> wanted{
      {"net.ipv4.ip_forward", "1"},
      {"kernel.msgmax", "8193"},
      {"kernel.shmmax", "12345678"},
      {"kernel.sem", "251\t32001\t33\t129"},
      {"kernel.shm_rmid_forced", "1"},
      {"fs.mqueue.msg_max", "17"},
      {"net.ipv4.ip_unprivileged_port_start", "77"}};
  Bundle bundle;
  std::vector<std::string> names, before;
  for (const auto& [name, value] : wanted) {
    bundle.linux()["sysctl"][name] = value;
    names.push_back(name);
    std::string path = name;
    std::replace(path.begin(), path.end(), '.', '/');
    before.push_back(host_value(path));
  }
  json seen = report(runtime, bundle, names)["sysctls"];
  for (const auto& [name, value] : wanted) BOOST_TEST(seen[name] == value, name);
  for (size_t i = 0; i < wanted.size(); ++i) {
    std::string path = wanted[i].first;
    std::replace(path.begin(), path.end(), '.', '/');
    if (!path.starts_with("fs/mqueue")) BOOST_TEST(host_value(path) == before[i], path);
  }
}

BOOST_AUTO_TEST_CASE(key_may_be_written_with_slashes) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["sysctl"] = {{"net/ipv4/conf/lo/log_martians", "1"}};
  BOOST_TEST(
      report(runtime, bundle,
             {"net.ipv4.conf.lo.log_martians"})["sysctls"]["net.ipv4.conf.lo.log_martians"] == "1");
}

BOOST_AUTO_TEST_CASE(parameter_that_belongs_to_no_namespace_is_an_error) {  // E64
  Runtime runtime;
  const std::string before = host_value("vm/swappiness");
  Bundle bundle;
  bundle.linux()["sysctl"] = {{"vm.swappiness", "61"}};
  check_refused(runtime, bundle, "/linux/sysctl");
  BOOST_TEST(host_value("vm/swappiness") == before);
}

BOOST_AUTO_TEST_CASE(parameter_of_a_namespace_that_is_the_hosts_is_an_error) {  // E64
  Runtime runtime;
  for (auto [type, key] :
       {std::pair{"network", "net.ipv4.ip_forward"}, std::pair{"ipc", "kernel.msgmax"}}) {
    Bundle bundle;
    bundle.remove_namespace(type);
    bundle.linux()["sysctl"] = {{key, "1"}};
    check_refused(runtime, bundle, "/linux/sysctl");
  }
}

BOOST_AUTO_TEST_CASE(network_namespace_joined_by_the_path_of_the_hosts_is_the_hosts) {  // E64
  Runtime runtime;
  Bundle bundle;
  bundle.add_namespace("network", "/proc/self/ns/net");
  bundle.linux()["sysctl"] = {{"net.ipv4.ip_forward", "1"}};
  check_refused(runtime, bundle, "/linux/sysctl");
}

BOOST_AUTO_TEST_CASE(hostname_is_no_sysctl) {  // E64
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["sysctl"] = {{"kernel.hostname", "other"}};
  check_refused(runtime, bundle, "/linux/sysctl");
}

BOOST_AUTO_TEST_CASE(domainname_may_be_a_sysctl) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["sysctl"] = {{"kernel.domainname", "example.org"}};
  BOOST_TEST(report(runtime, bundle)["domainname"] == "example.org");
}

BOOST_AUTO_TEST_CASE(parameter_that_does_not_exist_is_an_error) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["sysctl"] = {{"net.nosuch.parameter", "1"}};
  check_refused(runtime, bundle, "net.nosuch.parameter");
}

BOOST_AUTO_TEST_CASE(value_that_the_kernel_refuses_is_an_error) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["sysctl"] = {{"net.ipv4.ip_forward", "many"}};
  check_refused(runtime, bundle, "sysctl net.ipv4.ip_forward");
}

BOOST_AUTO_TEST_CASE(parameters_of_a_user_namespace_are_set) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_user_namespace();
  bundle.linux()["sysctl"] = {{"user.max_user_namespaces", "7"}};
  BOOST_TEST(report(runtime, bundle,
                    {"user.max_user_namespaces"})["sysctls"]["user.max_user_namespaces"] == "7");
}

BOOST_AUTO_TEST_SUITE_END()
