#include "cgroups/cgroup.hpp"

#include <boost/test/unit_test.hpp>

#include "runtime/base/error.hpp"
#include "tree.hpp"

using namespace ocelot;
using namespace ocelot::cgroups;
using ocelot::test::Tree;
namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(cgroup_)

BOOST_AUTO_TEST_CASE(make_makes_the_parents_that_are_missing_and_unmake_takes_them_away) {
  Tree tree;
  tree.directory("there");
  Cgroup cgroup{tree.root().string(), "/there/a/b/c"};
  BOOST_TEST(cgroup.make());
  BOOST_TEST(fs::is_directory(tree / "there/a/b/c"));
  BOOST_TEST(cgroup.made() == (std::vector<std::string>{tree / "there/a", tree / "there/a/b",
                                                        tree / "there/a/b/c"}),
             boost::test_tools::per_element());
  cgroup.unmake();
  BOOST_TEST(!fs::exists(tree / "there/a"));
  BOOST_TEST(fs::exists(tree / "there"));
}

BOOST_AUTO_TEST_CASE(the_lineage_begins_below_the_mount_point) {
  BOOST_TEST((Cgroup{"/mnt/v1", "/a/bc/d"}.lineage()) ==
                 (std::vector<std::string>{"/mnt/v1/a", "/mnt/v1/a/bc", "/mnt/v1/a/bc/d"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(unmake_leaves_what_others_use) {
  Tree tree;
  Cgroup cgroup{tree.root().string(), "/a/b"};
  cgroup.make();
  tree.directory("a/other");
  cgroup.unmake();
  BOOST_TEST(!fs::exists(tree / "a/b"));
  BOOST_TEST(fs::exists(tree / "a/other"));
}

BOOST_AUTO_TEST_CASE(make_tells_what_was_there_already) {
  Tree tree;
  tree.directory("a/b");
  Cgroup cgroup{tree.root().string(), "/a/b"};
  BOOST_TEST(!cgroup.make());
  BOOST_TEST(cgroup.made().empty());
}

BOOST_AUTO_TEST_CASE(what_is_gone_is_an_answer) {
  Tree tree;
  Cgroup cgroup{tree.root().string(), "/a"};
  BOOST_TEST(cgroup.find() == -1);
  BOOST_TEST(!cgroup.read("pids.max").has_value());
  BOOST_TEST(cgroup.try_write("pids.max", "1") == ENOENT);
  BOOST_TEST(cgroup.try_remove() == 0);
  BOOST_CHECK_THROW(cgroup.fd(), Error);
  BOOST_CHECK_THROW(cgroup.write("pids.max", "1"), Error);
}

BOOST_AUTO_TEST_CASE(a_later_cgroup_of_the_same_name_is_another_one) {
  Tree tree;
  tree.file("a/pids.max", "1");
  const Cgroup cgroup{tree.root().string(), "/a"};
  BOOST_TEST(cgroup.read("pids.max").value() == "1");
  fs::remove_all(tree / "a");
  tree.file("a/pids.max", "2");
  BOOST_TEST(!cgroup.read("pids.max").has_value());
}

BOOST_AUTO_TEST_CASE(the_parents_of_a_path_that_is_a_file_cannot_be_made) {
  Tree tree;
  tree.file("a");
  Cgroup cgroup{tree.root().string(), "/a/b"};
  BOOST_CHECK_EXCEPTION(cgroup.make(), Error,
                        [](const Error& error) { return error.error_number() == ENOTDIR; });
}

BOOST_AUTO_TEST_CASE(a_flat_keyed_file_is_read_by_whole_keys) {
  const char* events = "low 0\noom 3\noom_kill 7\nbroken\noom_group_kill x\n";
  BOOST_TEST(value_of(events, "oom").value() == 3u);
  BOOST_TEST(value_of(events, "oom_kill").value() == 7u);
  BOOST_TEST(!value_of(events, "oom_group_kill").has_value());
  BOOST_TEST(!value_of(events, "broken").has_value());
  BOOST_TEST(!value_of("", "oom").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
