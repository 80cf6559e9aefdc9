// pause and resume.
#include "tests/support/black_box.hpp"

using namespace ocelot::test;

namespace {

// What the kernel says, be the freezer that of v1 or of v2.
bool is_frozen(const Bundle& bundle) {
  for (const char* controller : {"freezer", "hugetlb", "memory"}) {
    const std::string directory = bundle.cgroup(controller);
    if (std::filesystem::exists(directory + "/freezer.state") &&
        contains(read_file(directory + "/freezer.state"), "FROZEN"))
      return true;
    if (std::filesystem::exists(directory + "/cgroup.events") &&
        contains(read_file(directory + "/cgroup.events"), "frozen 1"))
      return true;
  }
  return false;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pause_and_resume, *needs::root())

BOOST_AUTO_TEST_CASE(paused_container_stands_still_until_it_is_resumed) {
  Runtime runtime;
  Bundle bundle;
  Container container = start_echo(runtime, bundle);
  Output paused = runtime.call({"pause", "c"});
  BOOST_REQUIRE_MESSAGE(paused.status == 0, paused.err);
  BOOST_TEST(paused.out + paused.err == "");
  BOOST_TEST(runtime.status("c") == "paused");
  BOOST_TEST(runtime.state("c")["pid"] == container.pid());
  BOOST_TEST(is_frozen(bundle));
  container.write("line\n");
  const Output resumed = runtime.call({"resume", "c"});
  BOOST_TEST(resumed.status == 0, resumed.err);
  BOOST_TEST(runtime.status("c") == "running");
  BOOST_TEST(!is_frozen(bundle));
  BOOST_TEST(contains(container.read_until("line\n"), "line\n"));
  container.close_input();
  container.wait();
}

BOOST_AUTO_TEST_CASE(created_container_can_be_paused_and_is_created_again_when_resumed) {
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args({"true"}));
  BOOST_TEST(runtime.call({"pause", "c"}).status == 0);
  BOOST_TEST(runtime.status("c") == "paused");
  BOOST_TEST(runtime.call({"resume", "c"}).status == 0);
  BOOST_TEST(runtime.status("c") == "created");
  BOOST_TEST(container.start().status == 0);
  container.wait();
}

BOOST_AUTO_TEST_CASE(pause_is_for_containers_that_run) {
  Runtime runtime;
  Bundle bundle;
  Container container = start_echo(runtime, bundle);
  BOOST_TEST(runtime.call({"pause", "c"}).status == 0);
  check_error(runtime.call({"pause", "c"}), "container not running");
  BOOST_TEST(runtime.call({"resume", "c"}).status == 0);
  container.close_input();
  container.wait();
  check_error(runtime.call({"pause", "c"}), "container not running");
  check_error(runtime.call({"pause", "none"}), "does not exist");
}

BOOST_AUTO_TEST_CASE(resume_is_for_paused_containers) {
  Runtime runtime;
  Bundle bundle;
  Container container = start_echo(runtime, bundle);
  check_error(runtime.call({"resume", "c"}), "container not paused");
  BOOST_TEST(runtime.status("c") == "running");
  container.close_input();
  container.wait();
  check_error(runtime.call({"resume", "c"}), "container not paused");
  check_error(runtime.call({"resume", "none"}), "does not exist");
}

BOOST_AUTO_TEST_CASE(paused_container_cannot_be_started_or_deleted_without_force) {
  Runtime runtime;
  Bundle bundle;
  Container container = start_echo(runtime, bundle);
  BOOST_TEST(runtime.call({"pause", "c"}).status == 0);
  BOOST_TEST(container.start().status == 1);
  check_error(container.del(), "cannot delete container c that is not stopped: paused");
  BOOST_TEST(runtime.status("c") == "paused");
  BOOST_TEST(container.del({"--force"}).status == 0);
  BOOST_TEST(runtime.status("c") == "absent");
  container.wait();
}

BOOST_AUTO_TEST_CASE(kill_ends_a_paused_container) {
  Runtime runtime;
  Bundle bundle;
  Container container = start_echo(runtime, bundle);
  BOOST_TEST(runtime.call({"pause", "c"}).status == 0);
  BOOST_TEST(container.kill("KILL").status == 0);
  if (Runtime::is_reference()) runtime.call({"resume", "c"});  // runc leaves it frozen on v1
  container.wait();
  BOOST_TEST(runtime.status("c") == "stopped");
}

BOOST_AUTO_TEST_CASE(pause_needs_a_cgroup, *needs::ocelot()) {
  Runtime runtime;
  Bundle bundle;
  bundle.args({"true"}).write();
  const Output created =
      runtime.call({"--cgroup-manager", "disabled", "create", "--bundle", bundle.path(), "none"});
  BOOST_REQUIRE_MESSAGE(created.status == 0, created.err);
  check_error(runtime.call({"pause", "none"}), "needs a cgroup");
  BOOST_TEST(runtime.status("none") == "created");
}

BOOST_AUTO_TEST_SUITE_END()
