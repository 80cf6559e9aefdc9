// The terminal of a detached container, handed over through the console socket.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

// The report that a probe printed on the terminal, whose line discipline turned \n into \r\n.
json report_on(const Received& received) {
  return json::parse(read_to_end(received.fds.at(0).get()));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(console)

BOOST_AUTO_TEST_CASE(socket_gets_one_descriptor_and_the_name_of_the_device) {
  Runtime runtime;
  Bundle bundle;
  ConsoleSocket socket;
  bundle.process()["terminal"] = true;
  Container container =
      runtime.must_create(bundle.args({"true"}), "c", {"--console-socket", socket.path()});
  Received received = socket.receive();
  BOOST_TEST(received.fds.size() == 1U);
  BOOST_TEST(!received.truncated);
  BOOST_TEST(!received.payload.empty());
  BOOST_TEST(contains(received.payload, "ptmx"), received.payload);
  BOOST_TEST(socket.peer_closed());
  BOOST_TEST(::isatty(received.fds.at(0).get()) == 1);
  BOOST_TEST((::fcntl(received.fds.at(0).get(), F_GETFL) & O_NONBLOCK) == 0);
}

BOOST_AUTO_TEST_CASE(terminal_is_the_processs_streams_and_controls_it) {
  Runtime runtime;
  Bundle bundle;
  ConsoleSocket socket;
  bundle.process()["terminal"] = true;
  bundle.process()["consoleSize"] = {{"height", 33}, {"width", 77}};
  Container container =
      runtime.must_create(bundle.args({"/bin/probe"}), "c", {"--console-socket", socket.path()});
  Received received = socket.receive();
  BOOST_TEST(container.start().status == 0);
  json seen = report_on(received);
  BOOST_TEST(seen["terminal"]["isatty"] == (json{true, true, true}));
  BOOST_TEST(seen["terminal"]["controlling"] == true);
  BOOST_TEST(seen["terminal"]["foreground"] == 1);
  BOOST_TEST(seen["terminal"]["size"] == (json{{"height", 33}, {"width", 77}}));
  BOOST_TEST(seen["sid"] == 1);
  BOOST_TEST(seen["fds"].size() == 3U, seen["fds"].dump());
  // The pty is one of the container's own devpts, and /dev/console is the same.
  BOOST_TEST(seen["fds"]["0"] == "/dev/pts/0");
  BOOST_TEST(seen["dev"]["console"]["type"] == "c");
  BOOST_TEST(seen["dev"]["console"]["rdev"] == (json{136, 0}));
}

BOOST_AUTO_TEST_CASE(what_is_written_to_the_terminal_reaches_the_process) {
  Runtime runtime;
  Bundle bundle;
  ConsoleSocket socket;
  bundle.process()["terminal"] = true;
  Container container = runtime.must_create(bundle.shell("read x; echo got $x; exit 0"), "c",
                                            {"--console-socket", socket.path()});
  Received received = socket.receive();
  BOOST_TEST(container.start().status == 0);
  BOOST_TEST(::write(received.fds.at(0).get(), "hello\n", 6) == 6);
  std::string seen;
  BOOST_TEST(contains(read_until(received.fds.at(0).get(), seen, "got hello"), "got hello"));
}

BOOST_AUTO_TEST_CASE(detached_run_uses_the_socket) {
  Runtime runtime;
  Bundle bundle;
  ConsoleSocket socket;
  bundle.process()["terminal"] = true;
  Output output = runtime.run(bundle.args({"/bin/probe"}), "c",
                              {"--detach", "--console-socket", socket.path()});
  BOOST_TEST(output.status == 0, output.err);
  Received received = socket.receive();
  BOOST_TEST(report_on(received)["terminal"]["controlling"] == true);
}

BOOST_AUTO_TEST_CASE(terminal_belongs_to_the_user_of_the_process, *needs::root()) {
  Runtime runtime;
  Bundle bundle;
  ConsoleSocket socket;
  bundle.process()["terminal"] = true;
  bundle.process()["user"] = {{"uid", 1000}, {"gid", 1000}};
  bundle.args(probe_args({{"stat", "/dev/pts/0"}, {"open", "/dev/console"}, {"open", "/dev/tty"}}));
  Container container = runtime.must_create(bundle, "c", {"--console-socket", socket.path()});
  Received received = socket.receive();
  BOOST_TEST(container.start().status == 0);
  json outcomes = report_on(received);
  BOOST_TEST(outcomes[0]["uid"] == 1000);
  BOOST_TEST(outcomes[0]["gid"] == 5);
  BOOST_TEST(outcomes[0]["mode"] == 0620);
  BOOST_TEST(outcomes[1]["ok"] == true);
  BOOST_TEST(outcomes[2]["ok"] == true);
}

BOOST_AUTO_TEST_CASE(terminal_works_in_a_user_namespace, *needs::root()) {
  Runtime runtime;
  Bundle bundle;
  ConsoleSocket socket;
  bundle.process()["terminal"] = true;
  bundle.add_user_namespace();
  Container container =
      runtime.must_create(bundle.args({"/bin/probe"}), "c", {"--console-socket", socket.path()});
  Received received = socket.receive();
  BOOST_TEST(container.start().status == 0);
  json seen = report_on(received);
  BOOST_TEST(seen["terminal"]["controlling"] == true);
  BOOST_TEST(seen["dev"]["console"]["rdev"] == (json{136, 0}));
}

BOOST_AUTO_TEST_CASE(console_is_made_on_a_read_only_root_without_dev) {  // L7
  Runtime runtime;
  Bundle bundle;
  ConsoleSocket socket;
  bundle.process()["terminal"] = true;
  for (const char* point : {"/dev", "/dev/shm", "/dev/mqueue"}) bundle.remove_mount(point);
  Container container =
      runtime.must_create(bundle.args({"/bin/probe"}), "c", {"--console-socket", socket.path()});
  Received received = socket.receive();
  BOOST_TEST(container.start().status == 0);
  BOOST_TEST(report_on(received)["dev"]["console"]["rdev"] == (json{136, 0}));
}

BOOST_AUTO_TEST_CASE(path_of_the_socket_may_be_long) {  // L35
  Runtime runtime;
  Bundle bundle;
  TempDir directory;
  std::string deep = directory / std::string(120, 'd');
  std::filesystem::create_directory(deep);
  ConsoleSocket socket{deep + "/console.sock"};
  bundle.process()["terminal"] = true;
  Container container =
      runtime.create(bundle.args({"true"}), "c", {"--console-socket", socket.path()});
  BOOST_REQUIRE_MESSAGE(container.created.status == 0, container.created.err);
  BOOST_TEST(socket.receive().fds.size() == 1U);
}

BOOST_AUTO_TEST_CASE(terminal_without_a_socket_is_an_error_when_detached) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["terminal"] = true;
  std::string error = check_refused(runtime, bundle.args({"true"}));
  BOOST_TEST(contains(error, "cannot allocate tty"), error);
  BOOST_TEST(contains(error, "console socket"), error);
}

