// The terminal of a process that was added to a container, and what the console socket receives.
#include <sys/ioctl.h>
#include <unistd.h>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

BOOST_AUTO_TEST_SUITE(exec_terminal, *needs::root())

BOOST_AUTO_TEST_CASE(process_has_a_terminal_of_the_containers) {
  Runtime runtime;
  Bundle bundle;
  Running running{runtime, bundle};
  ConsoleSocket socket;
  UniqueFd process =
      running.exec_detached({"/bin/probe"}, {"-t", "--console-socket", socket.path()});
  Received received = socket.receive();
  BOOST_REQUIRE(received.fds.size() == 1U);
  BOOST_TEST(contains(received.payload, "ptmx"));
  json seen = json::parse(read_to_end(received.fds[0].get()));
  BOOST_TEST(seen["terminal"]["isatty"] == (json{true, true, true}));
  BOOST_TEST(seen["terminal"]["controlling"] == true);
  BOOST_TEST(seen["fds"]["0"] == "/dev/pts/0");
  BOOST_TEST(seen["fds"].size() == 3U, seen["fds"].dump());
  wait_for_end(process.get());
}

BOOST_AUTO_TEST_CASE(size_is_that_of_the_document) {
  Runtime runtime;
  Bundle bundle;
  Running running{runtime, bundle};
  ConsoleSocket socket;
  TempDir files;
  write_file(files / "process.json", R"({"cwd": "/", "args": ["/bin/probe"], "terminal": true,
                                         "consoleSize": {"height": 33, "width": 77}})");
  UniqueFd process = running.exec_detached(
      {}, {"--process", files / "process.json", "--console-socket", socket.path()});
  json seen = json::parse(read_to_end(socket.receive().fds.at(0).get()));
  wait_for_end(process.get());
  BOOST_TEST(seen["terminal"]["size"] == (json{{"height", 33}, {"width", 77}}));
}

BOOST_AUTO_TEST_CASE(terminal_of_a_user_belongs_to_the_user) {
  Runtime runtime;
  Bundle bundle;
  Running running{runtime, bundle};
  Pty pty;
  Command exec{runtime.command({"exec", "-t", "-u", "1000", "c", "sh", "-c",
                                "stat -c %u $(tty); echo x >$(tty); exit 5"}),
               pty.options()};
  BOOST_TEST(contains(pty.read_until("x\r\n"), "1000\r\n"));
  BOOST_TEST(exec.wait().status == 5);
}

BOOST_AUTO_TEST_CASE(keys_and_window_size_reach_the_process) {  // L44
  Runtime runtime;
  Bundle bundle;
  Running running{runtime, bundle};
  Pty pty;
  pty.resize(33, 77);
  Command exec{runtime.command({"exec", "-t", "c", "sh", "-c",
                                "stty size; trap 'echo caught; exit 9' INT; echo ready; "
                                "read x; echo got $x; while :; do sleep 0.05; done"}),
               pty.options()};
  BOOST_TEST(contains(pty.read_until("ready\r\n"), "33 77\r\n"));
  pty.write("hello\r");
  pty.read_until("got hello\r\n");
  pty.write("\x03");
  pty.read_until("caught\r\n");
  BOOST_TEST(exec.wait().status == 9);
}

BOOST_AUTO_TEST_CASE(output_of_a_short_process_arrives_whole) {  // L12
  Runtime runtime;
  Bundle bundle;
  Running running{runtime, bundle};
  for (int i = 0; i < 20; ++i) {
    Output output = running.exec({"sh", "-c", "seq 1 2000; echo end"}, {"-t"});
    BOOST_TEST(contains(output.out, "2000"), i);
    BOOST_TEST((output.out.ends_with("end\n") || output.out.ends_with("end\r\n")), i);
  }
}

BOOST_AUTO_TEST_CASE(without_a_terminal_the_socket_gets_the_streams,
                     *needs::ocelot("runc refuses the socket")) {
  Runtime runtime;
  Bundle bundle;
  Running running{runtime, bundle};
  ConsoleSocket socket;
  UniqueFd process = running.exec_detached({"sh", "-c", "read x; echo got $x; echo bad >&2"},
                                           {"--console-socket", socket.path()});
  Received received = socket.receive();
  BOOST_TEST(received.payload == "stdio");
  BOOST_REQUIRE(received.fds.size() == 3U);
  BOOST_TEST(::write(received.fds[0].get(), "hello\n", 6) == 6);
  BOOST_TEST(read_to_end(received.fds[1].get()) == "got hello\n");
  BOOST_TEST(read_to_end(received.fds[2].get()) == "bad\n");
  wait_for_end(process.get());
}

BOOST_AUTO_TEST_CASE(socket_that_nobody_listens_at_leaves_no_process) {
  Runtime runtime;
  Bundle bundle;
  Running running{runtime, bundle};
  Output output = running.exec({"sleep", "1234"}, {"-t", "-d", "--console-socket", "/nowhere"});
  BOOST_TEST(output.status == 255);
  BOOST_TEST(!contains(running.exec({"ps"}).out, "1234"));
}

BOOST_AUTO_TEST_SUITE_END()
