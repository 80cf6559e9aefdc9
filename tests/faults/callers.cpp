// What callers do to the runtime: signals (F36), closed and full streams (F37), console sockets
// that are none (F32); and how the container's process ended reaches them (F30).
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>

#include "tests/faults/step.hpp"
#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;
using namespace std::chrono_literals;

namespace {

std::string first_of(const std::vector<std::string>& lines) {
  return lines.empty() ? std::string{} : lines.front();
}

// A pipe that nobody reads and that is full.
class FullPipe {
 public:
  FullPipe() {
    int ends[2];
    checked(::pipe2(ends, O_CLOEXEC | O_NONBLOCK), "pipe2");
    read_ = UniqueFd{ends[0]};
    write_ = UniqueFd{ends[1]};
    const std::string block(4096, 'x');
    while (::write(write_.get(), block.data(), block.size()) > 0) {
    }
    while (::write(write_.get(), "x", 1) > 0) {
    }
    checked(::fcntl(write_.get(), F_SETFL, 0), "fcntl");  // blocking, as a caller's is
  }

  int write_end() const { return write_.get(); }

 private:
  UniqueFd read_;
  UniqueFd write_;
};

int status_of(const Runtime& runtime, Bundle& bundle, const std::string& script) {
  return runtime.run(bundle.shell(script)).status;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(callers, *needs::root())

BOOST_AUTO_TEST_CASE(exit_codes_arrive) {  // F30
  Runtime runtime;
  Bundle bundle;
  for (int code : {0, 1, 2, 3, 42, 125, 126, 127, 128, 129, 137, 200, 254, 255})
    BOOST_TEST(status_of(runtime, bundle, "exit " + std::to_string(code)) == code);
}

BOOST_AUTO_TEST_CASE(signals_that_end_the_process_arrive_as_128_and_more) {  // F30
  Runtime runtime;
  Bundle bundle;
  // Init of a pid namespace is not ended by its own signals, so the runtime's are shared.
  bundle.remove_namespace("pid");
  for (int number : {SIGHUP, SIGINT, SIGKILL, SIGUSR1, SIGSEGV, SIGALRM, SIGTERM, 35, 64}) {
    bundle.shell("ulimit -c 0; kill -" + std::to_string(number) + " $$; exit 99");
    const Output output = runtime.run(bundle);
    BOOST_TEST(output.status == 128 + number, "signal " << number << " " << output.err);
  }
}

BOOST_AUTO_TEST_CASE(stopping_and_continuing_is_no_end) {  // F30
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args(probe_args({{"hold"}})));
  container.start();
  container.read_until("ready\n");
  BOOST_TEST(container.kill("STOP").status == 0);
  BOOST_TEST(container.state()["status"] == "running");
  BOOST_TEST(container.kill("CONT").status == 0);
  BOOST_TEST(container.state()["status"] == "running");
  container.close_input();
  container.wait();
  BOOST_TEST(container.state()["status"] == "stopped");
}

BOOST_AUTO_TEST_CASE(an_init_that_ends_before_start_is_told_at_start) {  // F30
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args({"/bin/true"}));
  checked(::kill(container.pid(), SIGKILL), "kill init");
  container.wait();
  check_error(container.start(), "cannot start a container that has stopped");
}

BOOST_AUTO_TEST_CASE(a_signal_that_ends_create_leaves_what_delete_removes,
                     *needs::ocelot("SIGQUIT makes a Go program dump its stacks")) {  // F36
  Runtime runtime;
  Bundle bundle;
  bundle.args({"/bin/true"}).write();
  const std::vector<std::string> create =
      runtime.command({"create", "--bundle", bundle.path(), "c"});
  const Leftovers before{{runtime.root()}};
  for (int number : {SIGTERM, SIGINT, SIGHUP, SIGQUIT}) {
    Command command{create};
    command.send(number);
    const Output output = command.wait();
    BOOST_TEST((output.status == 0 || output.status == 1 || output.status == 128 + number),
               "status " << output.status);
    BOOST_TEST(runtime.del("c", {"--force"}).status == 0);
    const std::vector<std::string> left = before.since();
    BOOST_TEST(left.empty(), "left behind: " << first_of(left));
  }
}

BOOST_AUTO_TEST_CASE(signals_that_end_nobody_do_not_disturb_create,
                     *needs::ocelot("runc has signals of its own")) {  // F36
  Runtime runtime;
  Bundle bundle;
  bundle.args({"/bin/true"}).write();
  Command create{runtime.command({"create", "--bundle", bundle.path(), "c"})};
  for (int i = 0; i < 300; ++i) {
    for (int number : {SIGWINCH, SIGCHLD, SIGCONT, SIGURG})
      ::syscall(SYS_pidfd_send_signal, create.pidfd(), number, nullptr, 0);
  }
  const Output output = create.wait();
  BOOST_TEST(output.status == 0, output.err);
}

