#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "tests/engines/containerd.hpp"

// `ctr task pause|resume|metrics|ps`.

namespace ocelot::test {

namespace {

const char* const kStays = "echo up; exec sleep 1000";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(containerd_tasks, ContainerdCase)

BOOST_AUTO_TEST_CASE(a_paused_task_stands_still_until_it_is_resumed) {
  for (With with : kBoth) {
    containerd.start(with, {}, kStays);
    containerd.must({"task", "pause", "c"});
    BOOST_TEST(containerd.status() == "PAUSED");
    containerd.must({"task", "resume", "c"});
    BOOST_TEST(containerd.status() == "RUNNING");
    BOOST_TEST(containerd.call({"task", "resume", "c"}).status != 0);
    containerd.end();
  }
}

BOOST_AUTO_TEST_CASE(metrics_and_processes_are_told) {
  for (With with : kBoth) {
    containerd.start(with, {}, kStays);
    const std::string metrics = containerd.must({"task", "metrics", "c"});
    BOOST_TEST(metrics.find("pids.current") != std::string::npos, metrics);
    BOOST_TEST(metrics.find("memory.usage") != std::string::npos, metrics);
    const std::string processes = containerd.must({"task", "ps", "c"});
    BOOST_TEST(processes.find("PID") != std::string::npos, processes);
    BOOST_TEST(std::count(processes.begin(), processes.end(), '\n') == 1, processes);
    containerd.end();
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::test
