// The commands, one after another, and what each leaves behind.
#include <sys/stat.h>

#include <csignal>
#include <optional>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

std::vector<std::string> waiting() {
  return probe_args({{"hold"}});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(lifecycle)

BOOST_AUTO_TEST_CASE(create_leaves_init_and_nothing_else) {
  Runtime runtime;
  Bundle bundle;
  const std::vector<std::string> before = living_descendants();
  Container container = runtime.must_create(bundle.args(waiting()));
  std::vector<std::string> added;
  for (const std::string& process : living_descendants())
    if (std::count(before.begin(), before.end(), process) == 0) added.push_back(process);
  BOOST_REQUIRE(added.size() == 1U);
  BOOST_TEST(added.front().starts_with(std::to_string(container.pid()) + " "));
}

BOOST_AUTO_TEST_CASE(init_waits_for_start_before_it_becomes_the_process) {
  Runtime runtime;
  Bundle bundle;
  bundle.config["root"]["readonly"] = false;
  Container container = runtime.must_create(bundle.shell("touch /started; cat"));
  BOOST_TEST(runtime.status("c") == "created");
  BOOST_TEST(!std::filesystem::exists(bundle.rootfs() + "/started"));
  BOOST_TEST(container.start().status == 0);
  BOOST_TEST(runtime.status("c") == "running");
  container.close_input();
  container.wait();
  BOOST_TEST(std::filesystem::exists(bundle.rootfs() + "/started"));
  BOOST_TEST(runtime.status("c") == "stopped");
  BOOST_TEST(container.del().status == 0);
  BOOST_TEST(runtime.status("c") == "absent");
}

BOOST_AUTO_TEST_CASE(init_holds_the_streams_of_the_caller_and_nobody_else_does) {
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.shell("cat; echo end"));
  BOOST_TEST(container.start().status == 0);
  container.write("text\n");
  container.close_input();
  BOOST_TEST(container.read_to_end() == "text\nend\n");  // ends with the process
  container.wait();
}

BOOST_AUTO_TEST_CASE(start_is_for_created_containers_alone) {  // E69
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args(waiting()));
  BOOST_TEST(container.start().status == 0);
  container.read_until("ready\n");
  check_error(container.start(), "cannot start an already running container");
  BOOST_TEST(runtime.status("c") == "running");
  container.close_input();
  container.wait();
  check_error(container.start(), "cannot start a container that has stopped");
}

BOOST_AUTO_TEST_CASE(signals_go_by_name_or_number) {
  Runtime runtime;
  for (auto [word, number] :
       {std::pair{"SIGUSR1", SIGUSR1}, std::pair{"USR1", SIGUSR1}, std::pair{"usr1", SIGUSR1},
        std::pair{"sigusr1", SIGUSR1}, std::pair{"10", SIGUSR1}, std::pair{"HUP", SIGHUP}}) {
    Bundle bundle;
    Container container = runtime.must_create(bundle.args(probe_args({{"await"}})), word);
    container.start();
    container.read_until("ready\n");
    Output output = container.kill(word);
    BOOST_TEST(output.status == 0, word << ": " << output.err);
    BOOST_TEST(json::parse(container.read_to_end().substr(6))[0]["result"] == number, word);
    container.wait();
  }
}

BOOST_AUTO_TEST_CASE(signal_is_term_unless_named) {
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args(probe_args({{"await"}})));
  container.start();
  container.read_until("ready\n");
  BOOST_TEST(runtime.call({"kill", "c"}).status == 0);
  BOOST_TEST(json::parse(container.read_to_end().substr(6))[0]["result"] == SIGTERM);
  container.wait();
}

BOOST_AUTO_TEST_CASE(unknown_signal_is_an_error) {
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args(waiting()));
  for (const char* word : {"MAGIC", "99999", "-3"}) {
    BOOST_TEST(runtime.call({"kill", "c", word}).status != 0, word);
    BOOST_TEST(runtime.status("c") == "created", word);
  }
}

