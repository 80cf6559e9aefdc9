// One more process in a container: who it is, and where.
#include <fcntl.h>
#include <sys/prctl.h>

#include <csignal>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

// The least that a process document holds.
json document() {
  return {{"cwd", "/"}, {"args", {"/bin/probe"}}, {"user", {{"uid", 0}, {"gid", 0}}}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(exec, *needs::root())

BOOST_AUTO_TEST_CASE(process_is_in_the_namespaces_of_init) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_namespace("cgroup");
  Running running{runtime, bundle};
  json seen = running.report()["namespaces"];
  for (const char* name : {"mnt", "pid", "net", "ipc", "uts", "cgroup", "user"}) {
    const std::string path = "/proc/" + std::to_string(running.container().pid()) + "/ns/" + name;
    BOOST_TEST(seen[name] == std::filesystem::read_symlink(path).string(), name);
  }
}

BOOST_AUTO_TEST_CASE(words_behind_the_id_are_the_command) {
  Runtime runtime;
  Bundle bundle;
  Running running{runtime, bundle};
  Output output = running.exec({"echo", "-d", "--tty", "-e"});
  BOOST_TEST(output.status == 0);
  BOOST_TEST(output.out == "-d --tty -e\n");
}

BOOST_AUTO_TEST_CASE(status_is_that_of_the_process) {
  Runtime runtime;
  Bundle bundle;
  Running running{runtime, bundle};
  for (const int status : {0, 1, 7, 255})
    BOOST_TEST(running.exec({"sh", "-c", "exit " + std::to_string(status)}).status == status);
  BOOST_TEST(running.exec({"sh", "-c", "kill -TERM $$"}).status == 143);
  BOOST_TEST(running.exec({"sh", "-c", "kill -KILL $$"}).status == 137);
}

BOOST_AUTO_TEST_CASE(streams_are_those_of_the_caller) {
  Runtime runtime;
  Bundle bundle;
  Running running{runtime, bundle};
  RunOptions options;
  options.input = "from outside\n";
  Output output = running.exec({"sh", "-c", "cat; echo err >&2"}, {}, options);
  BOOST_TEST(output.out == "from outside\n");
  BOOST_TEST(output.err == "err\n");
}

BOOST_AUTO_TEST_CASE(identity_is_that_of_the_containers_process_unless_said_otherwise) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["user"] = {{"uid", 1000}, {"gid", 1001}, {"additionalGids", {7}}};
  bundle.process()["cwd"] = "/etc";
  Running running{runtime, bundle};
  json seen = running.report();
  BOOST_TEST(seen["uid"] == (json{1000, 1000, 1000}));
  BOOST_TEST(seen["gid"] == (json{1001, 1001, 1001}));
  BOOST_TEST(seen["groups"] == json{7});
  BOOST_TEST(seen["cwd"] == "/etc");
  BOOST_TEST(seen["no_new_privs"] == true);
}

BOOST_AUTO_TEST_CASE(user_group_and_working_directory_are_options) {
  Runtime runtime;
  Bundle bundle;
  Running running{runtime, bundle};
  json seen = running.report({"-u", "12:34", "-g", "56", "-g=78", "--cwd", "/etc"});
  BOOST_TEST(seen["uid"] == (json{12, 12, 12}));
  BOOST_TEST(seen["gid"] == (json{34, 34, 34}));
  BOOST_TEST(seen["groups"] == (json{56, 78}));
  BOOST_TEST(seen["cwd"] == "/etc");
  seen = running.report({"--user", "12"});
  BOOST_TEST(seen["uid"] == (json{12, 12, 12}));
  BOOST_TEST(seen["gid"] == (json{0, 0, 0}));
}

BOOST_AUTO_TEST_CASE(user_is_a_number_and_nothing_else) {  // L11
  Runtime runtime;
  Bundle bundle;
  bundle.put("/etc/passwd", "root:x:0:0::/root:/bin/sh\n1000x:x:0:0::/:/bin/sh\n");
  Running running{runtime, bundle};
  for (const char* user : {"root", "1000x", "-1", "1:", ":1", "1:2:3", " 1"}) {
    Output output = running.exec({"true"}, {"--user", user});
    BOOST_TEST(output.status == 255, user);
  }
}

BOOST_AUTO_TEST_CASE(user_beyond_32_bits_is_an_error) {  // CVE-2024-40635
  Runtime runtime;
  Bundle bundle;
  Running running{runtime, bundle};
  for (const char* user : {"4294967295", "4294967296", "18446744073709551616", "0:4294967296"})
    BOOST_TEST(running.exec({"true"}, {"--user", user}).status == 255, user);
}

