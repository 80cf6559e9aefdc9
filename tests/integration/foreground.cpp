// `run` in the foreground: it stands for the process of the container.
#include <termios.h>

#include <csignal>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

BOOST_AUTO_TEST_SUITE(foreground)

BOOST_AUTO_TEST_CASE(signals_are_forwarded) {
  Runtime runtime;
  Bundle bundle;
  bundle.args(probe_args({{"await"}}));
  for (int signal : {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2}) {
    Command running = runtime.run_in_foreground(bundle, "c" + std::to_string(signal));
    running.read_until("ready\n");
    running.send(signal);
    Output output = running.wait();
    BOOST_TEST(output.status == 0, output.err);
    BOOST_TEST(json::parse(output.out.substr(6))[0]["result"] == signal);
  }
}

BOOST_AUTO_TEST_CASE(standard_streams_are_those_of_the_caller) {
  Runtime runtime;
  Bundle bundle;
  RunOptions options;
  options.input = "from outside\n";
  Output output = runtime.run(bundle.shell("cat; echo out; echo err >&2"), "c", {}, options);
  BOOST_TEST(output.out == "from outside\nout\n");
  BOOST_TEST(output.err == "err\n");
}

BOOST_AUTO_TEST_CASE(much_output_arrives_whole) {
  Runtime runtime;
  Bundle bundle;
  Output output = runtime.run(bundle.shell("dd if=/dev/zero bs=1000 count=3000 2>/dev/null"));
  BOOST_TEST(output.out.size() == 3000000U);
}

BOOST_AUTO_TEST_CASE(status_of_a_killed_process_is_128_and_the_signal) {
  Runtime runtime;
  Bundle bundle;
  Command running = runtime.run_in_foreground(bundle.args(probe_args({{"await"}})));
  running.read_until("ready\n");
  BOOST_TEST(runtime.kill("c", "KILL").status == 0);
  BOOST_TEST(running.wait().status == 137);
}

BOOST_AUTO_TEST_CASE(container_is_gone_afterwards_unless_kept) {
  Runtime runtime;
  Bundle bundle;
  BOOST_TEST(runtime.run(bundle.args({"true"})).status == 0);
  BOOST_TEST(runtime.status("c") == "absent");
  BOOST_TEST(runtime.run(bundle, "kept", {"--keep"}).status == 0);
  BOOST_TEST(runtime.status("kept") == "stopped");
  BOOST_TEST(runtime.del("kept").status == 0);
}

BOOST_AUTO_TEST_CASE(detached_run_returns_while_the_process_runs) {
  Runtime runtime;
  Bundle bundle;
  Output output = runtime.run(bundle.args({"sleep", "1000"}), "c", {"--detach"});
  BOOST_TEST(output.status == 0, output.err);
  BOOST_TEST(runtime.status("c") == "running");
}

BOOST_AUTO_TEST_CASE(process_that_ends_at_once_is_not_missed) {  // L15
  Runtime runtime;
  Bundle bundle;
  bundle.shell("exit 7");
  for (int i = 0; i < 20; ++i) BOOST_TEST(runtime.run(bundle, "c" + std::to_string(i)).status == 7);
}

BOOST_AUTO_TEST_CASE(orphans_of_the_container_die_with_it) {
  Runtime runtime;
  Bundle bundle;
  bundle.remove_namespace("pid");
  const Leftovers before;
  Output output = runtime.run(bundle.shell("sleep 1000 >/dev/null 2>&1 & exit 3"));
  BOOST_TEST(output.status == 3);
  for (const std::string& item : before.since()) BOOST_TEST(item == "", item);
}

BOOST_AUTO_TEST_CASE(option_not_to_be_a_subreaper_is_accepted) {
  Runtime runtime;
  Bundle bundle;
  BOOST_TEST(runtime.run(bundle.shell("exit 4"), "c", {"--no-subreaper"}).status == 4);
}

