// Who the process is.
#include <grp.h>
#include <sys/stat.h>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

BOOST_AUTO_TEST_SUITE(user, *needs::root())

BOOST_AUTO_TEST_CASE(real_effective_and_saved_ids_are_those_of_the_config) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["user"] = {{"uid", 1234}, {"gid", 5678}};
  json seen = report(runtime, bundle);
  BOOST_TEST(seen["uid"] == (json{1234, 1234, 1234}));
  BOOST_TEST(seen["gid"] == (json{5678, 5678, 5678}));
}

BOOST_AUTO_TEST_CASE(additional_groups_are_those_of_the_config) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["user"] = {{"uid", 1000}, {"gid", 1000}, {"additionalGids", {7, 70000, 8}}};
  json groups = report(runtime, bundle)["groups"];
  std::sort(groups.begin(), groups.end());
  BOOST_TEST(groups == (json{7, 8, 70000}));
}

BOOST_AUTO_TEST_CASE(groups_of_the_caller_are_dropped) {
  Runtime runtime;
  Bundle bundle;
  RunOptions options;
  options.in_child = [] {
    const gid_t groups[] = {1, 2, 3};
    checked(::setgroups(3, groups), "setgroups");
  };
  BOOST_TEST(report(runtime, bundle, {}, {}, options)["groups"] == json::array());
}

// podman's --group-add keep-groups
BOOST_AUTO_TEST_CASE(groups_of_the_caller_are_kept_when_the_annotation_says_so,
                     *needs::ocelot("the annotation is crun's")) {
  RunOptions options;
  options.in_child = [] {
    const gid_t groups[] = {70001, 70002};
    checked(::setgroups(2, groups), "setgroups");
  };
  const auto seen = [&](const std::string& value) {
    Runtime runtime;
    Bundle bundle;
    bundle.config["annotations"]["run.oci.keep_original_groups"] = value;
    bundle.process()["user"] = {{"uid", 1000}, {"gid", 1000}, {"additionalGids", {7}}};
    return report(runtime, bundle, {}, {}, options)["groups"];
  };
  BOOST_TEST(seen("1") == (json{70001, 70002}));
  BOOST_TEST(seen("0") == (json{7}));
}

BOOST_AUTO_TEST_CASE(umask_is_that_of_the_config) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["user"]["umask"] = 077;
  BOOST_TEST(report(runtime, bundle)["umask"] == 077);
}

BOOST_AUTO_TEST_CASE(umask_is_0022_when_unset) {
  Runtime runtime;
  Bundle bundle;
  RunOptions options;
  options.in_child = [] { ::umask(0); };
  BOOST_TEST(report(runtime, bundle, {}, {}, options)["umask"] == 022);
}

BOOST_AUTO_TEST_CASE(id_that_is_not_mapped_is_an_error) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_user_namespace(kHostId, 100);
  bundle.process()["user"] = {{"uid", 100}, {"gid", 0}};
  check_refused(runtime, bundle, "/process/user/uid");
  bundle.process()["user"] = {{"uid", 0}, {"gid", 100}};
  check_refused(runtime, bundle, "/process/user/gid");
}

BOOST_AUTO_TEST_CASE(negative_or_huge_id_is_an_error) {
  Runtime runtime;
  for (const json& uid : {json(-1), json(4294967296LL), json("0"), json(1.5)}) {
    Bundle bundle;
    bundle.process()["user"]["uid"] = uid;
    check_refused(runtime, bundle, "/process/user/uid");
  }
}

BOOST_AUTO_TEST_SUITE_END()
