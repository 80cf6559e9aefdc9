// Why a process cannot be added to a container: the status 255, and the words that engines look
// for.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

// Status 255 and `words`; ocelot's own places in a document need not be a reference's.
void check_exec_refused(const Output& output, const std::string& words) {
  BOOST_TEST(output.status == 255, output.err);
  BOOST_TEST(contains(output.err, words), output.err);
  BOOST_TEST(contains(output.err, "exec failed: "), output.err);
}

void check_place(const Output& output, const std::string& place) {
  BOOST_TEST(output.status == 255, output.err);
  if (!Runtime::is_reference()) BOOST_TEST(contains(output.err, place), output.err);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(exec_errors, *needs::root())

BOOST_AUTO_TEST_CASE(program_that_is_not_there_is_told_with_the_words_engines_match,
                     *needs::ocelot("runc escapes the quotes on standard error")) {
  Runtime runtime;
  Bundle bundle;
  bundle.put("/opt/tool", "not executable", 0644);
  Running running{runtime, bundle};
  check_exec_refused(running.exec({"nosuch"}),
                     "exec: \"nosuch\": executable file not found in $PATH");
  Output output = running.exec({"/bin/nosuch"});
  check_exec_refused(output, "exec: \"/bin/nosuch\"");
  BOOST_TEST(contains(output.err, "o such file or directory"), output.err);
  output = running.exec({"/opt/tool"});
  check_exec_refused(output, "exec: \"/opt/tool\"");
  BOOST_TEST(contains(output.err, "ermission denied"), output.err);
  BOOST_TEST(running.exec({"ls", "/proc"}).status == 0);
}

BOOST_AUTO_TEST_CASE(failure_of_execve_itself_leaves_no_pid_file,
                     *needs::ocelot("runc returns before execve")) {
  Runtime runtime;
  Bundle bundle;
  bundle.put("/bin/broken",
             "\x7f"
             "ELF but not really",
             0755);
  Running running{runtime, bundle};
  TempDir files;
  Output output = running.exec({"/bin/broken"}, {"--detach", "--pid-file", files / "pid"});
  BOOST_TEST(output.status == 255, output.err);
  BOOST_TEST(contains(output.err, "xec format error"), output.err);
  BOOST_TEST(!std::filesystem::exists(files / "pid"));
}

BOOST_AUTO_TEST_CASE(stopped_container_takes_no_process) {
  Runtime runtime;
  Bundle bundle;
  Running running{runtime, bundle};
  running.container().kill("KILL");
  running.container().wait();
  check_exec_refused(running.exec({"true"}), "cannot exec in a stopped container");
}

BOOST_AUTO_TEST_CASE(paused_container_takes_no_process_until_it_is_resumed) {  // L40
  Runtime runtime;
  Bundle bundle;
  Running running{runtime, bundle};
  BOOST_REQUIRE(runtime.call({"pause", "c"}).status == 0);
  check_exec_refused(running.exec({"true"}),
                     "cannot exec in a paused container (use --ignore-paused to override)");
  Command waiting = running.exec_in_foreground({"echo", "resumed"}, {"--ignore-paused"});
  BOOST_TEST(runtime.call({"resume", "c"}).status == 0);
  BOOST_TEST(waiting.wait().out == "resumed\n");
}

// Of those who are frozen with it nobody is killed but init, and nobody thaws them.
BOOST_AUTO_TEST_CASE(exec_into_a_paused_container_does_not_outlast_it,
                     *needs::ocelot("runc waits for who thaws it") *
                         needs::file("/sys/fs/cgroup/unified/cgroup.procs")) {
  Runtime runtime;
  Bundle bundle;
  Running running{runtime, bundle};
  BOOST_REQUIRE(runtime.call({"pause", "c"}).status == 0);
  Command waiting = running.exec_in_foreground({"true"}, {"--ignore-paused"});
  checked(::kill(runtime.state("c").at("pid"), SIGKILL), "kill");
  const Output output = waiting.wait();
  BOOST_TEST(output.status == 255);
  BOOST_TEST(contains(output.err, "cannot exec in a"), output.err);
}

BOOST_AUTO_TEST_CASE(missing_container_is_said_not_to_exist) {
  Runtime runtime;
  Output output = runtime.call({"exec", "nosuch", "true"});
  BOOST_TEST(output.status == 255);
  BOOST_TEST(contains(output.err, "does not exist"), output.err);
}

BOOST_AUTO_TEST_CASE(process_that_the_specification_does_not_allow_is_refused_by_its_place) {
  Runtime runtime;
  Bundle bundle;
  Running running{runtime, bundle};
  check_place(running.exec({}), "/args");
  check_place(running.exec({"true"}, {"--cwd", "etc"}), "/cwd");
  check_place(running.exec({"true"}, {"--env", "NOVALUE"}), "/env/");
  check_place(running.exec_document("{"), "process.json");
  check_place(running.exec_document(R"({"args": ["true"]})"), "/cwd");
  check_place(running.exec_document(R"({"cwd": "/", "args": []})"), "/args");
  check_place(running.exec_document(R"({"cwd": "/", "args": "true"})"), "/args");
}

BOOST_AUTO_TEST_CASE(working_directory_outside_the_root_is_refused) {  // CVE-2024-21626
  Runtime runtime;
  Bundle bundle;
  bundle.put("/bin/where", "#!/bin/sh\nls ../../../etc/ocelot-host-file && echo escaped\n", 0755);
  Running running{runtime, bundle};
  for (int fd = 3; fd < 40; ++fd) {
    Output output = running.exec({"pwd"}, {"--cwd", "/proc/self/fd/" + std::to_string(fd)});
    if (output.status == 0) BOOST_TEST(output.out.starts_with("/"), "fd " << fd << output.out);
  }
}

BOOST_AUTO_TEST_CASE(leaked_directory_of_the_host_is_no_way_out) {  // CVE-2024-21626
  Runtime runtime;
  Bundle bundle;
  Running running{runtime, bundle};
  UniqueFd host{checked(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open /")};
  RunOptions options;
  options.fds = {{host.get(), 7}};
  BOOST_TEST(running.exec({"pwd"}, {"--cwd", "/proc/self/fd/7"}, options).status == 255);
  BOOST_TEST(running.exec({"/proc/self/fd/7/bin/true"}, {}, options).status == 255);
}

BOOST_AUTO_TEST_CASE(directory_of_the_host_that_is_handed_over_is_no_working_directory,
                     *needs::ocelot("runc 1.1.5 has this flaw")) {  // CVE-2024-21626
  Runtime runtime;
  Bundle bundle;
  Running running{runtime, bundle};
  UniqueFd host{checked(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open /")};
  RunOptions options;
  options.fds = {{host.get(), 3}};
  // Not pwd, which would fail there by itself.
  const Output output =
      running.exec({"true"}, {"--preserve-fds", "1", "--cwd", "/proc/self/fd/3"}, options);
  BOOST_TEST(output.status == 255);
  BOOST_TEST(contains(output.err, "outside the container's root"), output.err);
}

BOOST_AUTO_TEST_CASE(combinations_that_leave_nobody_with_the_streams_are_refused) {
  Runtime runtime;
  Bundle bundle;
  Running running{runtime, bundle};
  ConsoleSocket socket;
  check_exec_refused(running.exec({"true"}, {"--tty", "--detach"}), "cannot allocate tty if");
  check_exec_refused(running.exec({"true"}, {"--console-socket", socket.path()}),
                     "cannot use console socket if");
}

BOOST_AUTO_TEST_CASE(wrong_command_line_is_status_1) {
  Runtime runtime;
  BOOST_TEST(runtime.call({"exec"}).status == 1);
  BOOST_TEST(runtime.call({"exec", "--nonsense", "c", "true"}).status == 1);
}

BOOST_AUTO_TEST_SUITE_END()