BOOST_AUTO_TEST_CASE(terminal_is_relayed) {
  Runtime runtime;
  Bundle bundle;
  Pty pty;
  bundle.process()["terminal"] = true;
  bundle.shell("echo ready; read x; echo got $x; exit 42");
  Command running = runtime.run_in_foreground(bundle, "c", {}, pty.options());
  pty.read_until("ready");
  pty.write("hello\r");
  pty.read_until("got hello");
  BOOST_TEST(running.wait().status == 42);
}

BOOST_AUTO_TEST_CASE(terminal_has_its_size_from_the_start,
                     *needs::ocelot("runc sets the size when the process already runs")) {
  Runtime runtime;
  Bundle bundle;
  Pty pty;
  bundle.process()["terminal"] = true;
  pty.resize(33, 77);
  Command running =
      runtime.run_in_foreground(bundle.args({"stty", "size"}), "c", {}, pty.options());
  BOOST_TEST(running.wait().status == 0);
  pty.read_until("33 77");
}

BOOST_AUTO_TEST_CASE(terminal_in_the_container_is_its_controlling_one) {
  Runtime runtime;
  Bundle bundle;
  Pty pty;
  bundle.process()["terminal"] = true;
  bundle.shell("echo device $(tty); echo foreground > /dev/tty; ls -l /dev/console");
  Command running = runtime.run_in_foreground(bundle, "c", {}, pty.options());
  BOOST_TEST(running.wait().status == 0);
  pty.read_until("device /dev/pts/0");
  pty.read_until("foreground");
}

BOOST_AUTO_TEST_CASE(resize_of_the_terminal_is_passed_on) {  // L44
  Runtime runtime;
  Bundle bundle;
  Pty pty;
  bundle.process()["terminal"] = true;
  bundle.shell("trap 'stty size' WINCH; echo ready; until read x && [ \"$x\" = end ]; do :; done");
  pty.resize(24, 80);
  Command running = runtime.run_in_foreground(bundle, "c", {}, pty.options());
  pty.read_until("ready");
  pty.resize(44, 99);
  pty.read_until("44 99");
  pty.write("end\r");
  BOOST_TEST(running.wait().status == 0);
}

BOOST_AUTO_TEST_CASE(terminal_of_the_caller_is_raw_meanwhile_and_restored_afterwards) {
  Runtime runtime;
  Bundle bundle;
  Pty pty;
  bundle.process()["terminal"] = true;
  bundle.shell("echo ready; read x");
  const tcflag_t before = pty.attributes().c_lflag;
  Command running = runtime.run_in_foreground(bundle, "c", {}, pty.options());
  pty.read_until("ready");
  BOOST_TEST((pty.attributes().c_lflag & (ICANON | ECHO | ISIG)) == 0U);
  pty.write("\r");
  BOOST_TEST(running.wait().status == 0);
  BOOST_TEST(pty.attributes().c_lflag == before);
}

BOOST_AUTO_TEST_CASE(interrupt_character_interrupts_the_process_in_the_container) {
  Runtime runtime;
  Bundle bundle;
  Pty pty;
  bundle.process()["terminal"] = true;
  bundle.args(probe_args({{"await"}}));
  Command running = runtime.run_in_foreground(bundle, "c", {}, pty.options());
  pty.read_until("ready");
  pty.write("\x03");
  pty.read_until("\"result\":2");  // SIGINT
  BOOST_TEST(running.wait().status == 0);
}

BOOST_AUTO_TEST_CASE(last_output_on_a_terminal_is_not_lost) {  // L12
  Runtime runtime;
  Bundle bundle;
  Pty pty;
  bundle.process()["terminal"] = true;
  bundle.shell("seq 1 300; echo the end");
  Command running = runtime.run_in_foreground(bundle, "c", {}, pty.options());
  BOOST_TEST(running.wait().status == 0);
  pty.read_until("the end");
  BOOST_TEST(contains(pty.seen(), "\r\n300\r\n"));
}

BOOST_AUTO_TEST_SUITE_END()
