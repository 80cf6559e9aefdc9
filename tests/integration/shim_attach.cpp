// attach: a person at the terminal of a container, and several clients at its streams.
#include <signal.h>

#include "tests/support/black_box.hpp"
#include "tests/support/shimmed.hpp"

using namespace ocelot::test;

namespace {

const std::string detach_keys = "\x10\x11";  // ctrl-p ctrl-q

// At a terminal, one line for each that is typed, with the size of the window.
const char* const lines = "echo ready; while read x; do echo \"got $x of $(stty size)\"; done";

Bundle& with_terminal(Bundle& bundle, const std::string& script) {
  bundle.shell(script).process()["terminal"] = true;
  return bundle;
}

Command attach(const Runtime& runtime, const Pty& pty) {
  return Command{runtime.command({"attach", "c"}), pty.options()};
}

bool is_raw(const Pty& pty) {
  return (pty.attributes().c_lflag & (ICANON | ECHO)) == 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(shim_attach, *needs::root() * needs::ocelot())

BOOST_AUTO_TEST_CASE(terminal_has_the_size_of_ours_and_follows_it) {
  Runtime runtime;
  Bundle bundle;
  Shimmed shimmed{runtime, with_terminal(bundle, lines)};
  Pty pty;
  pty.resize(33, 77);
  Command attached = attach(runtime, pty);
  pty.read_until("ready\r\n");
  pty.write("one\r");
  pty.read_until("got one of 33 77\r\n");
  BOOST_TEST(is_raw(pty));
  pty.resize(44, 99);
  // The window's new size takes a signal, which nobody answers.
  for (int i = 0; i < 100 && !contains(pty.seen(), "44 99"); ++i) {
    pty.write("again\r");
    pty.read_until("got again", std::chrono::seconds{5});
    pty.read_until("\r\n");
  }
  pty.read_until("of 44 99\r\n");
}

BOOST_AUTO_TEST_CASE(detach_keys_leave_the_container_and_attaching_again_shows_the_last_output) {
  Runtime runtime;
  Bundle bundle;
  Shimmed shimmed{runtime, with_terminal(bundle, lines)};
  {
    Pty pty;
    pty.resize(24, 80);
    Command attached = attach(runtime, pty);
    pty.read_until("ready\r\n");
    pty.write("first\r");
    pty.read_until("got first of 24 80\r\n");
    pty.write(detach_keys);
    BOOST_TEST(attached.wait().status == 0);
    BOOST_TEST(!is_raw(pty));
  }
  BOOST_TEST(runtime.status("c") == "running");
  Pty pty;
  pty.resize(24, 80);
  Command attached = attach(runtime, pty);
  pty.read_until("got first of 24 80\r\n");
  pty.write("second\r");
  pty.read_until("got second");
  pty.write(detach_keys);
  BOOST_TEST(attached.wait().status == 0);
}

BOOST_AUTO_TEST_CASE(attach_ends_when_nobody_reads_its_output) {
  Runtime runtime;
  Bundle bundle;
  bundle.shell("echo said; read line; echo more; sleep 1000");
  Shimmed shimmed{runtime, bundle, {"--stdin"}};
  RunOptions options;
  options.keep_input_open = true;
  Command attached{runtime.command({"attach", "c"}), options};
  attached.read_until("said\n");
  attached.close_output();
  attached.write("go on\n");
  const Output output = attached.wait();
  BOOST_TEST(output.status == 1);
  BOOST_TEST(contains(output.err, "write 1: Broken pipe"), output.err);
  BOOST_TEST(runtime.status("c") == "running");
}

BOOST_AUTO_TEST_CASE(half_of_the_detach_keys_is_input) {
  Runtime runtime;
  Bundle bundle;
  Shimmed shimmed{runtime, with_terminal(bundle, "stty raw; echo ready; head -c 3 | od -An -tx1")};
  Pty pty;
  Command attached = attach(runtime, pty);
  pty.read_until("ready");
  pty.write(
      "\x10"
      "ab");
  pty.read_until("10 61 62");
  BOOST_TEST(attached.wait().status == 0);
}

BOOST_AUTO_TEST_CASE(end_of_the_process_ends_attach_with_its_exit_code) {
  Runtime runtime;
  Bundle bundle;
  Shimmed shimmed{runtime, with_terminal(bundle, "echo ready; read x; echo last; exit 42")};
  Pty pty;
  Command attached = attach(runtime, pty);
  pty.read_until("ready\r\n");
  pty.write("x\r");
  pty.read_until("last\r\n");
  BOOST_TEST(attached.wait().status == 42);
  BOOST_TEST(!is_raw(pty));
}

BOOST_AUTO_TEST_CASE(interrupt_key_reaches_the_process) {
  Runtime runtime;
  Bundle bundle;
  Shimmed shimmed{runtime, with_terminal(bundle,
                                         "trap 'echo caught; exit 9' INT; echo ready; "
                                         "while :; do sleep 0.05; done")};
  Pty pty;
  Command attached = attach(runtime, pty);
  pty.read_until("ready\r\n");
  pty.write("\x03");
  pty.read_until("caught");
  BOOST_TEST(attached.wait().status == 9);
}

BOOST_AUTO_TEST_CASE(run_in_the_foreground_is_at_the_terminal) {
  Runtime runtime;
  Bundle bundle;
  with_terminal(bundle, "stty size; read x; echo got $x; exit 5").write();
  Pty pty;
  pty.resize(33, 77);
  Command run{runtime.command({"run", "--shim", "--stdin", "--bundle", bundle.path(), "c"}),
              pty.options()};
  pty.read_until("33 77\r\n");
  pty.write("hello\r");
  pty.read_until("got hello\r\n");
  BOOST_TEST(run.wait().status == 5);
  BOOST_TEST(runtime.ids().empty());
}

BOOST_AUTO_TEST_CASE(detach_keys_leave_what_run_has_started_and_end_no_input) {
  Runtime runtime;
  Bundle bundle;
  with_terminal(bundle, "echo ready; while read x; do echo got $x; done; echo ended; sleep 1000")
      .write();
  const auto command =
      runtime.command({"run", "--shim", "--stdin", "--bundle", bundle.path(), "c"});
  {
    Pty pty;
    Command run{command, pty.options()};
    pty.read_until("ready\r\n");
    pty.write(detach_keys);
    BOOST_TEST(run.wait().status == 0);
  }
  BOOST_TEST(runtime.status("c") == "running");
  Pty pty;
  Command attached = attach(runtime, pty);
  pty.write("still\r");
  pty.read_until("got still");
  BOOST_TEST(!contains(pty.seen(), "ended"), pty.seen());
  BOOST_TEST(runtime.kill("c", "KILL").status == 0);
  BOOST_TEST(attached.wait().status == 137);
  BOOST_TEST(runtime.del("c").status == 0);
}

BOOST_AUTO_TEST_CASE(clients_at_once_all_see_the_output) {
  Runtime runtime;
  Bundle bundle;
  Shimmed shimmed{runtime,
                  bundle.shell("echo ready; while read x; do echo out $x; "
                               "echo err $x >&2; done; exit 3"),
                  {"--stdin"}};
  Command one{runtime.command({"attach", "c"}), {.keep_input_open = true}};
  Command two{runtime.command({"attach", "--no-stdin", "c"}), {.keep_input_open = true}};
  one.read_until("ready\n");
  two.read_until("ready\n");
  one.write("a\n");
  one.read_until("out a\n");
  two.read_until("out a\n");
  // The end of one client's input is not that of the container's.
  one.close_input();
  Command three{runtime.command({"attach", "c"}), {.keep_input_open = true}};
  three.write("b\n");
  two.read_until("out b\n");
  BOOST_TEST(runtime.kill("c", "KILL").status == 0);
  for (Command* command : {&one, &two, &three}) {
    const Output output = command->wait();
    BOOST_TEST(output.status == 137);
    BOOST_TEST(contains(output.err, "err b\n"), output.err);
  }
}

BOOST_AUTO_TEST_CASE(client_that_reads_nothing_does_not_hold_the_container) {
  Runtime runtime;
  Bundle bundle;
  Shimmed shimmed{
      runtime, bundle.shell("echo ready; read x; head -c 4194304 /dev/zero; exit 3"), {"--stdin"}};
  Command stalled{runtime.command({"attach", "--no-stdin", "c"}), {.keep_input_open = true}};
  stalled.read_until("ready\n");
  stalled.send(SIGSTOP);
  Command other{runtime.command({"attach", "c"}), {.keep_input_open = true}};
  other.write("go\n");
  BOOST_TEST(shimmed.wait()["status"] == 3);
  BOOST_TEST(other.wait().status == 3);
  stalled.send(SIGCONT);
  BOOST_TEST(stalled.wait().status == 3);
}

BOOST_AUTO_TEST_CASE(without_replay_only_new_output_comes) {
  Runtime runtime;
  Bundle bundle;
  Shimmed shimmed{runtime, bundle.shell("echo old; read x; echo new"), {"--stdin"}};
  Command first{runtime.command({"attach", "--no-stdin", "c"}), {.keep_input_open = true}};
  first.read_until("old\n");
  const Output output = runtime.call({"attach", "--no-replay", "c"}, {.input = "x\n"});
  BOOST_TEST(output.out == "new\n");
  BOOST_TEST(first.wait().out == "old\nnew\n");
}

BOOST_AUTO_TEST_SUITE_END()
