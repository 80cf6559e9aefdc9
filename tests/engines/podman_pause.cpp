#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "tests/engines/podman.hpp"

// pause and unpause, and what podman tells of a running container.

namespace ocelot::test {

using nlohmann::json;

struct PodmanPauseCase : PodmanCase {
  std::string status() const {
    return podman.must({"inspect", "--format", "{{.State.Status}}", "c"});
  }
};

BOOST_FIXTURE_TEST_SUITE(podman_pause, PodmanPauseCase)

BOOST_AUTO_TEST_CASE(a_paused_container_stands_still_until_it_is_unpaused) {
  for (With with : kBoth) {
    podman.start(with, "c", {}, "echo up; exec sleep 1000");
    podman.must({"pause", "c"});
    BOOST_TEST(status() == "paused");
    BOOST_TEST(podman.call({"exec", "c", "true"}).status != 0);
    BOOST_TEST(podman.call({"pause", "c"}).status != 0);
    podman.must({"unpause", "c"});
    BOOST_TEST(status() == "running");
    BOOST_TEST(podman.call({"unpause", "c"}).status != 0);
    BOOST_TEST(podman.call({"exec", "c", "true"}).status == 0);
    podman.must({"rm", "--force", "--time", "0", "c"});
  }
}

BOOST_AUTO_TEST_CASE(a_paused_container_is_removed_by_force) {
  for (With with : kBoth) {
    podman.start(with, "c", {}, "echo up; exec sleep 1000");
    podman.must({"pause", "c"});
    podman.must({"rm", "--force", "--time", "0", "c"});
    BOOST_TEST(podman.call({"container", "exists", "c"}).status == 1);
  }
}

BOOST_AUTO_TEST_CASE(top_names_the_processes) {
  for (With with : kBoth) {
    podman.start(with, "c", {}, "echo up; exec sleep 1000");
    const std::string top = podman.must({"top", "c", "pid", "args"});
    BOOST_TEST(top.find("sleep 1000") != std::string::npos, top);
    podman.must({"rm", "--force", "--time", "0", "c"});
  }
}

BOOST_AUTO_TEST_CASE(stats_tell_what_it_uses) {
  for (With with : kBoth) {
    podman.start(with, "c", {"--memory", "64m"}, "sleep 1000 & echo up; wait");
    const json stats =
        json::parse(podman.must({"stats", "--no-stream", "--format", "json", "c"}))[0];
    BOOST_TEST(stats["name"] == "c");
    BOOST_TEST(stats["pids"] == "2");
    const std::string memory = stats["mem_usage"];
    BOOST_TEST((memory.ends_with(" / 67.11MB") && !memory.starts_with("0B")), memory);
    podman.must({"rm", "--force", "--time", "0", "c"});
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::test
