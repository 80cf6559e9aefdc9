// The five capability sets.
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

BOOST_AUTO_TEST_SUITE(capabilities, *needs::root())

BOOST_AUTO_TEST_CASE(each_set_is_that_of_the_config) {
  Runtime runtime;
  Bundle bundle;
  const json wanted{{"bounding", {"CAP_CHOWN", "CAP_KILL", "CAP_SETUID", "CAP_NET_RAW"}},
                    {"permitted", {"CAP_CHOWN", "CAP_KILL", "CAP_NET_RAW"}},
                    {"effective", {"CAP_CHOWN", "CAP_KILL"}},
                    {"inheritable", {"CAP_KILL", "CAP_NET_RAW"}},
                    {"ambient", {"CAP_KILL"}}};
  bundle.process()["capabilities"] = wanted;
  bundle.process()["user"] = {{"uid", 1000}, {"gid", 1000}};
  json seen = report(runtime, bundle)["capabilities"];
  // execve by another user than root leaves it the ambient set alone.
  BOOST_TEST(seen["bounding"] == wanted["bounding"]);
  BOOST_TEST(seen["inheritable"] == wanted["inheritable"]);
  BOOST_TEST(seen["ambient"] == json{"CAP_KILL"});
  BOOST_TEST(seen["permitted"] == json{"CAP_KILL"});
  BOOST_TEST(seen["effective"] == json{"CAP_KILL"});
}

BOOST_AUTO_TEST_CASE(root_gets_the_bounding_set_at_execve) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["capabilities"] = {{"bounding", {"CAP_CHOWN", "CAP_KILL"}},
                                      {"permitted", {"CAP_CHOWN", "CAP_KILL"}},
                                      {"effective", {"CAP_CHOWN", "CAP_KILL"}}};
  json seen = report(runtime, bundle)["capabilities"];
  for (const char* set : {"bounding", "permitted", "effective"})
    BOOST_TEST(seen[set] == (json{"CAP_CHOWN", "CAP_KILL"}), set);
  BOOST_TEST(seen["inheritable"] == json::array());
  BOOST_TEST(seen["ambient"] == json::array());
}

BOOST_AUTO_TEST_CASE(absent_capabilities_are_none) {
  Runtime runtime;
  Bundle bundle;
  bundle.process().erase("capabilities");
  for (int uid : {0, 1000}) {
    bundle.process()["user"] = {{"uid", uid}, {"gid", uid}};
    json seen = report(runtime, bundle)["capabilities"];
    for (const char* set : {"bounding", "permitted", "effective", "inheritable", "ambient"})
      BOOST_TEST(seen[set] == json::array(), set << " of " << uid);
  }
}

BOOST_AUTO_TEST_CASE(another_user_has_none_without_ambient) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["capabilities"].erase("ambient");
  bundle.process()["user"] = {{"uid", 1000}, {"gid", 1000}};
  json seen = report(runtime, bundle)["capabilities"];
  BOOST_TEST(seen["effective"] == json::array());
  BOOST_TEST(seen["permitted"] == json::array());
  BOOST_TEST(seen["bounding"].size() == 3U);
}

BOOST_AUTO_TEST_CASE(every_capability_of_the_kernel_can_be_given) {
  Runtime runtime;
  Bundle bundle;
  json all = host_report()["capabilities"]["bounding"];
  bundle.capabilities(all);
  json seen = report(runtime, bundle)["capabilities"];
  for (const char* set : {"bounding", "permitted", "effective", "inheritable", "ambient"})
    BOOST_TEST(seen[set] == all, set);
}

BOOST_AUTO_TEST_CASE(what_a_capability_permits_is_permitted_and_the_rest_is_not) {
  Runtime runtime;
  Bundle bundle;
  bundle.config["root"]["readonly"] = false;
  bundle.capabilities({"CAP_CHOWN"});
  bundle.put("/file", "");
  json outcomes = act(runtime, bundle,
                      {{"chown", "/file", "7", "7"},
                       {"sethostname", "other"},
                       {"mount", "none", "/tmp", "tmpfs"},
                       {"setuid", "1"}});
  BOOST_TEST(outcomes[0]["ok"] == true);
  BOOST_TEST(outcomes[1]["errno"] == "EPERM");
  BOOST_TEST(outcomes[2]["errno"] == "EPERM");
  BOOST_TEST(outcomes[3]["errno"] == "EPERM");
}

BOOST_AUTO_TEST_CASE(unknown_capability_is_a_warning) {  // E16
  Runtime runtime;
  Bundle bundle;
  bundle.capabilities({"CAP_KILL", "CAP_TO_FLY"});
  Output output = runtime.run(bundle.args({"/bin/probe"}));
  BOOST_TEST(output.status == 0);
  BOOST_TEST(contains(output.err, "CAP_TO_FLY"));
  BOOST_TEST(json::parse(output.out)["capabilities"]["bounding"] == json{"CAP_KILL"});
}

BOOST_AUTO_TEST_CASE(capability_that_cannot_be_granted_is_a_warning,
                     *needs::no_capability("CAP_SYS_RESOURCE")) {  // E16
  Runtime runtime;
  Bundle bundle;
  bundle.capabilities({"CAP_KILL", "CAP_SYS_RESOURCE"});
  json seen = report(runtime, bundle)["capabilities"];
  BOOST_TEST(seen["effective"] == json{"CAP_KILL"});
}

BOOST_AUTO_TEST_CASE(ambient_capability_that_is_not_inheritable_is_a_warning) {
  Runtime runtime;
  Bundle bundle;
  bundle.capabilities({"CAP_KILL", "CAP_CHOWN"});
  bundle.process()["capabilities"]["inheritable"] = {"CAP_CHOWN"};
  bundle.process()["user"] = {{"uid", 1000}, {"gid", 1000}};
  BOOST_TEST(report(runtime, bundle)["capabilities"]["ambient"] == json{"CAP_CHOWN"});
}

BOOST_AUTO_TEST_CASE(ambient_capabilities_of_the_caller_are_dropped) {
  Runtime runtime;
  Bundle bundle;
  bundle.capabilities({"CAP_KILL"}).process()["capabilities"].erase("ambient");
  RunOptions options;
  options.in_child = [] {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct sets[2];
    checked(static_cast<int>(::syscall(SYS_capget, &header, sets)), "capget");
    for (auto& set : sets) set.inheritable = set.permitted;
    checked(static_cast<int>(::syscall(SYS_capset, &header, sets)), "capset");
    checked(::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0), "ambient");
  };
  const json seen = report(runtime, bundle, {}, {}, options)["capabilities"];
  BOOST_TEST(seen["inheritable"] == json{"CAP_KILL"});
  BOOST_TEST(seen["ambient"] == json::array());
}

BOOST_AUTO_TEST_CASE(keep_capabilities_does_not_outlive_the_change_of_user) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["user"] = {{"uid", 1000}, {"gid", 1000}};
  BOOST_TEST(report(runtime, bundle)["securebits"] == 0);
}

BOOST_AUTO_TEST_SUITE_END()
