// What the program does with its words, its streams and its environment, whatever the command.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

// The runtime without the --root of its own that Runtime gives it.
Output call(std::vector<std::string> words, RunOptions options = {}) {
  words.insert(words.begin(), Runtime::path());
  return run(words, std::move(options));
}

// Runs as a user without privileges, whose runtime directory is `directory`.
RunOptions as_nobody(const std::string& directory) {
  checked(chown(directory.c_str(), 65534, 65534), "chown");
  RunOptions options;
  options.clean_env = true;
  options.env = {"XDG_RUNTIME_DIR=" + directory};
  options.in_child = [] {
    if (setgid(65534) != 0 || setuid(65534) != 0) _exit(99);
  };
  return options;
}

// A container that runs until it is killed, in a cgroup of its own.
Container create_sleeper(Runtime& runtime, Bundle& bundle, const std::string& id) {
  const std::string common = bundle.linux()["cgroupsPath"];
  bundle.args({"sleep", "1000"});
  bundle.linux()["cgroupsPath"] = common + "-" + id;
  Container container = runtime.must_create(bundle, id);
  bundle.linux()["cgroupsPath"] = common;
  return container;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(command_line, *needs::root())

BOOST_AUTO_TEST_CASE(wrong_words_print_help_on_standard_output_and_the_error_on_standard_error) {
  const Runtime runtime;
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"kill"}, {"kill", "a", "b", "c"}, {"kill", "--bogus", "a"}}) {
    const Output output = runtime.call(words);
    BOOST_TEST(output.status == 1);
    BOOST_TEST(output.out.starts_with("Incorrect Usage"), output.out);
    BOOST_TEST(contains(output.out, "--all"), output.out);
    BOOST_TEST(!contains(output.err, "USAGE"), output.err);
    BOOST_TEST(output.err != "");
  }
}

BOOST_AUTO_TEST_CASE(without_a_command_help_is_printed) {
  const Output output = call({});
  BOOST_TEST(output.status == 0);
  BOOST_TEST(contains(output.out, "COMMANDS:"));
  BOOST_TEST(output.err == "");
}

BOOST_AUTO_TEST_CASE(unknown_command_fails) {
  const Output output = call({"destroy", "c"});
  BOOST_TEST(output.status != 0);
  BOOST_TEST(contains(output.err, "destroy"));
}

BOOST_AUTO_TEST_CASE(options_may_follow_the_id) {
  const Runtime runtime;
  BOOST_TEST(runtime.call({"delete", "none", "--force"}).status == 0);
  BOOST_TEST(runtime.call({"delete", "none", "-f"}).status == 0);
  BOOST_TEST(runtime.call({"delete", "none", "--force=false"}).status == 1);
}

BOOST_AUTO_TEST_CASE(forced_delete_of_nothing_is_silent) {
  const Runtime runtime;
  const Output output = runtime.call({"delete", "--force", "none"});
  BOOST_TEST(output.status == 0);
  BOOST_TEST(output.out + output.err == "");
}

BOOST_AUTO_TEST_CASE(root_directory_is_refused_as_root, *needs::ocelot("runc 1.1 takes it")) {
  for (const char* root : {"/", "//", "/run/.."}) {
    const Output output = call({"--root", root, "state", "none"});
    BOOST_TEST(output.status == 1);
    BOOST_TEST(contains(output.err, "--root"), output.err);
  }
}

BOOST_AUTO_TEST_CASE(relative_root_is_that_of_the_working_directory) {
  const TempDir directory;
  Bundle bundle;
  bundle.args({"true"}).write();
  RunOptions options;
  options.cwd = directory.path();
  BOOST_TEST(call({"--root", "here", "create", "--bundle", bundle.path(), "c"}, options).status ==
             0);
  BOOST_TEST(call({"--root", directory / "here", "state", "c"}).status == 0);
  BOOST_TEST(call({"--root", "./there/../here", "delete", "--force", "c"}, options).status == 0);
  BOOST_TEST(call({"--root", directory / "here", "state", "c"}).status == 1);
}

BOOST_AUTO_TEST_CASE(unprivileged_root_is_in_the_runtime_directory_and_sticky) {
  const TempDir directory;
  const Output output = call({"state", "none"}, as_nobody(directory.path()));
  BOOST_TEST(output.status == 1);
  BOOST_TEST(contains(output.err, "does not exist"), output.err);
  const std::string name = std::filesystem::path{Runtime::path()}.filename();
  struct stat status {};
  BOOST_REQUIRE(stat((directory / name).c_str(), &status) == 0);
  BOOST_TEST((status.st_mode & 07777) == 01700U);
  BOOST_TEST(status.st_uid == 65534U);
}

BOOST_AUTO_TEST_CASE(empty_runtime_directory_counts_for_nothing) {
  const TempDir directory;
  RunOptions options;
  options.clean_env = true;
  options.env = {"XDG_RUNTIME_DIR="};
  options.cwd = directory.path();
  BOOST_TEST(contains(call({"state", "none"}, options).err, "does not exist"));
  BOOST_TEST(std::filesystem::is_empty(directory.path()));
}

