// The share of real time of a cpu cgroup, where v1 groups the scheduling of such processes.
#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

// A new group has none, and a child has at most that of its parent: ours gets some until it goes.
Container create_with(Runtime& runtime, Bundle& bundle, const json& share) {
  write_file(cgroup_directory("cpu", cgroup_parent()) + "/cpu.rt_runtime_us", "20000");
  bundle.linux()["resources"]["cpu"] = share;
  return runtime.must_create(bundle.args({"true"}));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cgroup_real_time, *needs::root() * needs::cgroup_v1() *
                                            needs::file("/sys/fs/cgroup/cpu/cpu.rt_runtime_us"))

BOOST_AUTO_TEST_CASE(share_is_written) {
  Runtime runtime;
  Bundle bundle;
  Container container =
      create_with(runtime, bundle, {{"realtimeRuntime", 5000}, {"realtimePeriod", 500000}});
  BOOST_TEST(bundle.cgroup_file("cpu", "cpu.rt_runtime_us") == "5000");
  BOOST_TEST(bundle.cgroup_file("cpu", "cpu.rt_period_us") == "500000");
}

BOOST_AUTO_TEST_CASE(parents_that_are_made_have_what_is_to_be_given_on,
                     *needs::ocelot("runc gives them no share, and then has none to give on")) {
  Runtime runtime;
  for (const json& share : {json{{"realtimeRuntime", 5000}, {"realtimePeriod", 500000}},
                            json{{"realtimeRuntime", 5000}}}) {
    Bundle bundle;
    const std::string parent = bundle.linux()["cgroupsPath"].get<std::string>() + "-parent";
    bundle.linux()["cgroupsPath"] = parent + "/child";
    Container container = create_with(runtime, bundle, share);
    for (const char* directory : {"", "../"}) {
      const std::string start = std::string{directory} + "cpu.rt_";
      BOOST_TEST(bundle.cgroup_file("cpu", start + "runtime_us") == "5000");
      BOOST_TEST(bundle.cgroup_file("cpu", start + "period_us") ==
                 std::to_string(share.value("realtimePeriod", 1000000)));
    }
    BOOST_TEST(container.del({"--force"}).status == 0);
    container.wait();
    for (const Hierarchy& hierarchy : hierarchies())
      std::filesystem::remove(hierarchy.mount_point + parent);
  }
}

BOOST_AUTO_TEST_SUITE_END()
