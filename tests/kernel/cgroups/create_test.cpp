#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "container.hpp"
#include "runtime/base/error.hpp"
#include "tests/support/cgroups.hpp"
#include "tests/support/check.hpp"

using namespace ocelot;
using namespace ocelot::cgroups;
using namespace ocelot::test;
namespace fs = std::filesystem;

namespace {

auto says(const std::string& words) {
  return [words](const Error& error) {
    BOOST_TEST_MESSAGE(error.what());
    return std::string(error.what()).find(words) != std::string::npos;
  };
}

std::string cgroups_of(pid_t pid) {
  return test::read_file("/proc/" + std::to_string(pid) + "/cgroup");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cgroup_create)

BOOST_DATA_TEST_CASE(a_cgroup_is_made_in_every_hierarchy_and_removed_from_every_one, hosts()) {
  Container container{sample};
  for (const std::string& directory : container.directories())
    BOOST_TEST(fs::exists(directory), directory);
  container.driver().remove();
  for (const std::string& directory : container.directories())
    BOOST_TEST(!fs::exists(directory), directory);
}

BOOST_DATA_TEST_CASE(parents_that_create_had_to_make_go_when_the_same_driver_removes_it, hosts()) {
  Container container{sample, "parent/child"};
  container.driver().remove();
  BOOST_TEST(our_cgroups().empty());
}

BOOST_DATA_TEST_CASE(a_process_that_is_born_there_is_in_all_of_them, hosts()) {
  Container container{sample};
  const ChildProcess child = container.start_idle();
  std::size_t lines = 0;
  for (std::size_t at = 0;
       (at = cgroups_of(child.pid()).find(cgroup_parent() + "/c\n", at)) != std::string::npos; ++at)
    ++lines;
  BOOST_TEST(lines == container.directories().size());
}

BOOST_DATA_TEST_CASE(whoever_comes_later_finds_its_process_in_all_of_them, hosts()) {
  Container container{sample};
  const ChildProcess child = container.start_idle();
  BOOST_TEST(container.another()->processes() == std::vector<pid_t>{child.pid()},
             boost::test_tools::per_element());
  for (const std::string& directory : container.directories()) {
    BOOST_TEST(test::read_file(directory + "/cgroup.procs") == std::to_string(child.pid()) + "\n");
  }
}

BOOST_DATA_TEST_CASE(a_cgroup_with_a_process_in_it_is_refused_and_left_alone, hosts()) {  // E37
  Container container{sample};
  const ChildProcess child = container.start_idle();
  BOOST_CHECK_EXCEPTION(container.another()->create(), Error,
                        says("container's cgroup is not empty: 1 process(es): "));
  BOOST_TEST(container.driver().processes().size() == 1u);
}

BOOST_DATA_TEST_CASE(a_process_further_below_counts_too, hosts()) {
  Container container{sample};
  const ChildProcess child = container.start_idle();
  test::write_file(container.make_below("sub") + "/cgroup.procs", std::to_string(child.pid()));
  BOOST_CHECK_EXCEPTION(container.another()->create(), Error, says("not empty"));
}

BOOST_DATA_TEST_CASE(an_empty_cgroup_that_is_there_already_is_taken, hosts()) {
  Container container{sample};
  BOOST_CHECK_NO_THROW(container.another()->create());
}

BOOST_DATA_TEST_CASE(a_frozen_cgroup_is_refused, hosts()) {  // E37
  Container container{sample};
  container.driver().freeze(Freezer::frozen);
  BOOST_CHECK_EXCEPTION(container.another()->create(), Error, says("unexpectedly frozen"));
}

BOOST_DATA_TEST_CASE(a_new_cgroup_below_a_frozen_one_is_refused_and_not_left_behind, hosts()) {
  Container parent{sample, "pod"};
  parent.driver().freeze(Freezer::frozen);
  BOOST_CHECK_EXCEPTION((Container{sample, "pod/c"}), Error, says("unexpectedly frozen"));
  for (const std::string& directory : parent.directories())
    BOOST_TEST(!fs::exists(directory + "/c"), directory);
}

BOOST_AUTO_TEST_SUITE_END()
