#include "oci/sysctl.hpp"

#include "tests/unit/oci/document.hpp"

using namespace ocelot::oci::test;
using ocelot::oci::sysctl_path;

namespace {

json sysctl(const std::string& key, const std::string& value, json document = minimal()) {
  document["linux"]["sysctl"][key] = value;
  return document;
}

json all_namespaces() {
  return with("/linux/namespaces",
              R"([{"type": "mount"}, {"type": "ipc"}, {"type": "network"}, {"type": "uts"},
                                       {"type": "user", "path": "/proc/1/ns/user"}])");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sysctl_keys)

BOOST_AUTO_TEST_CASE(the_first_separator_tells_which_one_separates) {
  BOOST_TEST(sysctl_path("net.ipv4.ip_forward") == "net/ipv4/ip_forward");
  BOOST_TEST(sysctl_path("net/ipv4/conf/eth0.100/forwarding") ==
             "net/ipv4/conf/eth0.100/forwarding");
  BOOST_TEST(sysctl_path("net.ipv4.conf.eth0/100.forwarding") ==
             "net/ipv4/conf/eth0.100/forwarding");
}

BOOST_AUTO_TEST_CASE(E64_what_a_namespace_of_the_container_has_may_be_set) {
  for (const char* key :
       {"kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall",
        "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced", "kernel/sem",
        "fs.mqueue.msg_max", "net.ipv4.ip_forward", "net/ipv4/conf/eth0.100/forwarding",
        "kernel.domainname", "user.max_user_namespaces"}) {
    expect_clean(sysctl(key, "1", all_namespaces()));
    BOOST_TEST_CONTEXT(key) {
      const auto found = found_in(sysctl(key, "1"));
      BOOST_TEST_REQUIRE(found.size() == 1u);
      BOOST_TEST(found[0].rule == "sysctl-private-namespace");
    }
  }
}

BOOST_AUTO_TEST_CASE(E64_what_belongs_to_the_host_is_refused) {
  for (const char* key : {"kernel.core_pattern", "kernel/core_pattern", "vm.overcommit_memory",
                          "fs.file-max", "kernel.semx", "kernel.sem.x", "fs.mqueue", "net", "",
                          "net.", "net..ipv4", "net/../kernel/core_pattern", "net/./x", "/net/x",
                          ".net.x", "kernel.shm_rmid_forced+kernel.core_pattern",
                          "net.ipv4.x+kernel.core_pattern", "net.ipv4.a b", "net.ipv4.a\nb"}) {
    BOOST_TEST_CONTEXT(key) {
      const auto found = found_in(sysctl(key, "1", all_namespaces()));
      BOOST_TEST_REQUIRE(found.size() == 1u);
      BOOST_TEST(found[0].rule == "sysctl-namespaced");
      BOOST_TEST(found[0].message.find("is not in a separate kernel namespace") !=
                 std::string::npos);
    }
  }
}

BOOST_AUTO_TEST_CASE(E64_the_names_of_the_container_have_their_own_members) {
  expect_one(sysctl("kernel.hostname", "web", all_namespaces()), "/linux/sysctl/kernel.hostname",
             "sysctl-hostname", "\"hostname\"");
  expect_one(sysctl("kernel.domainname", "web", with("/domainname", R"("web")", all_namespaces())),
             "/linux/sysctl/kernel.domainname", "sysctl-domainname");
}

BOOST_AUTO_TEST_CASE(E64_a_path_to_the_callers_own_namespace_is_the_host) {
  const auto joined =
      sysctl("net.ipv4.ip_forward", "1",
             with("/linux/namespaces/1", R"({"type": "network", "path": "/proc/1/ns/net"})"));
  expect_clean(joined, caller_is_in({"/proc/2/ns/net"}));
  expect_one(joined, "/linux/sysctl/net.ipv4.ip_forward", "sysctl-private-namespace",
             "not allowed in host network namespace", caller_is_in({"/proc/1/ns/net"}));
}

BOOST_AUTO_TEST_CASE(a_value_is_one_line) {
  expect_one(sysctl("kernel.sem", "1\n2", all_namespaces()), "/linux/sysctl/kernel.sem",
             "sysctl-value");
}

BOOST_AUTO_TEST_SUITE_END()
