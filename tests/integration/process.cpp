// What the process is told and what it inherits.
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include <csignal>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

BOOST_AUTO_TEST_SUITE(process)

BOOST_AUTO_TEST_CASE(args_are_the_command_line) {
  Runtime runtime;
  Bundle bundle;
  bundle.args({"/bin/probe", "report", "two words", "", "*"});
  json seen = json::parse(runtime.run(bundle).out);
  BOOST_TEST(seen["argv"] == (json{"/bin/probe", "report", "two words", "", "*"}));
}

BOOST_AUTO_TEST_CASE(command_is_looked_up_in_the_path_of_its_own_environment) {
  Runtime runtime;
  Bundle bundle;
  bundle.put("/opt/tool", "#!/bin/sh\necho from opt\n", 0755);
  bundle.process()["env"] = {"PATH=/nonexistent:/opt"};
  BOOST_TEST(runtime.run(bundle.args({"tool"})).out == "from opt\n");
}

BOOST_AUTO_TEST_CASE(lookup_passes_over_what_cannot_be_executed) {
  Runtime runtime;
  Bundle bundle;
  bundle.put("/first/tool", "not executable", 0644);
  bundle.put_directory("/second/tool");
  bundle.put("/third/tool", "#!/bin/sh\necho third\n", 0755);
  bundle.process()["env"] = {"PATH=/first:/second:/third"};
  BOOST_TEST(runtime.run(bundle.args({"tool"})).out == "third\n");
}

BOOST_AUTO_TEST_CASE(empty_entry_of_the_path_is_the_working_directory) {
  Runtime runtime;
  Bundle bundle;
  bundle.put("/opt/tool", "#!/bin/sh\necho from opt\n", 0755);
  bundle.process()["cwd"] = "/opt";
  bundle.process()["env"] = {"PATH=:/bin"};
  BOOST_TEST(runtime.run(bundle.args({"tool"})).out == "from opt\n");
}

BOOST_AUTO_TEST_CASE(lookup_that_meets_no_program_says_what_it_met,
                     *needs::ocelot("runc never says more than not found")) {
  Runtime runtime;
  Bundle bundle;
  bundle.put("/first/tool", "not executable", 0644);
  bundle.put_directory("/closed", 0700);
  bundle.process()["env"] = {"PATH=/first"};
  check_error(runtime.run(bundle.args({"tool"})), "exec: \"tool\": permission denied");
  // Whether it is there nobody can say who may not look.
  bundle.process()["user"] = {{"uid", 1000}, {"gid", 1000}};
  bundle.process()["env"] = {"PATH=/closed"};
  check_error(runtime.run(bundle.args({"tool"})), "executable file not found in $PATH");
}

BOOST_AUTO_TEST_CASE(command_without_a_name_is_not_found) {
  Runtime runtime;
  Bundle bundle;
  check_error(runtime.run(bundle.args({""})), "executable file not found in $PATH");
}

BOOST_AUTO_TEST_CASE(command_with_a_slash_is_relative_to_cwd) {
  Runtime runtime;
  Bundle bundle;
  bundle.put("/opt/tool", "#!/bin/sh\necho from opt\n", 0755);
  bundle.process()["cwd"] = "/opt";
  BOOST_TEST(runtime.run(bundle.args({"./tool"})).out == "from opt\n");
}

BOOST_AUTO_TEST_CASE(a_shell_with_a_pipe_runs) {
  Runtime runtime;
  Bundle bundle;
  Output output = runtime.run(bundle.shell("echo one two three | wc -w"));
  BOOST_TEST(output.out == "3\n");
  BOOST_TEST(output.status == 0);
}

BOOST_AUTO_TEST_CASE(status_of_the_process_is_that_of_run) {
  Runtime runtime;
  Bundle bundle;
  BOOST_TEST(runtime.run(bundle.shell("exit 0")).status == 0);
  BOOST_TEST(runtime.run(bundle.shell("exit 42")).status == 42);
  BOOST_TEST(runtime.run(bundle.shell("sleep 100 & kill -9 $!; wait $!")).status == 137);
}