BOOST_AUTO_TEST_CASE(signal_zero_is_a_question) {
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args(waiting()));
  container.start();
  container.read_until("ready\n");
  BOOST_TEST(container.kill("0").status == 0);
  BOOST_TEST(runtime.status("c") == "running");
}

BOOST_AUTO_TEST_CASE(created_container_can_be_killed) {
  Runtime runtime;
  for (const char* signal : {"KILL", "TERM", "INT", "QUIT"}) {
    Bundle bundle;
    Container container = runtime.must_create(bundle.args(waiting()));
    BOOST_TEST(container.kill(signal).status == 0);
    container.wait();
    BOOST_TEST(runtime.status("c") == "stopped", signal);
    BOOST_TEST(container.del().status == 0);
  }
}

BOOST_AUTO_TEST_CASE(process_has_the_default_actions_of_signals) {
  Runtime runtime;
  Bundle bundle;
  const Output output =
      runtime.run(bundle.args({"grep", "-E", "^Sig(Ign|Cgt)", "/proc/self/status"}));
  BOOST_TEST(output.out == "SigIgn:\t0000000000000000\nSigCgt:\t0000000000000000\n", output.err);
}

BOOST_AUTO_TEST_CASE(stopped_container_cannot_be_killed) {  // E69
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args({"true"}));
  container.start();
  container.wait();
  check_error(container.kill("KILL"), "container not running");
}

BOOST_AUTO_TEST_CASE(kill_all_reaches_every_process_of_a_container_without_a_pid_namespace,
                     *needs::root()) {
  Runtime runtime;
  Bundle bundle;
  bundle.remove_namespace("pid");
  Container container =
      runtime.must_create(bundle.shell("sleep 1000 & echo ready; while :; do wait; done"));
  container.start();
  container.read_until("ready\n");
  BOOST_TEST(runtime.call({"kill", "--all", "c", "KILL"}).status == 0);
  container.read_to_end();  // sleep held it, too
  container.wait();
}

BOOST_AUTO_TEST_CASE(deleting_without_a_pid_namespace_kills_what_init_left, *needs::root()) {
  Runtime runtime;
  Bundle bundle;
  bundle.remove_namespace("pid");
  const Leftovers before;
  Container container = runtime.must_create(bundle.shell("sleep 1000 & echo started"));
  container.start();
  container.wait();
  BOOST_TEST(container.del({"--force"}).status == 0);
  for (const std::string& item : before.since()) BOOST_TEST(!item.starts_with("process"), item);
}

BOOST_AUTO_TEST_CASE(deleting_a_stopped_container_spares_another_that_has_its_cgroup_now,
                     *needs::root()) {
  Runtime runtime;
  Bundle first, second;
  second.linux()["cgroupsPath"] = first.linux()["cgroupsPath"];
  Container stopped = runtime.must_create(first.args({"true"}), "stopped");
  stopped.start();
  stopped.wait();
  Container container = start_echo(runtime, second);
  BOOST_TEST(stopped.del().status == 0);
  BOOST_TEST(runtime.status("stopped") == "absent");
  BOOST_TEST(runtime.status("c") == "running");
  container.close_input();
  container.wait();
  BOOST_TEST(container.del().status == 0);
  BOOST_TEST(!std::filesystem::exists(second.cgroup("pids")));
}

BOOST_AUTO_TEST_CASE(killing_all_of_a_stopped_container_spares_another_that_has_its_cgroup_now,
                     *needs::root()) {
  Runtime runtime;
  for (const bool own_pid_namespace : {true, false}) {
    Bundle first, second;
    if (!own_pid_namespace) first.remove_namespace("pid");
    second.linux()["cgroupsPath"] = first.linux()["cgroupsPath"];
    Container stopped = runtime.must_create(first.args({"true"}), "stopped");
    stopped.start();
    stopped.wait();
    Container container = start_echo(runtime, second);
    runtime.call({"kill", "--all", "stopped", "KILL"});
    BOOST_TEST(runtime.status("c") == "running", own_pid_namespace);
    BOOST_TEST(stopped.del().status == 0);
    BOOST_TEST(runtime.status("c") == "running", own_pid_namespace);
    container.close_input();
    container.wait();
    BOOST_TEST(container.del().status == 0);
  }
}

