#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "tests/engines/containerd.hpp"

// `ctr task pause|resume|metrics|ps`.

namespace ocelot::test {

struct ContainerdTasksCase : ContainerdCase {
  void start(With with) const { containerd.start(with, {}, "echo up; exec sleep 1000"); }

  void remove() const {
    containerd.must({"task", "kill", "--signal", "SIGKILL", "c"});
    containerd.wait_until_stopped();
    containerd.call({"task", "rm", "c"});
    containerd.must({"containers", "rm", "c"});
  }

  bool listed_as(const std::string& status) const {
    return containerd.must({"task", "ls"}).find(status) != std::string::npos;
  }
};

BOOST_FIXTURE_TEST_SUITE(containerd_tasks, ContainerdTasksCase)

BOOST_AUTO_TEST_CASE(a_paused_task_stands_still_until_it_is_resumed) {
  for (With with : kBoth) {
    start(with);
    containerd.must({"task", "pause", "c"});
    BOOST_TEST(listed_as("PAUSED"));
    containerd.must({"task", "resume", "c"});
    BOOST_TEST(listed_as("RUNNING"));
    BOOST_TEST(containerd.call({"task", "resume", "c"}).status != 0);
    remove();
  }
}

BOOST_AUTO_TEST_CASE(metrics_and_processes_are_told) {
  for (With with : kBoth) {
    start(with);
    const std::string metrics = containerd.must({"task", "metrics", "c"});
    BOOST_TEST(metrics.find("pids.current") != std::string::npos, metrics);
    BOOST_TEST(metrics.find("memory.usage_in_bytes") != std::string::npos, metrics);
    const std::string processes = containerd.must({"task", "ps", "c"});
    BOOST_TEST(processes.find("PID") != std::string::npos, processes);
    BOOST_TEST(std::count(processes.begin(), processes.end(), '\n') == 1, processes);
    remove();
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::test
