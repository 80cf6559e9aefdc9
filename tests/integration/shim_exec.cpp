// Processes that exec adds, with streams that the shim keeps: attached to, signalled, waited for.
#include <signal.h>

#include "tests/support/black_box.hpp"
#include "tests/support/shimmed.hpp"

using namespace ocelot::test;

namespace {

// One line for each that is typed.
const char* const echoes = "echo ready; while read x; do echo got $x; done; exit 6";

struct Added {
  Runtime runtime;
  Bundle bundle;
  Shimmed shimmed{runtime, bundle.args({"sleep", "1000"})};

  Output exec(std::vector<std::string> flags, const std::string& script) const {
    flags.insert(flags.begin(), {"exec", "--attachable"});
    return shimmed.call(flags, {"sh", "-c", script});
  }
  std::vector<std::string> attach(const std::string& process) const {
    return runtime.command({"attach", "--process", process, "c"});
  }
  Output wait(const std::string& process) const {
    return runtime.call({"wait", "--process", process, "c"});
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(shim_exec, *needs::root() * needs::ocelot())

BOOST_AUTO_TEST_CASE(a_process_is_attached_to_after_it_has_begun) {
  Added c;
  const Output made = c.exec({"--name", "shell", "--stdin"}, echoes);
  BOOST_TEST(made.status == 0, made.err);
  BOOST_TEST(made.out == "shell\n");
  Command one{c.attach("shell"), {.keep_input_open = true}};
  one.write("a\n");
  one.read_until("ready\ngot a\n");
  // The end of one client is not that of the process.
  one.close_input();
  Command two{c.attach("shell"), {.keep_input_open = true}};
  two.read_until("ready\ngot a\n");
  two.write("b\n");
  two.read_until("got b\n");
  BOOST_TEST(c.runtime.call({"kill", "--process", "shell", "c", "KILL"}).status == 0);
  BOOST_TEST(one.wait().status == 137);
  BOOST_TEST(two.wait().status == 137);
  BOOST_TEST(c.wait("shell").out == "137\n");
  BOOST_TEST(c.runtime.status("c") == "running");
}

BOOST_AUTO_TEST_CASE(a_process_is_named_by_its_id_too) {
  Added c;
  TempDir files;
  BOOST_TEST(c.exec({"--pid-file", files / "pid"}, "echo up; exec sleep 1000").out == "exec-1\n");
  const std::string pid = read_file(files / "pid");
  Command attached{c.attach(pid), {.keep_input_open = true}};
  attached.read_until("up\n");
  BOOST_TEST(c.runtime.call({"kill", "--process", pid, "c", "TERM"}).status == 0);
  BOOST_TEST(attached.wait().status == 143);
  BOOST_TEST(c.wait(pid).out == "143\n");
  const Output again = c.runtime.call({"kill", "--process", pid, "c", "TERM"});
  BOOST_TEST(again.status == 1);
  BOOST_TEST(contains(again.err, "already finished"), again.err);
}

BOOST_AUTO_TEST_CASE(a_terminal_is_left_and_found_again) {
  Added c;
  c.exec({"--tty", "--name", "t"}, "echo ready; while read x; do echo $x of $(stty size); done");
  for (const std::string word : {"one", "two"}) {
    Pty pty;
    pty.resize(33, 77);
    Command attached{c.attach("t"), pty.options()};
    pty.read_until(word == "one" ? "ready\r\n" : "one of 33 77\r\n");
    pty.write(word + "\r");
    pty.read_until(word + " of 33 77\r\n");
    pty.write("\x10\x11");  // ctrl-p ctrl-q
    BOOST_TEST(attached.wait().status == 0);
  }
  Pty pty;
  Command attached{c.attach("t"), pty.options()};
  pty.read_until("two of");
  pty.write("\x03");
  BOOST_TEST(attached.wait().status == 130);
}

BOOST_AUTO_TEST_CASE(signals_of_who_is_attached_are_the_process_s) {
  Added c;
  c.exec({"--name", "t"}, "trap 'echo caught; exit 9' USR1; echo up; while :; do sleep 0.05; done");
  Command attached{c.attach("t"), {.keep_input_open = true}};
  attached.read_until("up\n");
  attached.send(SIGUSR1);
  const Output output = attached.wait();
  BOOST_TEST(output.status == 9);
  BOOST_TEST(contains(output.out, "caught"), output.out);
  BOOST_TEST(c.runtime.status("c") == "running");
}

BOOST_AUTO_TEST_CASE(without_stdin_the_process_finds_the_end_of_its_input) {
  Added c;
  c.exec({"--name", "t"}, "cat; echo end");
  BOOST_TEST(c.wait("t").out == "0\n");
  const Output attached = c.runtime.call({"attach", "--process", "t", "c"});
  BOOST_TEST(attached.out == "end\n");
  BOOST_TEST(attached.status == 0);
}

BOOST_AUTO_TEST_CASE(all_of_the_last_output_is_there_when_the_end_is_told) {
  Added c;
  c.exec({"--name", "t", "--stdin"}, "echo up; read x; head -c 1000000 /dev/zero; echo; exit 4");
  Command attached{c.attach("t"), {.keep_input_open = true}};
  attached.read_until("up\n");
  attached.write("go\n");
  const Output output = attached.wait();
  BOOST_TEST(output.status == 4);
  BOOST_TEST(output.out.size() == 3u + 1'000'001u);
}

BOOST_AUTO_TEST_CASE(the_output_of_the_last_ones_that_ended_is_kept) {
  Added c;
  for (int i = 0; i < 10; ++i) {
    const std::string name = "t" + std::to_string(i);
    c.exec({"--name", name}, "echo out " + name);
    BOOST_TEST(c.wait(name).out == "0\n");
  }
  BOOST_TEST(c.runtime.call({"attach", "--process", "t9", "c"}).out == "out t9\n");
  BOOST_TEST(c.runtime.call({"attach", "--process", "t2", "c"}).out == "out t2\n");
  const Output forgotten = c.runtime.call({"attach", "--process", "t1", "c"});
  BOOST_TEST(forgotten.status == 1);
  BOOST_TEST(contains(forgotten.err, "does not keep the streams"), forgotten.err);
  BOOST_TEST(c.wait("t1").out == "0\n");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_attached_to_says_so) {
  Added c;
  BOOST_TEST(c.shimmed.call({"exec", "--detach", "--name", "own"}, {"sleep", "1000"}).status == 0);
  const Output own = c.runtime.call({"attach", "--process", "own", "c"});
  BOOST_TEST(own.status == 1);
  BOOST_TEST(contains(own.err, "does not keep the streams of process \"own\""), own.err);
  BOOST_TEST(contains(own.err, "exec --attachable"), own.err);
  const Output nobody = c.runtime.call({"attach", "--process", "nobody", "c"});
  BOOST_TEST(contains(nobody.err, "no process \"nobody\" was added"), nobody.err);
  const Output two = c.runtime.call({"kill", "--all", "--process", "own", "c"});
  BOOST_TEST(contains(two.err, "--process"), two.err);
  const Output socket = c.exec({"--console-socket", "/nowhere"}, "true");
  BOOST_TEST(contains(socket.err, "--attachable"), socket.err);
}

BOOST_AUTO_TEST_CASE(a_program_that_cannot_be_executed_leaves_nothing) {
  Added c;
  const Output missing = c.shimmed.call({"exec", "--attachable", "--name", "t"}, {"/nowhere"});
  BOOST_TEST(missing.status == 255);
  BOOST_TEST(contains(missing.err, "/nowhere"), missing.err);
  const Output with_terminal =
      c.shimmed.call({"exec", "--attachable", "-t", "--name", "t"}, {"/nowhere"});
  BOOST_TEST(with_terminal.status == 255);
  BOOST_TEST(c.exec({"--name", "t"}, "true").out == "t\n");
}

BOOST_AUTO_TEST_CASE(a_container_without_a_shim_has_nobody_to_keep_them) {
  Runtime runtime;
  Bundle bundle;
  auto container = runtime.must_create(bundle.args({"sleep", "1000"}), "bare");
  container.start();
  for (const std::vector<std::string>& flags :
       {std::vector<std::string>{"--attachable"}, {"--name", "t"}}) {
    std::vector<std::string> words{"exec"};
    words.insert(words.end(), flags.begin(), flags.end());
    words.insert(words.end(), {"bare", "true"});
    const Output output = runtime.call(words);
    BOOST_TEST(output.status == 255);
    BOOST_TEST(contains(output.err, "has no shim"), output.err);
  }
  const Output killed = runtime.call({"kill", "--process", "t", "bare"});
  BOOST_TEST(contains(killed.err, "has no shim"), killed.err);
  container.del({"--force"});
  container.wait();
}

BOOST_AUTO_TEST_SUITE_END()
