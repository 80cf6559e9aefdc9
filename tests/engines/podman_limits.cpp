#include <boost/test/unit_test.hpp>

#include "tests/engines/podman.hpp"
#include "tests/support/cgroups.hpp"
#include "tests/support/check.hpp"
#include "tests/support/needs.hpp"

// Limits, as the files of the container's cgroup have them, and as the container feels them.

namespace ocelot::test {

namespace {

struct File {
  const char* controller;
  const char* v1;
  const char* v2;  // on a host with only cgroup v2
};

}  // namespace

struct LimitsCase : PodmanCase {
  // The content of a file of the cgroup of the container "c".
  std::string limit(const File& file) const {
    const std::string id = podman.must({"inspect", "--format", "{{.Id}}", "c"});
    const std::string directory = cgroup_directory(file.controller, "/libpod_parent/libpod-" + id);
    std::string text = read_file(directory + "/" + (is_unified() ? file.v2 : file.v1));
    return text.substr(0, text.find('\n'));
  }

  void expect(const std::vector<std::string>& flags, const File& file, const std::string& v1,
              const std::string& v2) {
    for (With with : kBoth) {
      podman.start(with, "c", flags, "echo up; sleep 1000");
      BOOST_TEST(limit(file) == (is_unified() ? v2 : v1));
      podman.must({"rm", "--force", "--time", "0", "c"});
    }
  }
};

BOOST_FIXTURE_TEST_SUITE(podman_limits, LimitsCase)

BOOST_AUTO_TEST_CASE(memory_is_in_the_memory_cgroup) {
  expect({"--memory", "64m"}, {"memory", "memory.limit_in_bytes", "memory.max"}, "67108864",
         "67108864");
}

BOOST_AUTO_TEST_CASE(memory_swap_and_reservation_are_in_the_memory_cgroup) {
  expect({"--memory", "64m", "--memory-swap", "96m"},
         {"memory", "memory.memsw.limit_in_bytes", "memory.swap.max"}, "100663296", "33554432");
  expect({"--memory", "64m", "--memory-reservation", "32m"},
         {"memory", "memory.soft_limit_in_bytes", "memory.low"}, "33554432", "33554432");
}

BOOST_AUTO_TEST_CASE(cpus_are_a_quota_of_the_cpu_cgroup) {
  expect({"--cpus", "0.5"}, {"cpu", "cpu.cfs_quota_us", "cpu.max"}, "50000", "50000 100000");
}

BOOST_AUTO_TEST_CASE(cpu_shares_are_in_the_cpu_cgroup) {
  expect({"--cpu-shares", "512"}, {"cpu", "cpu.shares", "cpu.weight"}, "512", "20");
}

BOOST_AUTO_TEST_CASE(cpuset_is_in_the_cpuset_cgroup) {
  expect({"--cpuset-cpus", "0"}, {"cpuset", "cpuset.cpus", "cpuset.cpus"}, "0", "0");
}

BOOST_AUTO_TEST_CASE(pids_limit_is_in_the_pids_cgroup) {
  expect({"--pids-limit", "50"}, {"pids", "pids.max", "pids.max"}, "50", "50");
}

BOOST_AUTO_TEST_CASE(update_changes_the_cgroup) {
  for (With with : kBoth) {
    podman.start(with, "c", {"--memory", "64m", "--memory-swap", "64m", "--pids-limit", "50"},
                 "echo up; sleep 1000");
    podman.must({"update", "--memory", "96m", "--memory-swap", "96m", "--cpu-shares", "512", "c"});
    BOOST_TEST(limit({"memory", "memory.limit_in_bytes", "memory.max"}) == "100663296");
    BOOST_TEST(limit({"cpu", "cpu.shares", "cpu.weight"}) == (is_unified() ? "20" : "512"));
    BOOST_TEST(limit({"pids", "pids.max", "pids.max"}) == "50");
    podman.must({"rm", "--force", "--time", "0", "c"});
  }
}

// podman writes 0 for both.
BOOST_AUTO_TEST_CASE(pids_limit_of_zero_and_of_minus_one_is_none) {
  for (const char* none : {"0", "-1"})
    expect({"--pids-limit", none}, {"pids", "pids.max", "pids.max"}, "max", "max");
}

BOOST_AUTO_TEST_CASE(pids_limit_of_one_leaves_one_process) {
  BOOST_TEST(same_as_runc("echo alone", {"--pids-limit", "1"}).out == "alone\n");
}

BOOST_AUTO_TEST_CASE(pids_limit_stops_a_fork) {
  Output output = same_as_runc("sleep 100 & sleep 100 & sleep 100 & sleep 100 & echo forked",
                               {"--pids-limit", "3"});
  BOOST_TEST(output.out == "");
  BOOST_TEST(output.err.find("can't fork") != std::string::npos, output.err);
}

BOOST_AUTO_TEST_CASE(memory_limit_kills) {
  BOOST_TEST(same_as_runc_args({"tail", "/dev/zero"}, {"--memory", "16m", "--memory-swap", "16m"})
                 .status == 137);
}

BOOST_AUTO_TEST_CASE(a_memory_limit_that_nothing_fits_into_is_an_error) {
  BOOST_TEST(same_as_runc("true", {"--memory", "1k"}).status != 0);
}

// On v2 they are a BPF program, which no file shows.
BOOST_AUTO_TEST_CASE(device_rules_are_podmans_and_the_default_devices, *needs::cgroup_v1()) {
  for (With with : kBoth) {
    podman.start(with, "c", {"--device", "/dev/kmsg:/dev/log-of-kernel:r"}, "echo up; sleep 1000");
    const std::string id = podman.must({"inspect", "--format", "{{.Id}}", "c"});
    const std::string list =
        read_file(cgroup_directory("devices", "/libpod_parent/libpod-" + id) + "/devices.list");
    for (const char* rule :
         {"b *:* m\n", "c *:* m\n", "c 1:3 rwm\n", "c 1:5 rwm\n", "c 1:7 rwm\n", "c 1:8 rwm\n",
          "c 1:9 rwm\n", "c 5:0 rwm\n", "c 5:2 rwm\n", "c 136:* rwm\n"})
      BOOST_TEST(list.find(rule) != std::string::npos, rule << " is not in " << list);
    BOOST_TEST(list.find("c 1:11 r") != std::string::npos, list);
    BOOST_TEST(list.find("a *:*") == std::string::npos, list);
    podman.must({"rm", "--force", "--time", "0", "c"});
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::test
