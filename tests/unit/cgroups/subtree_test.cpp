#include "cgroups/subtree.hpp"

#include <fcntl.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "runtime/base/sys_files.hpp"
#include "tree.hpp"

using namespace ocelot;
using namespace ocelot::cgroups;
using ocelot::test::Tree;
namespace fs = std::filesystem;

namespace {

struct OpenTree : Tree {
  UniqueFd top = sys::open(AT_FDCWD, root().string(), O_PATH | O_DIRECTORY);
};

using Pids = std::vector<pid_t>;

}  // namespace

BOOST_AUTO_TEST_SUITE(subtree_)

BOOST_AUTO_TEST_CASE(processes_are_those_of_the_whole_subtree_once_each) {
  OpenTree tree;
  tree.file("cgroup.procs", "12\n3\n");
  tree.file("a/cgroup.procs", "4\n3\n");
  tree.file("a/b/cgroup.procs", "5\n");
  tree.directory("empty");
  BOOST_TEST(processes_below(tree.top.get()) == (Pids{3, 4, 5, 12}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_process_that_our_pid_namespace_does_not_see_is_left_out) {
  OpenTree tree;
  tree.file("cgroup.procs", "0\n7\n");
  BOOST_TEST(processes_below(tree.top.get()) == Pids{7}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(children_come_before_their_parents) {
  OpenTree tree;
  tree.directory("a/b/c");
  tree.directory("d");
  std::vector<ino_t> order;
  for_each_cgroup(tree.top.get(), [&](int dir) { order.push_back(sys::stat(dir).st_ino); });
  const auto place = [&](const std::string& name) {
    const ino_t inode = sys::stat_if_exists(AT_FDCWD, tree / name)->st_ino;
    return std::find(order.begin(), order.end(), inode) - order.begin();
  };
  BOOST_TEST(order.size() == 5u);
  BOOST_TEST(place("a/b/c") < place("a/b"));
  BOOST_TEST(place("a/b") < place("a"));
  BOOST_TEST(place("") == 4);
}

BOOST_AUTO_TEST_CASE(everything_below_is_removed_and_the_top_stays) {
  OpenTree tree;
  tree.directory("a/b/c");
  tree.directory("a/d");
  tree.directory("e");
  BOOST_TEST(remove_below(tree.top.get()) == 0);
  BOOST_TEST(fs::exists(tree.root()));
  BOOST_TEST(fs::is_empty(tree.root()));
}

BOOST_AUTO_TEST_CASE(a_tree_deeper_than_a_path_may_be_long_is_removed) {
  OpenTree tree;
  // 40 levels of 200 bytes: 8000 bytes, and only a walk by descriptors gets there.
  const std::string name(200, 'n');
  UniqueFd here = sys::duplicate(tree.top.get());
  for (int level = 0; level < 40; ++level) {
    sys::make_directory(here.get(), name, 0755);
    here = sys::open(here.get(), name, O_PATH | O_DIRECTORY);
  }
  BOOST_TEST(remove_below(tree.top.get()) == 0);
  BOOST_TEST(fs::is_empty(tree.root()));
}

BOOST_AUTO_TEST_CASE(what_refuses_to_go_is_told_and_the_rest_goes) {
  OpenTree tree;
  tree.file("a/b/kept");
  tree.directory("a/c");
  BOOST_TEST(remove_below(tree.top.get()) == ENOTEMPTY);
  BOOST_TEST(fs::exists(tree / "a/b"));
  BOOST_TEST(!fs::exists(tree / "a/c"));
}

BOOST_AUTO_TEST_SUITE_END()