BOOST_AUTO_TEST_CASE(closed_standard_streams_never_become_a_file_of_ours) {
  // The log would be descriptor 1 or 2, and what is printed would be written into it.
  for (int closed = 1; closed < 8; ++closed) {
    const Runtime runtime;
    const TempDir directory;
    const std::string log = directory / "log";
    RunOptions options;
    options.in_child = [closed] {
      for (int fd = 0; fd < 3; ++fd)
        if ((closed >> fd & 1) != 0) close(fd);
    };
    const Output output = run({Runtime::path(), "--root", runtime.root(), "--log", log,
                               "--log-format", "json", "state", "none"},
                              options);
    BOOST_TEST(output.status == 1);
    const json document = json::parse(read_file(log), nullptr, false);
    BOOST_TEST(document["level"] == "error", read_file(log));
  }
}

BOOST_AUTO_TEST_CASE(log_never_takes_the_number_of_a_preserved_descriptor,
                     *needs::ocelot("runc refuses holes")) {
  const Runtime runtime;
  const TempDir directory;
  Bundle bundle;
  bundle.shell("ls -l /proc/self/fd").write();
  const Output output =
      run({Runtime::path(), "--root", runtime.root(), "--debug", "--log", directory / "log", "run",
           "--preserve-fds", "20", "--bundle", bundle.path(), "c"});
  BOOST_TEST(output.status == 0, output.err);
  BOOST_TEST(!contains(output.out, directory.path()), output.out);
}

BOOST_AUTO_TEST_CASE(log_is_not_followed_through_a_symbolic_link,
                     *needs::ocelot("runc follows it")) {
  const Runtime runtime;
  const TempDir directory;
  std::filesystem::create_symlink(directory / "victim", directory / "log");
  run({Runtime::path(), "--root", runtime.root(), "--log", directory / "log", "state", "none"});
  BOOST_TEST(!std::filesystem::exists(directory / "victim"));
}

BOOST_AUTO_TEST_CASE(command_that_succeeds_leaves_an_empty_log) {
  const Runtime runtime;
  const TempDir directory;
  Bundle bundle;
  bundle.args({"true"}).capabilities({}).write();
  const Output output = run({Runtime::path(), "--root", runtime.root(), "--log", directory / "log",
                             "run", "--bundle", bundle.path(), "c"});
  BOOST_TEST(output.status == 0, output.err);
  BOOST_TEST(read_file(directory / "log") == "");
  BOOST_TEST(output.err == "");
}

BOOST_AUTO_TEST_CASE(reader_that_left_makes_a_command_fail_and_kills_it_not,
                     *needs::ocelot("SIGPIPE kills runc")) {
  const Runtime runtime;
  int ends[2];
  checked(pipe2(ends, O_CLOEXEC), "pipe2");
  close(ends[0]);
  RunOptions options;
  options.fds = {{ends[1], 1}};
  const Output output = call({"--version"}, options);
  close(ends[1]);
  BOOST_TEST(output.status < 128);
}

BOOST_AUTO_TEST_CASE(regular_expression_selects_containers,
                     *needs::ocelot("an option that runc lacks")) {
  Runtime runtime;
  Bundle bundle;
  std::vector<Container> containers;
  for (const char* id : {"web-1", "web-2", "db-1"}) {
    containers.push_back(create_sleeper(runtime, bundle, id));
    BOOST_TEST(containers.back().start().status == 0);
  }
  BOOST_TEST(runtime.call({"kill", "--regex", "^web-", "KILL"}).status == 0);
  containers[0].wait();
  containers[1].wait();
  BOOST_TEST(runtime.status("db-1") == "running");
  BOOST_TEST(runtime.call({"delete", "--regex", "web"}).status == 0);
  BOOST_TEST(runtime.ids() == std::vector<std::string>{"db-1"}, boost::test_tools::per_element());
  BOOST_TEST(runtime.call({"delete", "--force", "--regex", "."}).status == 0);
  BOOST_TEST(runtime.ids().empty());
  containers[2].wait();
}

BOOST_AUTO_TEST_CASE(what_fails_among_selected_containers_is_named_and_the_others_have_their_turn,
                     *needs::ocelot("an option that runc lacks")) {
  Runtime runtime;
  Bundle bundle;
  Container running = create_sleeper(runtime, bundle, "a-running");
  BOOST_TEST(running.start().status == 0);
  Container created = create_sleeper(runtime, bundle, "b-created");
  const Output output = runtime.call({"delete", "--regex", "."});
  BOOST_TEST(output.status == 1);
  BOOST_TEST(contains(output.err, "a-running"), output.err);
  BOOST_TEST(contains(output.err, "that is not stopped: running"), output.err);
  BOOST_TEST(runtime.ids() == std::vector<std::string>{"a-running"},
             boost::test_tools::per_element());
  created.wait();
}

BOOST_AUTO_TEST_CASE(signals_have_many_spellings) {
  for (const char* signal : {"9", "KILL", "kill", "SIGKILL", "sigkill"}) {
    Runtime runtime;
    Bundle bundle;
    Container container = runtime.must_create(bundle.args({"sleep", "1000"}));
    BOOST_TEST(container.start().status == 0);
    BOOST_TEST(container.kill(signal).status == 0, signal);
    container.wait();
  }
}

BOOST_AUTO_TEST_CASE(unknown_signal_is_refused) {
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args({"sleep", "1000"}));
  BOOST_TEST(container.start().status == 0);
  for (const char* signal : {"TERMINATE", "65", "-1", "9x"}) {
    BOOST_TEST(runtime.call({"kill", "--", "c", signal}).status == 1, signal);
  }
  BOOST_TEST(runtime.status("c") == "running");
}

BOOST_AUTO_TEST_SUITE_END()
