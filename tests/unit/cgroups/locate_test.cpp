#include <boost/test/unit_test.hpp>

#include "cgroups/driver.hpp"
#include "runtime/base/error.hpp"

using namespace ocelot;
using namespace ocelot::cgroups;

namespace {

const Hierarchies v1{
    Mode::legacy,
    {{"memory", {"memory"}, "/m", "/own/memory", false}, {"pids", {"pids"}, "/p", "/", false}}};
const Hierarchies v2{Mode::unified,
                     {{"", {"memory"}, "/sys/fs/cgroup", "/user.slice/session-1.scope", true}}};

using Paths = std::map<std::string, std::string>;

Paths paths(const Hierarchies& hierarchies, const std::string& path) {
  return locate(hierarchies, Manager::cgroupfs, path, "c1").paths;
}

auto refused(const std::string& word) {
  return [word](const Error& error) {
    BOOST_TEST_MESSAGE(error.what());
    return error.kind() == ErrorKind::InvalidSpec &&
           std::string(error.what()).find(word) != std::string::npos;
  };
}

}  // namespace

BOOST_AUTO_TEST_SUITE(locate_)

BOOST_AUTO_TEST_CASE(an_absolute_path_is_below_every_mount_point) {
  BOOST_TEST((paths(v1, "/docker/c1") == Paths{{"memory", "/docker/c1"}, {"pids", "/docker/c1"}}));
  BOOST_TEST((paths(v2, "/docker/c1") == Paths{{"", "/docker/c1"}}));
}

BOOST_AUTO_TEST_CASE(a_relative_path_is_below_the_callers_own_cgroup_on_v1) {
  BOOST_TEST((paths(v1, "a/c1") == Paths{{"memory", "/own/memory/a/c1"}, {"pids", "/a/c1"}}));
}

BOOST_AUTO_TEST_CASE(a_relative_path_is_beside_the_callers_own_cgroup_on_v2) {
  BOOST_TEST((paths(v2, "a/c1") == Paths{{"", "/user.slice/a/c1"}}));
}

BOOST_AUTO_TEST_CASE(without_a_path_the_id_is_one) {
  BOOST_TEST((paths(v1, "") == Paths{{"memory", "/own/memory/c1"}, {"pids", "/c1"}}));
  BOOST_TEST((paths(v2, "") == Paths{{"", "/user.slice/c1"}}));
}

BOOST_AUTO_TEST_CASE(the_same_path_written_otherwise_is_the_same_place) {
  BOOST_TEST((paths(v2, "//docker/./c1/") == paths(v2, "/docker/c1")));
}

BOOST_AUTO_TEST_CASE(a_path_cannot_lead_upwards) {
  BOOST_CHECK_EXCEPTION(paths(v1, "/a/../../b"), Error, refused("must not contain"));
  BOOST_CHECK_EXCEPTION(paths(v1, "../b"), Error, refused("must not contain"));
  BOOST_TEST((paths(v2, "/a..b/...") == Paths{{"", "/a..b/..."}}));
}

BOOST_AUTO_TEST_CASE(the_root_cgroup_is_nobodys_container) {
  BOOST_CHECK_EXCEPTION(paths(v1, "/"), Error, refused("root cgroup"));
  BOOST_CHECK_EXCEPTION(paths(v1, "."), Error, refused("root cgroup"));
}

BOOST_AUTO_TEST_CASE(what_the_kernel_cannot_take_as_a_name_is_refused) {
  BOOST_CHECK_EXCEPTION(paths(v1, "/a\nb"), Error, refused("line break"));
  BOOST_CHECK_EXCEPTION(paths(v1, std::string("/a\0b", 4)), Error, refused("NUL"));
  BOOST_CHECK_EXCEPTION(paths(v1, "/" + std::string(256, 'x')), Error, refused("255"));
  BOOST_CHECK_EXCEPTION(paths(v1, std::string(70'000, 'x')), Error, refused("longer"));
  BOOST_CHECK_NO_THROW(paths(v1, "/" + std::string(255, 'x')));
}

BOOST_AUTO_TEST_CASE(systemd_puts_a_unit_below_its_manager_in_every_hierarchy) {
  BOOST_CHECK_EXCEPTION(locate(v2, Manager::systemd, "/docker/c1", "c1"), Error,
                        refused("slice:prefix:name"));
  const Location location = locate(v1, Manager::systemd, "a-b.slice:ocelot:c1", "c1",
                                   {.instance = Instance::user, .root = "/u"});
  BOOST_TEST(location.unit == "ocelot-c1.scope");
  BOOST_TEST((location.instance == Instance::user));
  BOOST_TEST((location.paths == Paths{{"memory", "/u/a.slice/a-b.slice/ocelot-c1.scope"},
                                      {"pids", "/u/a.slice/a-b.slice/ocelot-c1.scope"}}));
}

BOOST_AUTO_TEST_CASE(without_a_manager_there_is_nothing_to_do) {
  const auto driver = make_driver({}, locate({}, Manager::disabled, "/a", "c1"));
  driver->create();
  driver->apply({});
  BOOST_TEST(driver->membership_files().empty());
  BOOST_TEST(driver->processes().empty());
  driver->kill_all();
  driver->remove();
  BOOST_CHECK_THROW(driver->freeze(Freezer::frozen), Error);
}

BOOST_AUTO_TEST_CASE(a_host_without_hierarchies_says_so) {
  BOOST_CHECK_EXCEPTION(make_driver({}, locate({}, Manager::cgroupfs, "/a", "c1")), Error,
                        [](const Error& error) { return error.kind() == ErrorKind::Unsupported; });
}

BOOST_AUTO_TEST_SUITE_END()
