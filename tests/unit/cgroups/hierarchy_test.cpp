#include "cgroups/hierarchy.hpp"

#include <boost/test/unit_test.hpp>

#include "tree.hpp"

using namespace ocelot::cgroups;
using ocelot::test::Tree;

namespace {

Hierarchies detect_in(const Tree& tree, const std::string& membership) {
  tree.file("membership", membership);
  return detect(tree / "cgroup", tree / "membership");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(detect_)

BOOST_AUTO_TEST_CASE(a_root_with_cgroup_controllers_is_v2_alone) {
  Tree tree;
  tree.file("cgroup/cgroup.controllers", "cpuset cpu io memory pids\n");
  const Hierarchies found = detect_in(tree, "0::/user.slice/session-1.scope\n");
  BOOST_TEST((found.mode == Mode::unified));
  BOOST_REQUIRE_EQUAL(found.all.size(), 1u);
  BOOST_TEST(found.all[0].name.empty());
  BOOST_TEST(found.all[0].own_path == "/user.slice/session-1.scope");
  BOOST_TEST(found.all[0].mount_point == (tree / "cgroup"));
  BOOST_TEST(found.with_controller("io") == &found.all[0]);
  BOOST_TEST(found.with_controller("hugetlb") == nullptr);
  BOOST_TEST(found.unified_one() == &found.all[0]);
}

BOOST_AUTO_TEST_CASE(v1_hierarchies_are_found_by_the_directory_that_has_their_name) {
  Tree tree;
  tree.directory("cgroup/cpu,cpuacct");
  tree.directory("cgroup/memory");
  tree.directory("cgroup/systemd");
  const Hierarchies found = detect_in(
      tree, "4:memory:/a\n3:cpu,cpuacct:/b:c\n2:name=systemd:/init.scope\n1:freezer:/\n0::/\n");
  BOOST_TEST((found.mode == Mode::legacy));
  BOOST_TEST(found.all.size() == 3u);
  BOOST_TEST(found.with_controller("cpuacct") == found.with_controller("cpu"));
  BOOST_TEST(found.with_controller("cpu")->own_path == "/b:c");
  BOOST_TEST(found.with_controller("cpu")->mount_point == (tree / "cgroup/cpu,cpuacct"));
  BOOST_TEST(found.with_controller("name=systemd")->mount_point == (tree / "cgroup/systemd"));
  BOOST_TEST(found.with_controller("freezer") == nullptr);
  BOOST_TEST(found.unified_one() == nullptr);
}

BOOST_AUTO_TEST_CASE(controllers_mounted_together_are_found_by_the_name_of_one) {
  Tree tree;
  tree.directory("cgroup/cpu");
  const Hierarchies found = detect_in(tree, "3:cpu,cpuacct:/\n");
  BOOST_REQUIRE(found.with_controller("cpuacct") != nullptr);
  BOOST_TEST(found.with_controller("cpuacct")->mount_point == (tree / "cgroup/cpu"));
}

BOOST_AUTO_TEST_CASE(v1_with_a_v2_beside_it_is_hybrid) {
  Tree tree;
  tree.directory("cgroup/memory");
  tree.file("cgroup/unified/cgroup.controllers", "hugetlb\n");
  const Hierarchies found = detect_in(tree, "1:memory:/a\n0::/b\n");
  BOOST_TEST((found.mode == Mode::hybrid));
  BOOST_REQUIRE(found.unified_one() != nullptr);
  BOOST_TEST(found.unified_one()->own_path == "/b");
  BOOST_TEST(found.with_controller("hugetlb") == found.unified_one());
  BOOST_TEST(!found.with_controller("memory")->unified);
}

BOOST_AUTO_TEST_CASE(a_host_without_mounts_has_none) {
  Tree tree;
  BOOST_TEST((detect_in(tree, "0::/\n").mode == Mode::none));
  tree.directory("cgroup");
  BOOST_TEST((detect_in(tree, "1:memory:/\n0::/\n").mode == Mode::none));
}

BOOST_AUTO_TEST_SUITE_END()
