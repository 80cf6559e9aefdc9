#include "cgroups/setting.hpp"

#include <boost/test/unit_test.hpp>

#include "runtime/base/error.hpp"
#include "tree.hpp"

using namespace ocelot;
using namespace ocelot::cgroups;
using ocelot::test::Tree;

namespace {

void write_to(const Tree& tree, const Settings& settings) {
  const Cgroup cgroup{tree.root().string(), "/c"};
  write(settings, [&](std::string_view) -> const Cgroup& { return cgroup; });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(setting_)

BOOST_AUTO_TEST_CASE(the_controller_is_the_first_part_of_the_file) {
  BOOST_TEST(controller_of("memory.swap.max") == "memory");
  BOOST_TEST(controller_of("cgroup.freeze") == "cgroup");
  BOOST_TEST(controller_of("odd") == "odd");
}

BOOST_AUTO_TEST_CASE(a_value_goes_into_its_file) {
  Tree tree;
  tree.file("c/pids.max");
  write_to(tree, {{"pids.max", "20"}});
  BOOST_TEST(tree.content("c/pids.max") == "20");
}

BOOST_AUTO_TEST_CASE(a_missing_file_is_an_error_that_names_it_and_the_value) {
  Tree tree;
  tree.directory("c");
  BOOST_CHECK_EXCEPTION(write_to(tree, {{"pids.max", "20"}}), Error, [&](const Error& error) {
    const std::string text = error.what();
    return error.kind() == ErrorKind::Unsupported && text.find("\"20\"") != std::string::npos &&
           text.find(tree / "c/pids.max") != std::string::npos &&
           text.ends_with(": No such file or directory") && !error.hint().empty();
  });
}

BOOST_AUTO_TEST_CASE(a_missing_file_that_may_be_missing_is_passed_over) {
  Tree tree;
  tree.file("c/hugetlb.2MB.max");
  write_to(tree, {{"hugetlb.2MB.rsvd.max", "1", Missing::ignore}, {"hugetlb.2MB.max", "1"}});
  BOOST_TEST(tree.content("c/hugetlb.2MB.max") == "1");
}

BOOST_AUTO_TEST_CASE(of_two_alternatives_the_first_that_is_there_is_written) {
  const Settings weight{{"io.bfq.weight", "500", Missing::alternative}, {"io.weight", "4950"}};
  Tree both;
  both.file("c/io.bfq.weight");
  both.file("c/io.weight");
  write_to(both, weight);
  BOOST_TEST(both.content("c/io.bfq.weight") == "500");
  BOOST_TEST(both.content("c/io.weight") == "");
  Tree one;
  one.file("c/io.weight");
  write_to(one, weight);
  BOOST_TEST(one.content("c/io.weight") == "4950");
  Tree none;
  none.directory("c");
  BOOST_CHECK_THROW(write_to(none, weight), Error);
}

BOOST_AUTO_TEST_CASE(nothing_outside_the_cgroup_is_written) {
  Tree tree;
  tree.directory("c");
  tree.file("elsewhere", "untouched");
  std::filesystem::create_symlink("../elsewhere", tree / "c/link");
  BOOST_CHECK_THROW(write_to(tree, {{"../elsewhere", "x"}}), Error);
  BOOST_CHECK_THROW(write_to(tree, {{"link", "x"}}), Error);
  BOOST_TEST(tree.content("elsewhere") == "untouched");
}

BOOST_AUTO_TEST_SUITE_END()
