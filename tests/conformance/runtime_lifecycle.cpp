// runtime.md: scope of a container, state, life cycle, errors and operations.
#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

std::vector<std::string> waiting() {
  return probe_args({{"hold"}});
}

json shell_hook(const std::string& script) {
  return json::array({{{"path", "/bin/sh"}, {"args", {"sh", "-c", script}}}});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(runtime_lifecycle)

// "id ... MUST be unique across all containers on this host."
// create: "This operation MUST generate an error if ... the provided ID is not unique".
BOOST_AUTO_TEST_CASE(create_refuses_an_id_that_is_in_use) {
  Runtime runtime;
  Bundle first, second;
  Container container = runtime.must_create(first.args(waiting()));
  check_error(runtime.create(second.args({"true"})).created, "already exists");
  BOOST_TEST(runtime.state("c")["bundle"] == first.path());
}

// "status ... is the runtime state of the container": created, running, stopped.
BOOST_AUTO_TEST_CASE(status_follows_the_operations) {
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args(waiting()));
  BOOST_TEST(runtime.status("c") == "created");
  container.start();
  BOOST_TEST(runtime.status("c") == "running");
  container.close_input();
  container.wait();
  BOOST_TEST(runtime.status("c") == "stopped");
}

// "pid ... REQUIRED when status is created or running on Linux"; "bundle is the absolute path".
BOOST_AUTO_TEST_CASE(state_has_its_required_members) {
  Runtime runtime;
  Bundle bundle;
  bundle.write();
  RunOptions options;
  options.cwd = bundle.path();
  bundle.args(waiting()).write();
  Command create{runtime.command({"create", "--bundle", ".", "c"}), options};
  BOOST_TEST(create.wait().status == 0);
  json state = runtime.state("c");
  for (const char* member : {"ociVersion", "id", "status", "pid", "bundle"})
    BOOST_TEST(state.contains(member), member);
  BOOST_TEST(state["bundle"] == bundle.path());
}

// "the user-specified program MUST NOT be run at this time" (create).
BOOST_AUTO_TEST_CASE(create_does_not_run_the_program) {
  Runtime runtime;
  Bundle bundle;
  bundle.config["root"]["readonly"] = false;
  Container container = runtime.must_create(bundle.shell("touch /ran"));
  BOOST_TEST(!std::filesystem::exists(bundle.rootfs() + "/ran"));
  container.start();
  container.wait();
  BOOST_TEST(std::filesystem::exists(bundle.rootfs() + "/ran"));
}

// "Any updates to config.json after this step MUST NOT affect the container."  (E71)
BOOST_AUTO_TEST_CASE(changes_of_the_config_after_create_have_no_effect) {
  Runtime runtime;
  Bundle bundle;
  TempDir log;
  bundle.config["hooks"]["poststop"] = shell_hook("touch " + log / "old");
  Container container = runtime.must_create(bundle.args({"echo", "old"}));
  bundle.config["hooks"]["poststart"] = shell_hook("touch " + log / "new");
  bundle.config["hooks"]["poststop"] = shell_hook("touch " + log / "new");
  bundle.config["annotations"] = {{"new", "yes"}};
  bundle.args({"echo", "new"}).write();
  BOOST_TEST(container.start().status == 0);
  BOOST_TEST(container.read_to_end() == "old\n");
  container.wait();
  BOOST_TEST(!runtime.state("c").contains("annotations"));
  std::filesystem::remove(bundle.config_path());
  BOOST_TEST(container.del().status == 0);
  BOOST_TEST(std::filesystem::exists(log / "old"));
  BOOST_TEST(!std::filesystem::exists(log / "new"));
}

// "If any prestart/createRuntime/createContainer hook fails, the runtime MUST generate an error,
// stop the container, and continue the lifecycle at step 12" (the container is destroyed).
BOOST_AUTO_TEST_CASE(failed_hook_of_create_stops_the_container_and_undoes_it, *needs::root()) {
  for (const char* kind : {"prestart", "createRuntime", "createContainer"}) {
    Runtime runtime;
    Bundle bundle;
    bundle.config["hooks"][kind] = shell_hook("exit 1");
    check_refused(runtime, bundle.args({"true"}), kind);
  }
}

// "If any startContainer hook fails, the runtime MUST generate an error, stop the container".
BOOST_AUTO_TEST_CASE(failed_start_container_hook_stops_the_container, *needs::root()) {
  Runtime runtime;
  Bundle bundle;
  bundle.config["hooks"]["startContainer"] = shell_hook("exit 1");
  Container container = runtime.must_create(bundle.args({"sleep", "1000"}));
  BOOST_TEST(container.start().status != 0);
  container.wait();
}

// "The runtime MUST run the user-specified program" before poststart hooks are invoked.
BOOST_AUTO_TEST_CASE(poststart_hooks_run_after_the_program_was_executed, *needs::root()) {
  Runtime runtime;
  Bundle bundle;
  TempDir log;
  bundle.config["hooks"]["poststart"] = shell_hook(
      "pid=$(sed 's/.*\"pid\":\\([0-9]*\\).*/\\1/'); readlink /proc/$pid/exe > " + log / "exe");
  Container container = runtime.must_create(bundle.args(waiting()));
  BOOST_TEST(container.start().status == 0);
  BOOST_TEST(read_file(log / "exe") == "/bin/probe\n");
}