BOOST_AUTO_TEST_CASE(missing_command_is_an_error_that_names_it) {
  Runtime runtime;
  Bundle bundle;
  Output output = runtime.run(bundle.args({"nosuchcommand"}));
  BOOST_TEST(output.status == 1);
  BOOST_TEST(contains(output.err, "nosuchcommand"));
  BOOST_TEST(contains(output.err, "executable file not found in $PATH"));
  BOOST_TEST(
      contains(runtime.run(bundle.args({"/no/such/command"})).err, "o such file or directory"));
}

BOOST_AUTO_TEST_CASE(command_that_may_not_run_is_an_error_that_says_so) {
  Runtime runtime;
  Bundle bundle;
  bundle.put("/opt/tool", "not executable", 0644);
  Output output = runtime.run(bundle.args({"/opt/tool"}));
  BOOST_TEST(output.status == 1);
  BOOST_TEST(contains(output.err, "ermission denied"));
  BOOST_TEST(contains(output.err, "/opt/tool"));
}

BOOST_AUTO_TEST_CASE(cwd_is_the_working_directory) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["cwd"] = "/etc";
  BOOST_TEST(report(runtime, bundle)["cwd"] == "/etc");
}

BOOST_AUTO_TEST_CASE(missing_cwd_is_made) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["cwd"] = "/made/here";
  json outcomes = act(runtime, bundle, {{"report"}, {"stat", "/made/here"}});
  BOOST_TEST(outcomes[0]["cwd"] == "/made/here");
  BOOST_TEST(outcomes[1]["mode"] == 0755);
}

BOOST_AUTO_TEST_CASE(cwd_that_only_the_user_may_enter_is_entered) {
  Runtime runtime;
  Bundle bundle;
  bundle.put_directory("/private", 0700);
  checked(::chown((bundle.rootfs() + "/private").c_str(), 1000, 1000), "chown");
  bundle.process()["cwd"] = "/private";
  bundle.process()["user"] = {{"uid", 1000}, {"gid", 1000}};
  BOOST_TEST(report(runtime, bundle)["cwd"] == "/private");
}

BOOST_AUTO_TEST_CASE(cwd_outside_the_root_is_an_error) {  // CVE-2024-21626
  Runtime runtime;
  for (int fd = 3; fd < 12; ++fd) {
    Bundle bundle;
    bundle.process()["cwd"] = "/proc/self/fd/" + std::to_string(fd);
    Output output = runtime.run(bundle.args({"/bin/probe", "list", ".", ",", "report"}),
                                "c" + std::to_string(fd));
    if (output.status == 0) {
      json outcomes = json::parse(output.out);
      BOOST_TEST(outcomes[1]["cwd"].get<std::string>().starts_with("/"), "fd " << fd);
    }
  }
}

BOOST_AUTO_TEST_CASE(relative_or_empty_cwd_is_an_error) {  // E06
  Runtime runtime;
  for (const char* cwd : {"", "etc"}) {
    Bundle bundle;
    bundle.process()["cwd"] = cwd;
    check_refused(runtime, bundle, "/process/cwd");
  }
}

BOOST_AUTO_TEST_CASE(environment_is_that_of_the_config_alone) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["env"] = {"PATH=/bin", "HOME=/elsewhere", "EMPTY=", "WITH=a=b c"};
  RunOptions options;
  options.env = {"OCELOT_TEST_OUTSIDE=1"};
  json env = report(runtime, bundle, {}, {}, options)["env"];
  std::sort(env.begin(), env.end());
  BOOST_TEST(env == (json{"EMPTY=", "HOME=/elsewhere", "PATH=/bin", "WITH=a=b c"}));
}

BOOST_AUTO_TEST_CASE(later_entry_of_the_environment_wins) {
  Runtime runtime;
  Bundle bundle;
  bundle.env("TWICE=first").env("TWICE=second");
  BOOST_TEST(variable_in(report(runtime, bundle), "TWICE") == "second");
}

BOOST_AUTO_TEST_CASE(environment_entry_without_a_value_is_an_error) {
  Runtime runtime;
  Bundle bundle;
  check_refused(runtime, bundle.env("NOVALUE"), "/process/env/2");
}

BOOST_AUTO_TEST_CASE(home_is_that_of_the_containers_passwd) {
  Runtime runtime;
  Bundle bundle;
  BOOST_TEST(variable_in(report(runtime, bundle), "HOME") == "/root");
  bundle.process()["user"] = {{"uid", 1000}, {"gid", 1000}};
  BOOST_TEST(variable_in(report(runtime, bundle), "HOME") == "/home/user");
}

