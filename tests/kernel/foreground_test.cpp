#include "runtime/foreground.hpp"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <functional>
#include <sstream>

#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/base/sys_terminals.hpp"
#include "tests/support/check.hpp"
#include "tests/support/pty.hpp"
#include "tests/support/temp_dir.hpp"

namespace ocelot {
namespace {

using Body = std::function<int()>;

enum class With { terminal, streams };

void say(const std::string& text) {
  sys::write_all(STDOUT_FILENO, text);
}

void no_error(const Error& error) {
  sys::write_all(STDERR_FILENO, std::string(error.what()) + "\n");
}

// What `run` does in the foreground, with `body` for the container's process.
int attend(With with, const Body& body, Orphans orphans) {
  UniqueFd master, peer;
  if (with == With::terminal) {
    master = sys::open(AT_FDCWD, "/dev/ptmx", O_RDWR | O_NOCTTY);
    sys::unlock_terminal(master.get());
    peer = sys::open_terminal_peer(master.get());
  }
  const int master_number = master.get();
  Foreground foreground{std::move(master)};
  ChildProcess process = spawn(
      "process", {},
      [&] {
        sys::new_session();
        sys::reset_signal_handlers();
        sys::unblock_all_signals();
        if (peer) {
          for (int fd = 0; fd <= 2; ++fd) sys::duplicate_to(peer.get(), fd);
          sys::set_controlling_terminal(0);
          ::close(master_number);
          peer.reset();
        }
        return body();
      },
      no_error);
  peer.reset();
  return foreground.run(process, orphans).shell_status();
}

int shell(const std::string& script) {
  ::execl("/bin/sh", "sh", "-c", script.c_str(), nullptr);
  return 127;
}
Body script(const std::string& text) {
  return [text] { return shell(text); };
}

// The caller of `run`: a process with the given standard streams, in a session of its own.
ChildProcess start_caller(int in, int out, With with, const Body& body,
                          Orphans orphans = Orphans::leave) {
  return spawn(
      "caller", {},
      [&] {
        sys::new_session();
        sys::duplicate_to(in, STDIN_FILENO);
        sys::duplicate_to(out, STDOUT_FILENO);
        if (::isatty(STDIN_FILENO) != 0) sys::set_controlling_terminal(STDIN_FILENO);
        sys::close_range(3, ~0u, 0);  // the test's ends of pipes: their closing must be seen
        if (orphans == Orphans::reap) sys::set_child_subreaper(true);
        return attend(with, body, orphans);
      },
      no_error);
}

// A caller who sits at a terminal.
struct AtTerminal {
  test::Pty pty;
  ChildProcess caller;

  explicit AtTerminal(const Body& body, With with = With::terminal) { start(body, with); }
  AtTerminal() = default;
  void start(const Body& body, With with = With::terminal) {
    caller = start_caller(pty.slave(), pty.slave(), with, body);
  }
  bool is_raw() const { return (pty.attributes().c_lflag & (ICANON | ECHO | ISIG)) == 0; }
};

// A caller whose streams are pipes.
struct WithPipes {
  sys::Pipe in = sys::pipe(), out = sys::pipe();
  std::string seen;
  ChildProcess caller;