// "The poststop hooks MUST be invoked by the runtime. If any poststop hook fails, the runtime MUST
// log a warning, but the remaining hooks and lifecycle continue as if the hook had succeeded."
BOOST_AUTO_TEST_CASE(failed_poststop_hook_does_not_stop_the_rest) {
  Runtime runtime;
  Bundle bundle;
  TempDir log;
  json hooks = shell_hook("exit 1");
  hooks.push_back(shell_hook("touch " + log / "second")[0]);
  bundle.config["hooks"]["poststop"] = hooks;
  Container container = runtime.must_create(bundle.args({"true"}));
  container.start();
  container.wait();
  Output output = container.del();
  BOOST_TEST(output.status == 0);
  BOOST_TEST(!output.err.empty());
  BOOST_TEST(std::filesystem::exists(log / "second"));
}

// "generating an error MUST leave the state of the environment as if the operation were never
// attempted".
BOOST_AUTO_TEST_CASE(failed_create_leaves_nothing) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_mount("/late", "bind", "/does/not/exist", {"bind"});
  check_refused(runtime, bundle.args({"true"}), "/does/not/exist");
  BOOST_TEST(runtime.ids().empty());
}

// "query state: This operation MUST generate an error if it is not provided the ID of a container.
// Attempting to query a container that does not exist MUST generate an error."
BOOST_AUTO_TEST_CASE(operations_need_the_id_of_a_container) {
  Runtime runtime;
  for (const char* verb : {"state", "start", "kill", "delete"}) {
    BOOST_TEST(runtime.call({verb}).status != 0, verb);
    BOOST_TEST(runtime.call({verb, "none"}).status != 0, verb);
  }
}

// "Using the data in config.json, that cannot be applied, the runtime MUST generate an error and a
// new container MUST NOT be created."
BOOST_AUTO_TEST_CASE(property_that_cannot_be_applied_prevents_the_container) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_mount("/mnt", "nosuchfilesystem", "none");
  check_refused(runtime, bundle.args({"true"}), "/mnt");
}

// "Attempting to start a container that is not created MUST have no effect on the container and
// MUST generate an error."
BOOST_AUTO_TEST_CASE(start_of_a_container_that_is_not_created_has_no_effect) {
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args(waiting()));
  container.start();
  container.read_until("ready\n");
  BOOST_TEST(container.start().status != 0);
  BOOST_TEST(runtime.state("c")["pid"] == container.pid());
  BOOST_TEST(runtime.status("c") == "running");
  container.close_input();
  container.wait();
  BOOST_TEST(container.start().status != 0);
  BOOST_TEST(runtime.status("c") == "stopped");
}

// start: "This operation MUST generate an error if process was not set."  (E04; here at create)
BOOST_AUTO_TEST_CASE(container_without_a_process_cannot_be_started) {
  Runtime runtime;
  Bundle bundle;
  bundle.config.erase("process");
  check_refused(runtime, bundle, "/process");
}

// "Attempting to send a signal to a container that is neither created nor running MUST have no
// effect on the container and MUST generate an error."
BOOST_AUTO_TEST_CASE(kill_of_a_stopped_container_has_no_effect) {
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args({"true"}));
  container.start();
  container.wait();
  BOOST_TEST(container.kill().status != 0);
  BOOST_TEST(runtime.status("c") == "stopped");
}

// "This operation MUST send the specified signal to the container process."
BOOST_AUTO_TEST_CASE(kill_sends_the_signal_that_is_named) {
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args(probe_args({{"await"}})));
  container.start();
  container.read_until("ready\n");
  BOOST_TEST(container.kill("USR2").status == 0);
  BOOST_TEST(contains(container.read_to_end(), "\"result\":12"));
  container.wait();
}

// "Attempting to delete a container that is not stopped MUST have no effect on the container and
// MUST generate an error."
BOOST_AUTO_TEST_CASE(delete_of_a_running_container_has_no_effect) {
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args(waiting()));
  container.start();
  container.read_until("ready\n");
  BOOST_TEST(container.del().status != 0);
  BOOST_TEST(runtime.status("c") == "running");
  container.close_input();
  container.wait();
  BOOST_TEST(container.del().status == 0);
}

// "Deleting a container MUST delete the resources that were created during the create step. Note
// that resources associated with the container, but not created by this container, MUST NOT be
// deleted."
BOOST_AUTO_TEST_CASE(delete_removes_what_create_made_and_nothing_else, *needs::root()) {
  Runtime runtime;
  Bundle bundle;
  TempDir volume;
  write_file(volume / "file", "content");
  bundle.add_mount("/volume", "bind", volume.path(), {"bind"});
  std::vector<std::string> hierarchies_before = our_cgroups();
  Container container = runtime.must_create(bundle.args({"true"}));
  container.start();
  container.wait();
  BOOST_TEST(container.del().status == 0);
  BOOST_TEST(read_file(volume / "file") == "content");
  BOOST_TEST(std::filesystem::exists(bundle.rootfs() + "/bin/probe"));
  BOOST_TEST(our_cgroups() == hierarchies_before, boost::test_tools::per_element());
}

// "Once a container is deleted, its ID MAY be used by a subsequent container."
BOOST_AUTO_TEST_CASE(id_of_a_deleted_container_can_be_used_again) {
  Runtime runtime;
  Bundle bundle;
  for (int i = 0; i < 3; ++i) BOOST_TEST(runtime.run(bundle.args({"true"}), "again").status == 0);
}

BOOST_AUTO_TEST_SUITE_END()
