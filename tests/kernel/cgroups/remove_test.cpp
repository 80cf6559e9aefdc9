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

bool gone(const Container& container) {
  for (const std::string& directory : container.directories()) {
    if (fs::exists(directory)) return false;
  }
  return true;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cgroup_remove)

BOOST_DATA_TEST_CASE(sub_cgroups_and_the_processes_in_them_go_with_it, hosts()) {
  Container container{sample};
  for (const std::string& directory : container.directories())
    fs::create_directories(directory + "/a/b");
  ChildProcess child = container.start_idle();
  test::write_file(container.directory() + "/a/b/cgroup.procs", std::to_string(child.pid()));
  container.another()->remove();
  BOOST_TEST(gone(container));
  BOOST_TEST(child.wait().signal == SIGKILL);
}

BOOST_DATA_TEST_CASE(a_tree_three_hundred_deep_and_one_three_hundred_wide_go, hosts()) {
  Container container{sample};
  std::string deep = container.directory();
  for (int level = 0; level < 300; ++level) {
    fs::create_directory(deep += "/d");
    fs::create_directory(container.directory() + "/w" + std::to_string(level));
  }
  container.another()->remove();
  BOOST_TEST(gone(container));
}

BOOST_DATA_TEST_CASE(a_cgroup_that_is_gone_is_no_error, hosts()) {
  Container container{sample};
  for (const std::string& directory : container.directories())
    checked(::rmdir(directory.c_str()), "rmdir");
  for (int opened_before = 0; opened_before < 2; ++opened_before) {
    const auto other = container.another();
    BOOST_TEST(other->processes().empty());
    BOOST_TEST(!other->frozen());
    BOOST_TEST(other->oom_kills().value_or(0) == 0u);
    BOOST_CHECK_NO_THROW(other->signal_all(SIGTERM));
    BOOST_CHECK_NO_THROW(other->kill_all());
    BOOST_CHECK_NO_THROW(other->remove());
    BOOST_CHECK_THROW(other->freeze(Freezer::frozen), Error);
    BOOST_CHECK_THROW(other->apply({.pids = oci::PidsResources{1}}), Error);
  }
}

BOOST_DATA_TEST_CASE(a_cgroup_that_vanishes_while_it_is_held_open_is_no_error, hosts()) {  // L30
  Container container{sample};
  const auto other = container.another();
  other->processes();
  other->frozen();
  other->oom_kills();
  for (const std::string& directory : container.directories())
    checked(::rmdir(directory.c_str()), "rmdir");
  BOOST_TEST(other->processes().empty());
  BOOST_TEST(!other->frozen());
  BOOST_TEST(other->oom_kills().value_or(0) == 0u);
  BOOST_CHECK_NO_THROW(other->signal_all(SIGTERM));
  BOOST_CHECK_NO_THROW(other->kill_all());
  BOOST_CHECK_NO_THROW(other->remove());
}

BOOST_DATA_TEST_CASE(two_that_remove_it_at_once_both_succeed, hosts()) {
  for (int round = 0; round < 10; ++round) {
    Container container{sample};
    for (const std::string& directory : container.directories())
      fs::create_directories(directory + "/a/b");
    std::vector<ChildProcess> inside;
    for (int count = 0; count < 10; ++count) inside.push_back(container.start_idle());
    std::vector<ChildProcess> removers;
    for (int count = 0; count < 2; ++count) {
      removers.push_back(spawn(
          "ocelot-test", {},
          [&] {
            container.another()->remove();
            return 0;
          },
          [](const Error& error) { dprintf(2, "remover: %s\n", error.what()); }));
    }
    for (ChildProcess& remover : removers) BOOST_TEST(remover.wait().success());
    BOOST_TEST(gone(container));
  }
}

BOOST_DATA_TEST_CASE(a_create_that_fails_in_its_last_hierarchy_leaves_none, hosts()) {
  const std::string last = Container{sample}.directories().back();
  fs::create_directory(last);
  const ChildProcess stranger = spawn(
      "ocelot-test", {},
      [] {
        for (;;) ::pause();
        return 0;
      },
      [](const Error&) {});
  test::write_file(last + "/cgroup.procs", std::to_string(stranger.pid()));
  BOOST_CHECK_THROW(Container{sample}, Error);
  BOOST_TEST(our_cgroups() == std::vector<std::string>{last}, boost::test_tools::per_element());
  BOOST_TEST(test::read_file(last + "/cgroup.procs") == std::to_string(stranger.pid()) + "\n");
  stranger.kill(SIGKILL);
  BOOST_TEST(eventually([&] { return ::rmdir(last.c_str()) == 0; }));
}

BOOST_AUTO_TEST_SUITE_END()