  void start(With with, const Body& body, Orphans orphans = Orphans::leave) {
    caller = start_caller(in.read_end.get(), out.write_end.get(), with, body, orphans);
    in.read_end.reset();
    out.write_end.reset();
  }
  void read_until(std::string_view text) { test::read_until(out.read_end.get(), seen, text); }
  std::string read_to_end() { return test::read_to_end(out.read_end.get()); }
};

void wait_until(const std::function<bool()>& holds) {
  for (int left = 4000; left > 0; --left) {
    if (holds()) return;
    ::poll(nullptr, 0, 5);
  }
  BOOST_FAIL("did not come to hold within 20 s");
}

// Waits until a pipe is full because nobody takes what is in it: however much that is, it grows no
// more.
void wait_until_full(
    const UniqueFd& pipe, const std::function<void()>& fill = [] {}) {
  int before = 0;
  wait_until([&] {
    fill();
    int waiting = 0;
    ::ioctl(pipe.get(), FIONREAD, &waiting);
    ::poll(nullptr, 0, 100);
    return waiting > 0 && std::exchange(before, waiting) == waiting;
  });
}

// Clock ticks of processor time, user and system.
long processor_time(pid_t pid) {
  const std::string stat = test::read_file("/proc/" + std::to_string(pid) + "/stat");
  std::istringstream fields(stat.substr(stat.rfind(')') + 2));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  long user = 0, system = 0;
  fields >> user >> system;
  return user + system;
}

// Over half a second, in which nothing is to do.
void check_idle(const ChildProcess& caller) {
  const long before = processor_time(caller.pid());
  BOOST_REQUIRE(!wait_readable(caller.pidfd(), 500));
  BOOST_TEST(processor_time(caller.pid()) - before <= 2);
}

// Says which signals it gets, one after the other, and ends at SIGTERM.
int tell_signals() {
  sigset_t all;
  ::sigfillset(&all);
  sys::block_signals(all);
  say("ready\n");
  for (;;) {
    int signal = 0;
    ::sigwait(&all, &signal);
    say("got " + std::to_string(signal) + "\n");
    if (signal == SIGWINCH) {
      const auto size = sys::window_size(STDIN_FILENO);
      if (size)
        say("size " + std::to_string(size->ws_row) + " " + std::to_string(size->ws_col) + "\n");
    }
    if (signal == SIGTERM) return 0;
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(foreground)

BOOST_AUTO_TEST_CASE(the_status_of_the_process_is_returned) {
  for (const With with : {With::streams, With::terminal}) {
    WithPipes plain, killed;
    plain.start(with, [] { return 42; });
    BOOST_TEST(plain.caller.wait().code == 42);
    killed.start(with, [] { return ::raise(SIGKILL); });
    BOOST_TEST(killed.caller.wait().code == 128 + SIGKILL);
  }
}

BOOST_AUTO_TEST_CASE(signals_are_forwarded) {
  for (const With with : {With::streams, With::terminal}) {
    WithPipes run;
    run.start(with, tell_signals);
    run.read_until("ready");
    for (const int signal : {SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGCONT, SIGTSTP,
                             SIGTTIN, SIGTTOU, SIGABRT, SIGRTMIN + 3, SIGRTMAX}) {
      run.caller.kill(signal);
      run.read_until("got " + std::to_string(signal));
    }
    run.caller.kill(SIGTERM);
    BOOST_TEST(run.caller.wait().code == 0);
  }
}

BOOST_AUTO_TEST_CASE(signals_that_are_the_callers_own_are_not_forwarded) {
  WithPipes run;
  run.start(With::streams, tell_signals);
  run.read_until("ready");
  for (const int signal : {SIGWINCH, SIGCHLD, SIGURG, SIGPIPE}) run.caller.kill(signal);
  run.caller.kill(SIGRTMIN);  // delivered after all of them
  run.read_until("got " + std::to_string(SIGRTMIN));
  BOOST_TEST(run.seen == "ready\ngot " + std::to_string(SIGRTMIN) + "\n");
  run.caller.kill(SIGTERM);
  BOOST_TEST(run.caller.wait().code == 0);
}

BOOST_AUTO_TEST_CASE(what_is_typed_arrives_and_what_is_written_is_shown) {
  AtTerminal run(script("stty -echo; echo ready; read word; echo you said $word"));
  run.pty.read_until("ready");
  run.pty.write("hello\r");
  run.pty.read_until("you said hello");
  BOOST_TEST(run.caller.wait().code == 0);
}

BOOST_AUTO_TEST_CASE(the_interrupt_character_reaches_the_process_as_a_signal) {
  AtTerminal run(script("trap 'exit 5' INT; echo ready; read word; exit 6"));
  run.pty.read_until("ready");
  run.pty.write("\x03");
  BOOST_TEST(run.caller.wait().code == 5);
}

BOOST_AUTO_TEST_CASE(the_callers_terminal_is_raw_meanwhile_and_as_before_afterwards) {
  AtTerminal run;
  const termios before = run.pty.attributes();
  run.start(script("echo ready; read word"));
  run.pty.read_until("ready");
  wait_until([&] { return run.is_raw(); });
  run.pty.write("\r");
  BOOST_TEST(run.caller.wait().code == 0);
  const termios after = run.pty.attributes();
  BOOST_TEST(after.c_lflag == before.c_lflag);
  BOOST_TEST(after.c_oflag == before.c_oflag);
  BOOST_TEST(after.c_iflag == before.c_iflag);
}

BOOST_AUTO_TEST_CASE(the_callers_terminal_is_restored_when_the_program_crashes) {
  for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) {
    AtTerminal run;
    const tcflag_t before = run.pty.attributes().c_lflag;
    run.start(script("echo ready; read word"));
    run.pty.read_until("ready");
    wait_until([&] { return run.is_raw(); });
    run.caller.kill(fault);
    BOOST_TEST(run.caller.wait().signal == fault);
    BOOST_TEST(run.pty.attributes().c_lflag == before);
  }
}

BOOST_AUTO_TEST_CASE(the_process_finds_the_callers_window_size_at_its_start) {
  AtTerminal run;
  run.pty.resize(33, 77);
  run.start(script("stty size"));
  run.pty.read_until("33 77");
  BOOST_TEST(run.caller.wait().code == 0);
}

BOOST_AUTO_TEST_CASE(a_resize_is_passed_on) {
  AtTerminal run(tell_signals);
  run.pty.read_until("ready");
  run.pty.resize(44, 99);
  run.pty.read_until("size 44 99");
  run.caller.kill(SIGTERM);
  BOOST_TEST(run.caller.wait().code == 0);
}

BOOST_AUTO_TEST_CASE(the_last_words_of_a_fast_process_are_not_lost) {  // L12
  for (int round = 0; round < 30; ++round) {
    WithPipes run;
    run.start(With::terminal, [] {
      say(std::string(40000, 'x') + "the end\n");
      return 0;
    });
    BOOST_TEST(run.read_to_end() == std::string(40000, 'x') + "the end\n");
    BOOST_TEST(run.caller.wait().code == 0);
  }
}

BOOST_AUTO_TEST_CASE(output_that_is_taken_late_is_whole) {
  WithPipes run;
  run.start(With::terminal, [] {
    for (int line = 0; line < 30000; ++line) say("0123456789abcdef0123456789abcd\n");
    return 0;
  });
  wait_until_full(run.out.read_end);
  BOOST_TEST(run.read_to_end().size() == 30000u * 31);
  BOOST_TEST(run.caller.wait().code == 0);
}

BOOST_AUTO_TEST_CASE(
    output_that_nobody_takes_costs_no_processor_time_and_delays_no_signal) {  // L13
  WithPipes run;
  run.start(With::terminal, [] {
    ::signal(SIGUSR1, [](int) { ::_exit(9); });
    for (;;) say(std::string(1000, 'x'));
    return 0;
  });
  wait_until_full(run.out.read_end);
  check_idle(run.caller);
  run.caller.kill(SIGUSR1);
  run.read_to_end();
  BOOST_TEST(run.caller.wait().code == 9);
}

BOOST_AUTO_TEST_CASE(a_terminating_signal_ends_the_wait_for_output_that_nobody_takes) {
  WithPipes run;
  run.start(With::terminal, [] {
    ::signal(SIGUSR1, [](int) { ::_exit(9); });
    for (;;) say(std::string(1000, 'x'));
    return 0;
  });
  wait_until_full(run.out.read_end);
  run.caller.kill(SIGUSR1);
  // The process is gone when the caller has no child left.
  const std::string pid = std::to_string(run.caller.pid());
  wait_until(
      [&] { return test::read_file("/proc/" + pid + "/task/" + pid + "/children").empty(); });
  run.caller.kill(SIGTERM);
  BOOST_TEST(run.caller.wait().code == 9);
}

BOOST_AUTO_TEST_CASE(input_that_nobody_takes_costs_no_processor_time_and_is_not_hoarded) {  // L13
  WithPipes run;
  run.start(With::terminal, tell_signals);
  run.read_until("ready");
  sys::set_nonblocking(run.in.write_end.get(), true);
  const std::string line = std::string(99, 'y') + "\n";
  std::size_t taken = 0;
  wait_until_full(run.in.write_end, [&] {
    ssize_t count;
    while ((count = sys::try_write(run.in.write_end.get(), line)) > 0)
      taken += static_cast<std::size_t>(count);
  });
  BOOST_TEST(taken < 400000u);
  check_idle(run.caller);
  run.caller.kill(SIGTERM);
  run.read_to_end();
  BOOST_TEST(run.caller.wait().code == 0);
}

BOOST_AUTO_TEST_CASE(
    a_terminal_that_the_process_has_closed_costs_no_processor_time_and_can_be_opened_again) {
  WithPipes run;
  run.start(With::terminal, [] {
    const std::string name = ::ttyname(STDIN_FILENO);
    ::signal(SIGHUP, SIG_IGN);
    sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, SIGUSR1);
    sys::block_signals(set);
    say("ready\n");
    for (int fd = 0; fd <= 2; ++fd) ::close(fd);
    int signal = 0;
    ::sigwait(&set, &signal);
    for (int fd = 0; fd <= 2; ++fd) static_cast<void>(::open(name.c_str(), O_RDWR | O_NOCTTY));
    say("again\n");
    // Stays until it is told that this was seen: the end of the process is not what brings the
    // words across.
    ::sigwait(&set, &signal);
    return 3;
  });
  run.read_until("ready");
  check_idle(run.caller);
  run.caller.kill(SIGUSR1);
  run.read_until("again");
  check_idle(run.caller);
  run.caller.kill(SIGUSR1);
  BOOST_TEST(run.caller.wait().code == 3);
}

BOOST_AUTO_TEST_CASE(the_end_of_the_callers_input_is_the_end_of_the_processs) {
  for (const char* input : {"one\ntwo\n", "one\ntwo", ""}) {
    WithPipes run;
    run.start(With::terminal, script("stty -echo; wc -c"));
    sys::write_all(run.in.write_end.get(), input);
    run.in.write_end.reset();
    run.read_until(std::to_string(std::string_view(input).size()));
    BOOST_TEST(run.caller.wait().code == 0);
  }
}

BOOST_AUTO_TEST_CASE(input_and_output_may_be_files) {
  const test::TempDir directory;
  std::string lines;
  for (int line = 0; line < 2000; ++line) lines += "0123456789abcdef0123456789abcd\n";
  test::write_file(directory / "in", lines);
  const UniqueFd in = sys::open(AT_FDCWD, directory / "in", O_RDONLY);
  const UniqueFd out = sys::open(AT_FDCWD, directory / "out", O_WRONLY | O_CREAT, 0600);
  ChildProcess caller = start_caller(in.get(), out.get(), With::terminal, script("wc -c"));
  BOOST_TEST(caller.wait().code == 0);
  BOOST_TEST(test::read_file(directory / "out").find("62000") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(output_that_goes_nowhere_does_not_stop_the_process) {
  const UniqueFd null = sys::open(AT_FDCWD, "/dev/null", O_RDWR);
  const Body much = [] {
    for (int i = 0; i < 300; ++i) say(std::string(1000, 'x'));
    return 7;
  };
  ChildProcess caller = start_caller(null.get(), null.get(), With::terminal, much);
  BOOST_TEST(caller.wait().code == 7);
  WithPipes run;
  run.out.read_end.reset();
  run.start(With::terminal, much);
  BOOST_TEST(run.caller.wait().code == 7);
}

BOOST_AUTO_TEST_CASE(the_callers_streams_stay_blocking) {
  AtTerminal run(script("echo ready; read word"));
  run.pty.read_until("ready");
  wait_until([&] { return run.is_raw(); });
  BOOST_TEST((::fcntl(run.pty.slave(), F_GETFL) & O_NONBLOCK) == 0);
  run.pty.write("\r");
  BOOST_TEST(run.caller.wait().code == 0);
}

BOOST_AUTO_TEST_CASE(lines_end_as_they_were_written_unless_a_terminal_shows_them) {
  WithPipes piped;
  piped.start(With::terminal, script("echo line"));
  BOOST_TEST(piped.read_to_end() == "line\n");
  AtTerminal shown(script("echo line"));
  shown.pty.read_until("line\r\n");
}

BOOST_AUTO_TEST_CASE(orphans_are_reaped) {
  WithPipes run;
  run.start(
      With::streams,
      [] {
        sys::Pipe pipe = sys::pipe();
        ChildProcess parent = spawn(
            "parent", {},
            [&] {
              ChildProcess orphan = spawn(
                  "orphan", {}, [] { return 0; }, no_error);
              sys::write_all(pipe.write_end.get(), std::to_string(orphan.pid()));
              static_cast<void>(orphan.release());
              return 0;
            },
            no_error);
        parent.wait();
        pipe.write_end.reset();
        const std::string orphan = "/proc/" + sys::read_all(pipe.read_end.get());
        for (int left = 2000; left > 0 && ::access(orphan.c_str(), F_OK) == 0; --left)
          ::poll(nullptr, 0, 5);
        return ::access(orphan.c_str(), F_OK) == 0 ? 1 : 0;
      },
      Orphans::reap);
  BOOST_TEST(run.caller.wait().code == 0);
}

BOOST_AUTO_TEST_CASE(
    a_stop_of_the_job_gives_the_terminal_back_and_its_continuation_takes_it_again) {
  AtTerminal run;
  const tcflag_t before = run.pty.attributes().c_lflag;
  run.start(script("trap '' TSTP; echo ready; read word"));
  run.pty.read_until("ready");
  wait_until([&] { return run.is_raw(); });
  run.caller.kill(SIGTSTP);
  BOOST_TEST(sys::wait(run.caller.pidfd(), WSTOPPED)->si_status == SIGSTOP);
  BOOST_TEST(run.pty.attributes().c_lflag == before);
  run.caller.kill(SIGCONT);
  wait_until([&] { return run.is_raw(); });
  run.pty.write("\r");
  BOOST_TEST(run.caller.wait().code == 0);
  BOOST_TEST(run.pty.attributes().c_lflag == before);
}

BOOST_AUTO_TEST_CASE(a_job_in_the_background_leaves_the_terminal_alone_and_is_heard_all_the_same) {
  test::Pty pty;
  const tcflag_t before = pty.attributes().c_lflag;
  ChildProcess shell_of_the_job = spawn(
      "shell", {},
      [&] {
        sys::new_session();
        for (int fd = 0; fd <= 2; ++fd) sys::duplicate_to(pty.slave(), fd);
        sys::set_controlling_terminal(0);
        ChildProcess job = spawn(
            "job", {},
            [&] {
              ::setpgid(0, 0);
              return attend(With::terminal, tell_signals, Orphans::leave);
            },
            no_error);
        ::signal(SIGTTOU, SIG_IGN);
        say("job " + std::to_string(job.pid()) + ".\n");
        return job.wait().code;
      },
      no_error);
  pty.read_until("ready");
  BOOST_TEST(pty.attributes().c_lflag == before);
  const std::string seen = pty.read_until(".");
  const pid_t job = std::stoi(seen.substr(seen.find("job ") + 4));
  ::kill(job, SIGTERM);
  BOOST_TEST(shell_of_the_job.wait().code == 0);
  BOOST_TEST(pty.attributes().c_lflag == before);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot
