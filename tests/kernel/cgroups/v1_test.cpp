#include <sched.h>
#include <unistd.h>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "container.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/sys_files.hpp"
#include "tests/support/cgroups.hpp"
#include "tests/support/check.hpp"
#include "tests/support/needs.hpp"

using namespace ocelot;
using namespace ocelot::cgroups;
using namespace ocelot::test;
namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(cgroup_v1, *needs::cgroup_v1())

BOOST_DATA_TEST_CASE(a_new_cpuset_has_the_processors_of_its_parent_and_then_those_asked_for,
                     hosts()) {
  const std::string parent = test::read_file(cgroup_directory("cpuset", "/cpuset.cpus"));
  Container container{sample, "new/parent/c"};
  BOOST_TEST(container.read("cpuset.cpus") == parent);
  BOOST_TEST(container.read("cpuset.mems") ==
             test::read_file(cgroup_directory("cpuset", "/cpuset.mems")));
  container.driver().apply({.cpu = oci::CpuResources{.cpus = "0", .mems = "0"}});
  BOOST_TEST(container.read("cpuset.cpus") == "0\n");
}

BOOST_DATA_TEST_CASE(processors_that_do_not_exist_are_refused_by_name, hosts()) {
  Container container{sample};
  BOOST_CHECK_EXCEPTION(container.driver().apply({.cpu = oci::CpuResources{.cpus = "4095"}}), Error,
                        [](const Error& error) {
                          BOOST_TEST_MESSAGE(error.what());
                          return std::string(error.what()).find("cpuset.cpus") != std::string::npos;
                        });
}

BOOST_DATA_TEST_CASE(memory_and_swap_together_are_limited_as_asked, hosts()) {
  Container container{sample};
  container.driver().apply(
      {.memory = oci::MemoryResources{.limit = 1 << 26, .swap = 1 << 27, .swappiness = 10}});
  BOOST_TEST(container.read("memory.memsw.limit_in_bytes") == "134217728\n");
  BOOST_TEST(container.read("memory.swappiness") == "10\n");
}

BOOST_DATA_TEST_CASE(what_somebody_froze_on_v1_dies_too_and_so_does_what_is_frozen_further_below,
                     hosts()) {
  Container container{sample};
  ChildProcess child = container.start_idle();
  const std::string below = container.directory("freezer") + "/below";
  fs::create_directory(below);
  test::write_file(below + "/cgroup.procs", std::to_string(child.pid()));
  test::write_file(below + "/freezer.state", "FROZEN");
  test::write_file(container.directory("freezer") + "/freezer.state", "FROZEN");
  container.another()->kill_all();
  BOOST_TEST(child.wait().signal == SIGKILL);
  BOOST_TEST(container.read("freezer.state") == "THAWED\n");
}

BOOST_TEST_DECORATOR(*needs::file("/sys/fs/cgroup/blkio/blkio.bfq.io_serviced"))
BOOST_DATA_TEST_CASE(a_block_device_weight_is_bfqs, hosts()) {
  Container container{sample};
  container.driver().apply({.block_io = oci::BlockIoResources{.weight = 500}});
  BOOST_TEST(container.read("blkio.bfq.weight") == "500\n");
}

BOOST_TEST_DECORATOR(*needs::file("/sys/fs/cgroup/cpu/cpu.rt_runtime_us"))
BOOST_DATA_TEST_CASE(a_real_time_share_is_given_through_the_parents_that_were_made, hosts()) {
  const std::string root = cgroup_directory("cpu", "");
  // Beside the tests' parent, which has no such share to give.
  const std::string path = cgroup_parent() + "-rt/parent/c";
  const auto driver =
      make_driver(sample.hierarchies, locate(sample.hierarchies, Manager::cgroupfs, path, "c"));
  driver->create();
  driver->apply({.cpu = oci::CpuResources{.realtime_runtime = 1000}});
  BOOST_TEST(test::read_file(root + path + "/cpu.rt_runtime_us") == "1000\n");
  const std::vector<UniqueFd> files = driver->membership_files();
  ChildProcess child = spawn(
      "ocelot-test", {},
      [&] {
        for (const UniqueFd& file : files) sys::write_all(file.get(), "0");
        const sched_param priority{.sched_priority = 1};
        return ::sched_setscheduler(0, SCHED_RR, &priority) == -1 ? errno : 0;
      },
      [](const Error&) {});
  BOOST_TEST(child.wait().code == 0);
  driver->remove();
  BOOST_TEST(!fs::exists(root + cgroup_parent() + "-rt"));
}

BOOST_TEST_DECORATOR(*needs::file("/sys/fs/cgroup/cpu/cpu.rt_runtime_us"))
BOOST_DATA_TEST_CASE(a_real_time_share_that_the_parent_has_not_is_refused_with_that_reason,
                     hosts()) {
  Container container{sample};
  BOOST_CHECK_EXCEPTION(
      container.driver().apply({.cpu = oci::CpuResources{.realtime_runtime = 1000}}), Error,
      [](const Error& error) { return error.hint().find("real-time") != std::string::npos; });
}

BOOST_DATA_TEST_CASE(a_controller_that_the_host_has_not_is_refused_by_name, hosts()) {
  Container container{sample};
  BOOST_CHECK_EXCEPTION(container.driver().apply({.rdma = {{"mlx5_0", {1, 1}}}}), Error,
                        [](const Error& error) {
                          return error.kind() == ErrorKind::Unsupported &&
                                 std::string(error.what()).find("\"rdma\"") != std::string::npos;
                        });
}

BOOST_DATA_TEST_CASE(a_file_of_v2_for_a_controller_on_v1_is_refused_by_name, hosts()) {
  Container container{sample};
  BOOST_CHECK_EXCEPTION(container.driver().apply({.unified = {{"memory.high", "1"}}}), Error,
                        [](const Error& error) {
                          return error.kind() == ErrorKind::InvalidSpec &&
                                 std::string(error.what()).find("memory.high") != std::string::npos;
                        });
}

BOOST_AUTO_TEST_SUITE_END()