BOOST_AUTO_TEST_CASE(umask_is_the_containers) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["user"]["umask"] = 027;
  Running running{runtime, bundle};
  BOOST_TEST(running.report()["umask"] == 027);
}

BOOST_AUTO_TEST_CASE(environment_is_added_to_the_configs) {  // L10
  Runtime runtime;
  Bundle bundle;
  bundle.env("KEPT=1").env("CHANGED=old");
  Running running{runtime, bundle};
  json seen = running.report({"-e", "CHANGED=new", "-e", "ADDED=a=b"});
  BOOST_TEST(variable_in(seen, "KEPT") == "1");
  BOOST_TEST(variable_in(seen, "CHANGED") == "new");
  BOOST_TEST(variable_in(seen, "ADDED") == "a=b");
  BOOST_TEST(variable_in(seen, "HOME") == "/root");
}

BOOST_AUTO_TEST_CASE(home_is_that_of_the_user) {  // L38
  Runtime runtime;
  Bundle bundle;
  Running running{runtime, bundle};
  BOOST_TEST(variable_in(running.report({"-u", "1000"}), "HOME") == "/home/user");
  BOOST_TEST(variable_in(running.report({"-u", "4321"}), "HOME") == "/");
}

BOOST_AUTO_TEST_CASE(capabilities_are_the_containers_and_those_added) {  // CVE-2022-29162
  Runtime runtime;
  Bundle bundle;
  bundle.process()["capabilities"] = {
      {"bounding", {"CAP_KILL"}}, {"effective", {"CAP_KILL"}}, {"permitted", {"CAP_KILL"}}};
  Running running{runtime, bundle};
  json seen = running.report()["capabilities"];
  for (const char* set : {"bounding", "effective", "permitted"})
    BOOST_TEST(seen[set] == json{"CAP_KILL"}, set);
  seen = running.report({"--cap", "CAP_CHOWN", "--cap", "CAP_SYS_TIME"})["capabilities"];
  for (const char* set : {"bounding", "effective", "permitted"}) {
    json names = seen[set];
    std::sort(names.begin(), names.end());
    BOOST_TEST(names == (json{"CAP_CHOWN", "CAP_KILL", "CAP_SYS_TIME"}), set);
  }
  BOOST_TEST(seen["inheritable"] == json::array());
  BOOST_TEST(seen["ambient"] == json::array());
}

BOOST_AUTO_TEST_CASE(no_new_privileges_can_be_asked_for) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["noNewPrivileges"] = false;
  Running running{runtime, bundle};
  BOOST_TEST(running.report()["no_new_privs"] == false);
  BOOST_TEST(running.report({"--no-new-privs"})["no_new_privs"] == true);
}

BOOST_AUTO_TEST_CASE(limits_and_oom_score_are_the_containers) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["rlimits"] = {{{"type", "RLIMIT_NOFILE"}, {"soft", 100}, {"hard", 200}}};
  bundle.process()["oomScoreAdj"] = 321;
  Running running{runtime, bundle};
  json seen = running.report();
  BOOST_TEST(seen["rlimits"]["RLIMIT_NOFILE"] == (json{100, 200}), seen["rlimits"].dump());
  BOOST_TEST(seen["oom_score_adj"] == 321);
}

BOOST_AUTO_TEST_CASE(document_says_all_of_the_process) {
  Runtime runtime;
  Bundle bundle;
  bundle.env("OF_CONTAINER=1");
  bundle.process()["cwd"] = "/etc";
  Running running{runtime, bundle};
  json process = document();
  process["user"] = {{"uid", 12}, {"gid", 34}, {"additionalGids", {56}}};
  process["env"] = {"ONLY=1"};
  process["noNewPrivileges"] = false;
  process["capabilities"] = {{"bounding", {"CAP_KILL"}}};
  process["rlimits"] = {{{"type", "RLIMIT_CORE"}, {"soft", 1}, {"hard", 2}}};
  json seen = running.report_of(process);
  BOOST_TEST(seen["uid"] == (json{12, 12, 12}));
  BOOST_TEST(seen["groups"] == json{56});
  BOOST_TEST(seen["cwd"] == "/");
  BOOST_TEST(variable_in(seen, "ONLY") == "1");
  BOOST_TEST(variable_in(seen, "OF_CONTAINER").is_null());
  BOOST_TEST(seen["no_new_privs"] == false);
  BOOST_TEST(seen["capabilities"]["bounding"] == json{"CAP_KILL"});
  BOOST_TEST(seen["rlimits"]["RLIMIT_CORE"] == (json{1, 2}));
}

BOOST_AUTO_TEST_CASE(what_a_document_leaves_out_is_the_containers) {
  Runtime runtime;
  Bundle bundle;
  bundle.capabilities({"CAP_KILL"});
  bundle.process()["oomScoreAdj"] = 321;
  Running running{runtime, bundle};
  json seen = running.report_of(document());
  BOOST_TEST(seen["capabilities"]["bounding"] == json{"CAP_KILL"});
  BOOST_TEST(seen["oom_score_adj"] == 321);
}

BOOST_AUTO_TEST_CASE(limits_that_a_document_leaves_out_are_the_containers) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["rlimits"] = {{{"type", "RLIMIT_CORE"}, {"soft", 1}, {"hard", 2}}};
  Running running{runtime, bundle};
  BOOST_TEST(running.report_of(document())["rlimits"]["RLIMIT_CORE"] == (json{1, 2}));
}

BOOST_AUTO_TEST_CASE(created_container_takes_processes) {
  Runtime runtime;
  Bundle bundle;
  Running created{runtime, bundle, Running::Stop::at_created};
  BOOST_TEST(created.exec({"echo", "here"}).out == "here\n");
  BOOST_TEST(runtime.status("c") == "created");
}

BOOST_AUTO_TEST_CASE(config_changed_after_create_does_not_matter) {  // E71
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["seccomp"] = {
      {"defaultAction", "SCMP_ACT_ALLOW"},
      {"syscalls", {{{"names", {"mkdirat", "mkdir"}}, {"action", "SCMP_ACT_ERRNO"}}}}};
  Running running{runtime, bundle};
  write_file(bundle.config_path(), "{}");
  BOOST_TEST(running.report({"-u", "7"})["seccomp"] == "2");
}

BOOST_AUTO_TEST_CASE(filter_of_the_container_holds) {
  Runtime runtime;
  for (const bool no_new_privileges : {true, false}) {
    Bundle bundle;
    bundle.process()["noNewPrivileges"] = no_new_privileges;
    bundle.linux()["seccomp"] = {
        {"defaultAction", "SCMP_ACT_ALLOW"},
        {"syscalls",
         {{{"names", {"mkdirat", "mkdir"}}, {"action", "SCMP_ACT_ERRNO"}, {"errnoRet", 99}}}}};
    Running running{runtime, bundle};
    Output output = running.exec({"mkdir", "/tmp/x"});
    BOOST_TEST(output.status == 1);
    BOOST_TEST(contains(output.err, "Cannot assign requested address"), output.err);
  }
}

BOOST_AUTO_TEST_CASE(only_the_standard_streams_and_what_is_preserved_are_open) {  // L41
  Runtime runtime;
  Bundle bundle;
  Running running{runtime, bundle};
  UniqueFd ours{checked(::open("/dev/null", O_RDONLY | O_CLOEXEC), "open")};
  RunOptions options;
  options.fds = {{ours.get(), 3}, {ours.get(), 4}, {ours.get(), 9}};
  BOOST_TEST(running.report({}, options)["fds"].size() == 3U);
  json fds = running.report({"--preserve-fds", "1"}, options)["fds"];
  BOOST_TEST(fds.size() == 4U, fds.dump());
  BOOST_TEST(fds.contains("3"));
}

BOOST_AUTO_TEST_CASE(claimed_descriptors_that_are_closed_stay_closed,
                     *needs::ocelot("runc refuses holes")) {  // L41
  Runtime runtime;
  Bundle bundle;
  Running running{runtime, bundle};
  UniqueFd ours{checked(::open("/dev/null", O_RDONLY | O_CLOEXEC), "open")};
  RunOptions options;
  options.fds = {{ours.get(), 5}};
  json fds = running.report({"--preserve-fds", "20"}, options)["fds"];
  BOOST_TEST(fds.size() == 4U, fds.dump());
  BOOST_TEST(fds.contains("5"));
}

BOOST_AUTO_TEST_CASE(process_leads_a_session_and_inherits_nothing_of_the_callers) {  // L39
  Runtime runtime;
  Bundle bundle;
  Running running{runtime, bundle};
  RunOptions options;
  options.env = {"_LIBCONTAINER_INITTYPE=standard", "OUTSIDE=1"};
  options.in_child = [] {
    ::signal(SIGUSR2, SIG_IGN);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  };
  json seen = running.report({}, options);
  BOOST_TEST(seen["sid"] == seen["pid"]);
  BOOST_TEST(seen["signals_ignored"] == "0000000000000000");
  BOOST_TEST(seen["parent_death_signal"] == 0);
  BOOST_TEST(variable_in(seen, "OUTSIDE").is_null());
  BOOST_TEST(variable_in(seen, "_LIBCONTAINER_INITTYPE").is_null());
}

