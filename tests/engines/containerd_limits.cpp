#include <boost/test/unit_test.hpp>

#include "tests/engines/containerd.hpp"
#include "tests/support/cgroups.hpp"
#include "tests/support/check.hpp"

// Limits, as the files of the container's cgroup have them.

namespace ocelot::test {

struct ContainerdLimitsCase : ContainerdCase {
  void expect(const std::vector<std::string>& flags, const char* controller,
              const std::string& file, const std::string& value) {
    for (With with : kBoth) {
      containerd.start(with, flags, "echo up; sleep 1000");
      std::string text = read_file(cgroup_directory(controller, Containerd::cgroup()) + "/" + file);
      BOOST_TEST(text == value + "\n");
      containerd.must({"task", "rm", "--force", "c"});
      containerd.must({"containers", "rm", "c"});
    }
  }
};

BOOST_FIXTURE_TEST_SUITE(containerd_limits, ContainerdLimitsCase)

BOOST_AUTO_TEST_CASE(memory_limit_is_in_the_memory_cgroup) {
  expect({"--memory-limit", "67108864"}, "memory",
         is_unified() ? "memory.max" : "memory.limit_in_bytes", "67108864");
}

BOOST_AUTO_TEST_CASE(cpus_are_a_quota_of_the_cpu_cgroup) {
  if (is_unified())
    expect({"--cpus", "0.5"}, "cpu", "cpu.max", "50000 100000");
  else
    expect({"--cpus", "0.5"}, "cpu", "cpu.cfs_quota_us", "50000");
}

BOOST_AUTO_TEST_CASE(memory_limit_kills) {
  BOOST_TEST(same_as_runc_args({"tail", "/dev/zero"}, {"--memory-limit", "16777216"}).status ==
             137);
}

BOOST_AUTO_TEST_CASE(the_cgroup_may_be_chosen) {
  const std::string parent =
      under_systemd() ? "/machine.slice" : "/" + Containerd::name() + "/deep";
  const std::string chosen =
      under_systemd() ? "machine.slice:" + Containerd::name() + ":deep" : parent + "/er";
  const std::string place =
      under_systemd() ? parent + "/" + Containerd::name() + "-deep.scope" : chosen;
  BOOST_TEST(same_as_runc("cut -d: -f3 /proc/self/cgroup | sort -u", {"--cgroup", chosen}).out ==
             place + "\n");
  if (!under_systemd()) BOOST_TEST(remove_cgroups(parent).empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::test
