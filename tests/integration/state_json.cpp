// What `state` prints.
#include <poll.h>

#include <ctime>
#include <regex>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

BOOST_AUTO_TEST_SUITE(state_json)

BOOST_AUTO_TEST_CASE(created_container_has_every_member) {
  Runtime runtime;
  Bundle bundle;
  bundle.config["annotations"] = {{"key", "value"}, {"other", ""}};
  Container container = runtime.must_create(bundle.args({"true"}), "named");
  json state = runtime.state("named");
  BOOST_TEST(state["id"] == "named");
  BOOST_TEST(state["status"] == "created");
  BOOST_TEST(state["pid"] == container.pid());
  BOOST_TEST(state["bundle"] == bundle.path());
  BOOST_TEST(state["rootfs"] == bundle.rootfs());
  BOOST_TEST(state["owner"] == "");
  BOOST_TEST(state["annotations"] == bundle.config["annotations"]);
  BOOST_TEST(std::regex_match(state["ociVersion"].get<std::string>(),
                              std::regex{R"(1\.\d+\.\d+([-+].*)?)"}));
  BOOST_TEST(std::filesystem::exists("/proc/" + std::to_string(container.pid())));
}

BOOST_AUTO_TEST_CASE(time_of_creation_is_rfc_3339_in_utc) {
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args({"true"}));
  std::string created = runtime.state("c")["created"];
  BOOST_TEST(
      std::regex_match(created, std::regex{R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z)"}),
      created);
  std::time_t now = std::time(nullptr);
  char day[16];
  std::strftime(day, sizeof day, "%Y-%m-%dT%H", std::gmtime(&now));
  BOOST_TEST(created.starts_with(day));
  container.start();
  container.wait();
  BOOST_TEST(runtime.state("c")["created"] == created);
}

BOOST_AUTO_TEST_CASE(running_container_has_its_pid_and_a_stopped_one_has_none) {
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args(probe_args({{"hold"}})));
  container.start();
  container.read_until("ready\n");
  json running = runtime.state("c");
  BOOST_TEST(running["status"] == "running");
  BOOST_TEST(running["pid"] == container.pid());
  container.close_input();
  container.wait();
  json stopped = runtime.state("c");
  BOOST_TEST(stopped["status"] == "stopped");
  BOOST_TEST(stopped["pid"] == 0);
}

BOOST_AUTO_TEST_CASE(container_is_stopped_when_init_is_a_zombie) {
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args({"true"}));
  container.start();
  pollfd fd{container.pidfd(), POLLIN, 0};
  BOOST_TEST(::poll(&fd, 1, 10000) == 1);  // ended, not reaped
  BOOST_TEST(runtime.state("c")["status"] == "stopped");
  container.wait();
}

BOOST_AUTO_TEST_CASE(annotations_are_left_out_when_there_are_none) {
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args({"true"}));
  BOOST_TEST(!runtime.state("c").contains("annotations"));
}

BOOST_AUTO_TEST_CASE(text_is_indented_by_two_and_has_no_newline_at_its_end) {
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args({"true"}));
  std::string text = runtime.call({"state", "c"}).out;
  BOOST_TEST(text.starts_with("{\n  \"ociVersion\": "));
  BOOST_TEST(text.ends_with("\n}"));
}

BOOST_AUTO_TEST_CASE(state_of_another_root_is_not_seen) {
  Runtime runtime, other;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args({"true"}));
  BOOST_TEST(other.status("c") == "absent");
}

BOOST_AUTO_TEST_SUITE_END()