BOOST_AUTO_TEST_CASE(running_container_is_not_deleted) {  // E69
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args(waiting()));
  container.start();
  container.read_until("ready\n");
  check_error(container.del(), "cannot delete container c that is not stopped: running");
  BOOST_TEST(runtime.status("c") == "running");
  container.close_input();
  container.wait();
}

BOOST_AUTO_TEST_CASE(created_container_is_deleted_with_its_init) {
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args(waiting()));
  BOOST_TEST(container.del().status == 0);
  container.wait();
  BOOST_TEST(runtime.status("c") == "absent");
}

BOOST_AUTO_TEST_CASE(force_kills_first) {
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args(probe_args({{"await"}})));
  container.start();
  container.read_until("ready\n");
  BOOST_TEST(container.del({"--force"}).status == 0);
  container.wait();
  BOOST_TEST(runtime.status("c") == "absent");
}

BOOST_AUTO_TEST_CASE(delete_leaves_nothing) {  // E73
  Runtime runtime;
  const Leftovers before{{runtime.root()}};
  {
    Bundle bundle;
    Container container = runtime.must_create(bundle.args({"true"}));
    container.start();
    container.wait();
    BOOST_TEST(container.del().status == 0);
    for (const Hierarchy& hierarchy : hierarchies())
      BOOST_TEST(!std::filesystem::exists(hierarchy.mount_point +
                                          bundle.linux()["cgroupsPath"].get<std::string>()));
  }
  for (const std::string& item : before.since()) BOOST_TEST(item == "", item);
}

BOOST_AUTO_TEST_CASE(unknown_container_is_an_error) {  // E70
  Runtime runtime;
  for (const std::vector<std::string>& words : {std::vector<std::string>{"state", "none"},
                                                {"start", "none"},
                                                {"kill", "none"},
                                                {"delete", "none"}})
    check_error(runtime.call(words), "does not exist");
}

BOOST_AUTO_TEST_CASE(unknown_container_is_no_error_for_delete_by_force) {
  Runtime runtime;
  BOOST_TEST(runtime.call({"delete", "--force", "none"}).status == 0);
}

BOOST_AUTO_TEST_CASE(second_delete_finds_nothing) {
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args({"true"}));
  BOOST_TEST(container.del().status == 0);
  check_error(container.del(), "does not exist");
  BOOST_TEST(container.del({"--force"}).status == 0);
  container.wait();
}

BOOST_AUTO_TEST_CASE(directory_of_a_half_made_container_is_deleted_by_force) {
  Runtime runtime;
  std::filesystem::create_directory(runtime.root() + "/half");
  BOOST_TEST(runtime.status("half") == "absent");
  if (!Runtime::is_reference()) {  // it removes the directory nevertheless
    check_error(runtime.call({"delete", "half"}), "does not exist");
    BOOST_TEST(std::filesystem::exists(runtime.root() + "/half"));
  }
  BOOST_TEST(runtime.call({"delete", "--force", "half"}).status == 0);
  BOOST_TEST(!std::filesystem::exists(runtime.root() + "/half"));
}

BOOST_AUTO_TEST_CASE(container_whose_state_is_damaged_is_deleted_by_force_with_its_cgroup,
                     *needs::root() * needs::ocelot() * needs::controller("pids")) {
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args({"true"}));
  const std::string cgroup = bundle.cgroup("pids");
  BOOST_TEST(std::filesystem::exists(cgroup));
  write_file(runtime.root() + "/c/state.json", "{");
  BOOST_TEST(runtime.call({"delete", "c"}).status == 1);
  BOOST_TEST(runtime.call({"delete", "--force", "c"}).status == 0);
  container.wait();
  BOOST_TEST(!std::filesystem::exists(cgroup));
  BOOST_TEST(!std::filesystem::exists(runtime.root() + "/c"));
}