BOOST_AUTO_TEST_CASE(signals_that_the_caller_blocks_are_not_blocked) {
  Runtime runtime;
  Bundle bundle;
  Running running{runtime, bundle};
  RunOptions options;
  options.in_child = [] {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    ::sigprocmask(SIG_BLOCK, &set, nullptr);
  };
  BOOST_TEST(running.report({}, options)["signals_blocked"] == "0000000000000000");
}

BOOST_AUTO_TEST_CASE(session_keyring_is_the_containers) {
  Runtime runtime;
  Bundle bundle;
  Running running{runtime, bundle};
  json keyring = running.report()["keyring"];
  BOOST_TEST(contains(keyring["description"], "_ses.c"));
  BOOST_TEST(running.report()["keyring"]["serial"] == keyring["serial"]);
}

BOOST_AUTO_TEST_CASE(user_namespace_is_joined_with_the_rest) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_user_namespace();
  Running running{runtime, bundle};
  json seen = running.report({"-u", "5:6", "-g", "7"});
  BOOST_TEST(seen["uid"] == (json{5, 5, 5}));
  BOOST_TEST(seen["groups"] == json{7});
  BOOST_TEST(seen["namespaces"]["user"] ==
             std::filesystem::read_symlink("/proc/" + std::to_string(running.container().pid()) +
                                           "/ns/user")
                 .string());
  BOOST_TEST(running.exec({"true"}, {"-u", "70000"}).status == 255);
}

BOOST_AUTO_TEST_CASE(container_in_the_hosts_pid_namespace_takes_processes) {
  Runtime runtime;
  Bundle bundle;
  bundle.remove_namespace("pid");
  Running running{runtime, bundle};
  BOOST_TEST(running.exec({"sh", "-c", "exit 3"}).status == 3);
}

BOOST_AUTO_TEST_CASE(detached_process_lives_on_and_its_pid_is_written) {
  Runtime runtime;
  Bundle bundle;
  Running running{runtime, bundle};
  TempDir files;
  Output output = running.exec({"sleep", "1000"}, {"--detach", "--pid-file", files / "pid"});
  BOOST_TEST(output.status == 0, output.err);
  const std::string pid = read_file(files / "pid");
  BOOST_TEST(contains(read_file("/proc/" + pid + "/cmdline"), "sleep"));
  UniqueFd pidfd = open_pidfd(static_cast<pid_t>(std::stoi(pid)));
  BOOST_TEST(running.container().kill("KILL").status == 0);
  wait_for_end(pidfd.get());
}

BOOST_AUTO_TEST_CASE(processes_of_the_container_end_with_its_init) {
  Runtime runtime;
  Bundle bundle;
  Running running{runtime, bundle};
  Command waiting = running.exec_in_foreground({"sh", "-c", "echo ready; exec sleep 1000"});
  waiting.read_until("ready\n");
  BOOST_TEST(running.container().kill("KILL").status == 0);
  BOOST_TEST(waiting.wait().status == 137);
}

BOOST_AUTO_TEST_CASE(signals_are_forwarded) {
  Runtime runtime;
  Bundle bundle;
  Running running{runtime, bundle};
  std::vector<std::string> words = probe_args({{"await"}});
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) {
    Command waiting = running.exec_in_foreground(words);
    waiting.read_until("ready\n");
    waiting.send(signal);
    Output output = waiting.wait();
    BOOST_TEST(output.status == 0, output.err);
    BOOST_TEST(json::parse(output.out.substr(6))[0]["result"] == signal);
  }
}

BOOST_AUTO_TEST_CASE(pidfd_socket_gets_a_pidfd_of_the_process) {
  Runtime runtime;
  Bundle bundle;
  Running running{runtime, bundle};
  ConsoleSocket socket;
  TempDir files;
  Output output = running.exec(
      {"sleep", "1000"}, {"-d", "--pidfd-socket", socket.path(), "--pid-file", files / "pid"});
  BOOST_REQUIRE_MESSAGE(output.status == 0, output.err);
  Received received = socket.receive();
  BOOST_TEST(received.payload == "setns");
  BOOST_REQUIRE(received.fds.size() == 1U);
  const std::string info = read_file("/proc/self/fdinfo/" + std::to_string(received.fds[0].get()));
  BOOST_TEST(contains(info, "Pid:\t" + read_file(files / "pid") + "\n"), info);
  BOOST_TEST(running.container().kill("KILL").status == 0);
  wait_for_end(received.fds[0].get());
}

BOOST_AUTO_TEST_CASE(short_processes_one_after_another_report_their_status) {  // L15
  Runtime runtime;
  Bundle bundle;
  Running running{runtime, bundle};
  for (int i = 0; i < 100; ++i) BOOST_TEST(running.exec({"sh", "-c", "exit 3"}).status == 3);
}

BOOST_AUTO_TEST_SUITE_END()