BOOST_AUTO_TEST_CASE(closed_streams_do_not_disturb) {  // F37
  for (unsigned closed = 1; closed < 8; ++closed) {
    BOOST_TEST_CONTEXT("closed: " << closed) {
      Runtime runtime;
      Bundle bundle;
      bundle.args({"/bin/true"}).write();
      RunOptions options;
      options.in_child = [closed] {
        for (int fd = 0; fd < 3; ++fd)
          if ((closed >> fd & 1) != 0) ::close(fd);
      };
      const Leftovers before{{runtime.root()}};
      BOOST_TEST(runtime.call({"create", "--bundle", bundle.path(), "c"}, options).status == 0);
      BOOST_TEST(runtime.call({"state", "c"}, options).status <= 1);
      BOOST_TEST(runtime.call({"start", "c"}, options).status == 0);
      BOOST_TEST(runtime.call({"delete", "--force", "c"}, options).status == 0);
      BOOST_TEST(runtime.call({"state", "c"}, options).status == 1);
      BOOST_TEST(before.since().empty());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_pipe_that_nobody_reads_any_more_does_not_kill) {  // F37
  Runtime runtime;
  Bundle bundle;
  bundle.args({"/bin/true"}).write();
  int ends[2];
  checked(::pipe2(ends, O_CLOEXEC), "pipe2");
  ::close(ends[0]);
  const UniqueFd broken{ends[1]};
  RunOptions options;
  options.fds = {{broken.get(), 1}, {broken.get(), 2}};
  const Leftovers before{{runtime.root()}};
  // Both of them write, and fail to.
  BOOST_TEST(runtime.call({"state", "absent"}, options).status == 1);
  BOOST_TEST(runtime.call({"create", "--bundle", "/absent", "c"}, options).status == 1);
  BOOST_TEST(runtime.call({"create", "--bundle", bundle.path(), "c"}, options).status == 0);
  BOOST_TEST(runtime.call({"delete", "--force", "c"}, options).status == 0);
  BOOST_TEST(before.since().empty());
}

BOOST_AUTO_TEST_CASE(a_log_that_takes_nothing_does_not_hang_create,
                     *needs::ocelot("runc waits for its log")) {  // F37
  Runtime runtime;
  Bundle bundle;
  TempDir files;
  bundle.args({"/bin/true"}).write();
  const std::string fifo = files / "log";
  checked(::mkfifo(fifo.c_str(), 0600), "mkfifo");
  const UniqueFd both{checked(::open(fifo.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC), "open")};
  const std::string block(4096, 'x');
  while (::write(both.get(), block.data(), block.size()) > 0) {
  }
  RunOptions quick;
  quick.timeout = 10s;
  const Output created = run({Runtime::path(), "--root", runtime.root(), "--debug", "--log", fifo,
                              "create", "--bundle", bundle.path(), "c"},
                             quick);
  BOOST_TEST(created.status == 0, created.err);
}

BOOST_AUTO_TEST_CASE(the_full_standard_error_of_a_caller_does_not_stop_a_working_create) {  // F37
  Runtime runtime;
  Bundle bundle;
  bundle.args({"/bin/true"}).write();
  const FullPipe full;
  RunOptions options;
  options.timeout = 10s;
  options.fds = {{full.write_end(), 2}};
  BOOST_TEST(runtime.call({"create", "--bundle", bundle.path(), "c"}, options).status == 0);
  BOOST_TEST(runtime.call({"delete", "--force", "c"}, options).status == 0);
}

BOOST_AUTO_TEST_CASE(a_console_socket_that_is_none_is_refused) {  // F32
  Runtime runtime;
  Bundle bundle;
  bundle.args({"/bin/true"}).process()["terminal"] = true;
  TempDir files;
  write_file(files / "file", "");
  checked(::mkfifo((files / "fifo").c_str(), 0600), "mkfifo");
  const UniqueFd unheard{checked(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket")};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  (files / "unheard").copy(address.sun_path, sizeof address.sun_path - 1);
  checked(::bind(unheard.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
          "bind");
  for (const char* name : {"absent", "file", "fifo", "unheard"})
    check_refused(runtime, bundle, "--console-socket", {"--console-socket", files / name});
  check_refused(runtime, bundle, "--console-socket", {"--console-socket", files.path()});
}

BOOST_AUTO_TEST_CASE(a_console_socket_that_nobody_accepts_from_does_not_hang_create) {  // F32
  Runtime runtime;
  Bundle bundle;
  bundle.args({"/bin/true"}).process()["terminal"] = true;
  ConsoleSocket socket;  // it listens; nobody accepts before create has ended
  RunOptions quick;
  quick.timeout = 10s;
  Container container =
      runtime.create(bundle, "c", {"--console-socket", socket.path()}, std::move(quick));
  BOOST_TEST(container.created.status == 0, container.created.err);
  BOOST_TEST(socket.receive().fds.size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