BOOST_AUTO_TEST_CASE(home_of_an_unknown_user_is_the_root) {  // L38
  Runtime runtime;
  Bundle bundle;
  bundle.process()["user"] = {{"uid", 4321}, {"gid", 4321}};
  BOOST_TEST(variable_in(report(runtime, bundle), "HOME") == "/");
  std::filesystem::remove(bundle.rootfs() + "/etc/passwd");  // L43
  BOOST_TEST(variable_in(report(runtime, bundle), "HOME") == "/");
}

BOOST_AUTO_TEST_CASE(home_is_found_in_a_passwd_that_is_a_link) {
  Runtime runtime;
  Bundle bundle;
  std::filesystem::remove(bundle.rootfs() + "/etc/passwd");
  bundle.put("/store/passwd", "user:x:1000:1000::/home/linked:/bin/sh\n");
  std::filesystem::create_symlink("/store/passwd", bundle.rootfs() + "/etc/passwd");
  bundle.process()["user"] = {{"uid", 1000}, {"gid", 1000}};
  BOOST_TEST(variable_in(report(runtime, bundle), "HOME") == "/home/linked");
}

BOOST_AUTO_TEST_CASE(home_is_found_though_the_entry_has_no_shell) {
  Runtime runtime;
  Bundle bundle;
  bundle.put("/etc/passwd", "user:x:1000:1000::/home/short\n");
  bundle.process()["user"] = {{"uid", 1000}, {"gid", 1000}};
  BOOST_TEST(variable_in(report(runtime, bundle), "HOME") == "/home/short");
}

BOOST_AUTO_TEST_CASE(home_that_is_none_is_the_root, *needs::ocelot("runc takes what is there")) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["user"] = {{"uid", 1000}, {"gid", 1000}};
  for (const char* home : {"", "/ho\x01me", "/ho\x7fme"}) {
    bundle.put("/etc/passwd", std::string{"user:x:1000:1000::"} + home + ":/bin/sh\n");
    BOOST_TEST(variable_in(report(runtime, bundle), "HOME") == "/", home);
  }
  std::filesystem::remove(bundle.rootfs() + "/etc/passwd");
  std::filesystem::create_symlink("passwd", bundle.rootfs() + "/etc/passwd");
  BOOST_TEST(variable_in(report(runtime, bundle), "HOME") == "/");
}

BOOST_AUTO_TEST_CASE(empty_or_absent_args_are_an_error) {  // E05
  Runtime runtime;
  Bundle bundle;
  check_refused(runtime, bundle.args({}), "/process/args");
  bundle.process().erase("args");
  check_refused(runtime, bundle, "/process/args");
}

BOOST_AUTO_TEST_CASE(only_the_standard_streams_are_open) {
  Runtime runtime;
  Bundle bundle;
  TempDir directory;
  UniqueFd ours{checked(::open("/dev/null", O_RDONLY | O_CLOEXEC), "open")};
  RunOptions options;
  options.fds = {{ours.get(), 3}, {ours.get(), 7}};
  json fds = report(runtime, bundle, {}, {}, options)["fds"];
  BOOST_TEST(fds.size() == 3U, fds.dump());
  for (const char* number : {"0", "1", "2"}) BOOST_TEST(fds.contains(number));
}

BOOST_AUTO_TEST_CASE(process_is_the_first_of_its_pid_namespace_and_leads_its_session) {
  Runtime runtime;
  Bundle bundle;
  json seen = report(runtime, bundle);
  BOOST_TEST(seen["pid"] == 1);
  BOOST_TEST(seen["ppid"] == 0);
  BOOST_TEST(seen["sid"] == 1);
}

BOOST_AUTO_TEST_CASE(signals_that_the_caller_blocks_are_not_blocked) {
  Runtime runtime;
  Bundle bundle;
  RunOptions options;
  options.in_child = [] {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    ::sigprocmask(SIG_BLOCK, &set, nullptr);
  };
  BOOST_TEST(report(runtime, bundle, {}, {}, options)["signals_blocked"] == "0000000000000000");
}