BOOST_AUTO_TEST_CASE(id_that_is_taken_is_an_error_and_changes_nothing) {  // E70
  Runtime runtime;
  Bundle first, second;
  Container container = runtime.must_create(first.args(waiting()), "same");
  check_error(runtime.create(second, "same").created, "already exists");
  BOOST_TEST(runtime.state("same")["bundle"] == first.path());
  BOOST_TEST(runtime.state("same")["pid"] == container.pid());
  BOOST_TEST(container.start().status == 0);
  container.close_input();
  container.wait();
  check_error(runtime.create(second, "same").created, "already exists");  // stopped is there, too
}

BOOST_AUTO_TEST_CASE(invalid_id_is_an_error) {  // E70
  Runtime runtime;
  Bundle bundle;
  bundle.args({"true"}).write();
  for (const char* id : {"a/b", "..", ".", "a b", "a\nb", "ü", "a:b"})
    check_error(runtime.call({"create", "--bundle", bundle.path(), id}),
                "invalid container ID format");
  check_error(runtime.call({"create", "--bundle", bundle.path(), ""}),
              "container id cannot be empty");
  BOOST_TEST(runtime.ids().empty());
}

BOOST_AUTO_TEST_CASE(id_may_have_letters_digits_and_some_marks) {
  Runtime runtime;
  Bundle bundle;
  for (const char* id :
       {"a", "A-1_2+3.4", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"})
    BOOST_TEST(runtime.run(bundle.args({"true"}), id).status == 0, id);
}

BOOST_AUTO_TEST_CASE(id_that_is_too_long_is_an_error) {
  Runtime runtime;
  Bundle bundle;
  const Leftovers before;
  Output output = runtime.create(bundle.args({"true"}), std::string(300, 'a')).created;
  BOOST_TEST(output.status == 1);
  BOOST_TEST(contains(output.err, "long"), output.err);
  BOOST_TEST(before.since().empty());
}

BOOST_AUTO_TEST_CASE(pid_file_is_the_number_alone) {
  Runtime runtime;
  Bundle bundle;
  TempDir directory;
  Container container =
      runtime.must_create(bundle.args(waiting()), "c", {"--pid-file", directory / "pid"});
  BOOST_TEST(read_file(directory / "pid") == std::to_string(container.pid()));
  BOOST_TEST(files_below(directory.path()).size() == 1U);  // no temporary file
}

BOOST_AUTO_TEST_CASE(pid_file_that_cannot_be_written_undoes_create) {
  Runtime runtime;
  Bundle bundle;
  const std::string error =
      check_refused(runtime, bundle.args(waiting()), "--pid-file /no/such/directory/pid",
                    {"--pid-file", "/no/such/directory/pid"});
  if (!Runtime::is_reference()) BOOST_TEST(!contains(error, "container init"), error);
}

BOOST_AUTO_TEST_CASE(pidfd_socket_gets_a_pidfd_of_init) {
  Runtime runtime;
  Bundle bundle;
  ConsoleSocket socket;
  Container container =
      runtime.create(bundle.args(waiting()), "c", {"--pidfd-socket", socket.path()});
  BOOST_REQUIRE_MESSAGE(container.created.status == 0, container.created.err);
  Received received = socket.receive();
  BOOST_TEST(received.payload == "standard");
  BOOST_REQUIRE(received.fds.size() == 1U);
  std::string info = read_file("/proc/self/fdinfo/" + std::to_string(received.fds[0].get()));
  BOOST_TEST(contains(info, "\nPid:\t" + std::to_string(container.pid()) + "\n"));
}

BOOST_AUTO_TEST_CASE(bundle_is_the_current_directory_unless_named) {
  Runtime runtime;
  Bundle bundle;
  bundle.args({"echo", "here"}).write();
  RunOptions options;
  options.cwd = bundle.path();
  BOOST_TEST(runtime.call({"run", "c"}, options).out == "here\n");
  options.cwd = std::filesystem::path{bundle.path()}.parent_path();
  std::string name = std::filesystem::path{bundle.path()}.filename();
  BOOST_TEST(runtime.call({"run", "-b", name, "c"}, options).out == "here\n");
}

BOOST_AUTO_TEST_CASE(config_may_have_another_name, *needs::ocelot()) {
  Runtime runtime;
  Bundle bundle;
  bundle.args({"echo", "here"}).write();
  TempDir elsewhere;
  std::filesystem::rename(bundle.config_path(), elsewhere / "other.json");
  BOOST_TEST(runtime.run(bundle.path(), "c", {"--config", elsewhere / "other.json"}).out ==
             "here\n");
}

BOOST_AUTO_TEST_CASE(bundle_may_be_gone_at_delete) {
  Runtime runtime;
  std::optional<Bundle> bundle{std::in_place};
  Container container = runtime.must_create(bundle->args(waiting()));
  bundle.reset();
  BOOST_TEST(container.del({"--force"}).status == 0);
  container.wait();
}

BOOST_AUTO_TEST_CASE(of_many_creates_of_one_id_one_succeeds,
                     *needs::ocelot("runc 1.1.5 may make two and lose both")) {
  Runtime runtime;
  Bundle bundle;
  bundle.args({"true"}).write();
  std::vector<Command> commands;
  for (int i = 0; i < 6; ++i)
    commands.emplace_back(runtime.command({"create", "--bundle", bundle.path(), "same"}));
  int succeeded = 0;
  for (Command& command : commands) succeeded += command.wait().status == 0;
  BOOST_TEST(succeeded == 1);
  BOOST_TEST(runtime.status("same") == "created");
}

BOOST_AUTO_TEST_CASE(of_many_starts_of_one_container_one_succeeds,
                     *needs::ocelot("runc has no lock: now and then two of its starts succeed")) {
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args(waiting()), "same");
  std::vector<Command> commands;
  for (int i = 0; i < 6; ++i) commands.emplace_back(runtime.command({"start", "same"}));
  int succeeded = 0;
  for (Command& command : commands) succeeded += command.wait().status == 0;
  BOOST_TEST(succeeded == 1);
  BOOST_TEST(runtime.status("same") == "running");
}

BOOST_AUTO_TEST_CASE(many_deletes_by_force_at_once_all_succeed) {
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args(waiting()), "same");
  std::vector<Command> commands;
  for (int i = 0; i < 6; ++i) commands.emplace_back(runtime.command({"delete", "--force", "same"}));
  for (Command& command : commands) {
    Output output = command.wait();
    BOOST_TEST(output.status == 0, output.err);
  }
  container.wait();
  BOOST_TEST(runtime.ids().empty());
}

BOOST_AUTO_TEST_CASE(execve_that_fails_is_an_error_of_start, *needs::ocelot()) {
  Runtime runtime;
  Bundle bundle;
  bundle.put("/opt/tool", "no program at all", 0755);
  Container container = runtime.must_create(bundle.args({"/opt/tool"}));
  Output output = container.start();
  BOOST_TEST(output.status == 1);
  BOOST_TEST(contains(output.err, "/opt/tool"), output.err);
  BOOST_TEST(contains(output.err, "xec format error"), output.err);
  container.wait();
}

BOOST_AUTO_TEST_CASE(program_that_vanished_after_create_is_an_error_of_start, *needs::ocelot()) {
  Runtime runtime;
  Bundle bundle;
  bundle.put("/opt/tool", "#!/bin/sh\n", 0755);
  Container container = runtime.must_create(bundle.args({"/opt/tool"}));
  std::filesystem::remove(bundle.rootfs() + "/opt/tool");
  Output output = container.start();
  BOOST_TEST(output.status == 1);
  BOOST_TEST(contains(output.err, "o such file or directory"), output.err);
  container.wait();
}

BOOST_AUTO_TEST_SUITE_END()