BOOST_AUTO_TEST_CASE(socket_is_an_error_when_not_detached) {
  Runtime runtime;
  Bundle bundle;
  ConsoleSocket socket;
  bundle.process()["terminal"] = true;
  Output output = runtime.run(bundle.args({"true"}), "c", {"--console-socket", socket.path()});
  check_error(output, "cannot use console socket");
}

BOOST_AUTO_TEST_CASE(socket_that_is_not_there_is_an_error) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["terminal"] = true;
  check_refused(runtime, bundle.args({"true"}), "/no/such.sock",
                {"--console-socket", "/no/such.sock"});
}

BOOST_AUTO_TEST_CASE(size_without_a_terminal_is_ignored) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["consoleSize"] = {{"height", 33}, {"width", 77}};
  BOOST_TEST(runtime.run(bundle.args({"true"})).status == 0);
}

BOOST_AUTO_TEST_CASE(socket_without_a_terminal_gets_the_three_standard_streams, *needs::ocelot()) {
  Runtime runtime;
  Bundle bundle;
  ConsoleSocket socket;
  bundle.shell("read x; echo out $x; echo err $x >&2");
  Container container = runtime.must_create(bundle, "c", {"--console-socket", socket.path()});
  Received received = socket.receive();
  BOOST_TEST(received.payload == "stdio");
  BOOST_REQUIRE(received.fds.size() == 3U);
  BOOST_TEST(socket.peer_closed());
  BOOST_TEST(container.start().status == 0);
  BOOST_TEST(::write(received.fds[0].get(), "word\n", 5) == 5);
  BOOST_TEST(read_to_end(received.fds[1].get()) == "out word\n");
  BOOST_TEST(read_to_end(received.fds[2].get()) == "err word\n");
}

BOOST_AUTO_TEST_CASE(detached_run_without_a_terminal_hands_over_the_streams, *needs::ocelot()) {
  Runtime runtime;
  Bundle bundle;
  ConsoleSocket socket;
  Output output = runtime.run(bundle.shell("cat; echo done"), "c",
                              {"--detach", "--console-socket", socket.path()});
  BOOST_TEST(output.status == 0, output.err);
  Received received = socket.receive();
  BOOST_REQUIRE(received.fds.size() == 3U);
  received.fds[0].reset();  // the end of standard input
  BOOST_TEST(read_to_end(received.fds[1].get()) == "done\n");
}

BOOST_AUTO_TEST_SUITE_END()