BOOST_AUTO_TEST_CASE(signals_that_the_caller_ignores_are_not_ignored) {
  Runtime runtime;
  Bundle bundle;
  RunOptions options;
  options.in_child = [] {
    ::signal(SIGUSR2, SIG_IGN);
    ::signal(SIGPIPE, SIG_IGN);
  };
  BOOST_TEST(report(runtime, bundle, {}, {}, options)["signals_ignored"] == "0000000000000000");
}

BOOST_AUTO_TEST_CASE(nobodys_death_kills_the_process) {
  Runtime runtime;
  Bundle bundle;
  RunOptions options;
  options.in_child = [] { ::prctl(PR_SET_PDEATHSIG, SIGTERM); };
  BOOST_TEST(report(runtime, bundle, {}, {}, options)["parent_death_signal"] == 0);
}

BOOST_AUTO_TEST_CASE(no_new_privileges_is_set_only_when_asked) {
  Runtime runtime;
  Bundle bundle;
  BOOST_TEST(report(runtime, bundle)["no_new_privs"] == true);
  bundle.process()["noNewPrivileges"] = false;
  BOOST_TEST(report(runtime, bundle)["no_new_privs"] == false);
}

BOOST_AUTO_TEST_CASE(oom_score_adjustment_is_set) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["oomScoreAdj"] = 321;
  BOOST_TEST(report(runtime, bundle)["oom_score_adj"] == 321);
}

BOOST_AUTO_TEST_CASE(oom_score_adjustment_is_inherited_when_unset) {
  Runtime runtime;
  Bundle bundle;
  RunOptions options;
  options.in_child = [] { write_file("/proc/self/oom_score_adj", "123"); };
  BOOST_TEST(report(runtime, bundle, {}, {}, options)["oom_score_adj"] == 123);
}

BOOST_AUTO_TEST_CASE(oom_score_adjustment_out_of_range_is_an_error) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["oomScoreAdj"] = 1001;
  check_refused(runtime, bundle, "/process/oomScoreAdj");
}

BOOST_AUTO_TEST_CASE(session_keyring_is_new_and_named_after_the_container) {
  Runtime runtime;
  Bundle bundle;
  Output output = runtime.run(bundle.args({"/bin/probe"}), "keyed");
  const std::string description = json::parse(output.out)["keyring"]["description"];
  BOOST_TEST(contains(description, "_ses.keyed"));
  // Who possesses it may do all with it, its user view, read and link it, as the kernel makes it,
  // and search it.
  BOOST_TEST(contains(description, ";3f1b0000;"), description);
  output = runtime.run(bundle, "plain", {"--no-new-keyring"});
  BOOST_TEST(!contains(output.out, "_ses.plain"));
}

BOOST_AUTO_TEST_CASE(private_environment_of_other_runtimes_changes_nothing) {  // L39
  Runtime runtime;
  Bundle bundle;
  RunOptions options;
  options.env = {"_LIBCONTAINER_INITTYPE=setns", "_LIBCONTAINER_STATEDIR=/tmp"};
  bundle.env("_LIBCONTAINER_STATEDIR=/x");
  json seen = report(runtime, bundle, {}, {}, options);
  BOOST_TEST(variable_in(seen, "_LIBCONTAINER_STATEDIR") == "/x");
}

BOOST_AUTO_TEST_CASE(apparmor_profile_without_apparmor_is_an_error,
                     *needs::absent("/sys/module/apparmor/parameters/enabled")) {  // E72
  Runtime runtime;
  Bundle bundle;
  bundle.process()["apparmorProfile"] = "some-profile";
  check_refused(runtime, bundle, "/process/apparmorProfile");
}

BOOST_AUTO_TEST_CASE(selinux_label_without_selinux_is_an_error,
                     *needs::absent("/sys/fs/selinux/enforce")) {  // E72
  Runtime runtime;
  Bundle bundle;
  bundle.process()["selinuxLabel"] = "system_u:system_r:container_t:s0";
  check_refused(runtime, bundle, "/process/selinuxLabel");
}

BOOST_AUTO_TEST_CASE(mount_label_without_selinux_is_an_error,
                     *needs::absent("/sys/fs/selinux/enforce")) {  // E72
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["mountLabel"] = "system_u:object_r:container_file_t:s0";
  check_refused(runtime, bundle, "/linux/mountLabel");
}

BOOST_AUTO_TEST_SUITE_END()
