// The commands on a container that has a shim, beside the same on one that has none.
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/support/black_box.hpp"
#include "tests/support/console_socket.hpp"
#include "tests/support/shimmed.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

// Two containers of the same bundle, "shim" and "bare".
class Twins {
 public:
  explicit Twins(std::vector<std::string> args = {"sleep", "1000"})
      : shim_{runtime_, bundles_[0].args(args), {}, Shimmed::Until::running, "shim"},
        bare_{runtime_.must_create(bundles_[1].args(args), "bare")} {
    bare_.start();
  }
  ~Twins() {
    bare_.del({"--force"});
    bare_.wait();
  }

  const Runtime& runtime() const { return runtime_; }
  Shimmed& shim() { return shim_; }
  Container& bare() { return bare_; }

  // Runs it for both; checks that output, errors and exit code are the same, and returns them.
  Output call(const std::vector<std::string>& verb, const std::vector<std::string>& words = {},
              const RunOptions& options = {}) {
    const Output with = named(verb, "shim", words, options);
    const Output without = named(verb, "bare", words, options);
    BOOST_TEST_CONTEXT(verb.front() << " " << (words.empty() ? "" : words.front())) {
      BOOST_TEST(with.status == without.status);
      BOOST_TEST(with.out == without.out);
      BOOST_TEST(with.err == without.err);
    }
    return with;
  }

 private:
  // The names are the only thing that may differ.
  Output named(std::vector<std::string> verb, const std::string& id,
               const std::vector<std::string>& words, const RunOptions& options) const {
    verb.push_back(id);
    verb.insert(verb.end(), words.begin(), words.end());
    Output output = runtime_.call(verb, options);
    for (std::string* text : {&output.out, &output.err})
      for (std::size_t at; (at = text->find(id)) != std::string::npos;) text->replace(at, 4, "ID");
    return output;
  }

  Runtime runtime_;
  Bundle bundles_[2];
  Shimmed shim_;
  Container bare_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(shim_verbs, *needs::root() * needs::ocelot())

BOOST_AUTO_TEST_CASE(state_has_the_same_members) {
  Twins twins;
  const json with = twins.runtime().state("shim"), without = twins.runtime().state("bare");
  for (const auto& [name, value] : without.items())
    BOOST_TEST((with.contains(name) && with[name].type() == value.type()), name);
  BOOST_TEST(with.size() == without.size());
  BOOST_TEST(with["status"] == "running");
  BOOST_TEST(with["owner"] == without["owner"]);
}

BOOST_AUTO_TEST_CASE(pause_and_resume) {
  Twins twins;
  BOOST_TEST(twins.call({"resume"}).status == 1);
  BOOST_TEST(twins.call({"pause"}).status == 0);
  BOOST_TEST(twins.runtime().status("shim") == "paused");
  BOOST_TEST(twins.call({"pause"}).status == 1);
  BOOST_TEST(twins.call({"exec"}, {"true"}).status == 255);
  BOOST_TEST(twins.call({"delete"}).status == 1);
  BOOST_TEST(twins.call({"resume"}).status == 0);
  BOOST_TEST(twins.runtime().status("shim") == "running");
}

BOOST_AUTO_TEST_CASE(exec_passes_streams_and_exit_code) {
  Twins twins;
  for (const int code : {0, 42, 137})
    BOOST_TEST(twins
                   .call({"exec"}, {"sh", "-c", "cat; echo err >&2; exit " + std::to_string(code)},
                         {.input = "text\n"})
                   .status == code);
  BOOST_TEST(twins.call({"exec"}, {"sh", "-c", "kill -9 $$"}).status == 137);
  const Output much = twins.call({"exec"}, {"sh", "-c", "head -c 1048576 /dev/zero"});
  BOOST_TEST(much.out.size() == std::size_t{1} << 20);
}

BOOST_AUTO_TEST_CASE(exec_takes_the_same_options) {
  Twins twins;
  BOOST_TEST(twins
                 .call({"exec", "--cwd", "/tmp", "-e", "A=b", "-u", "1000:1001"},
                       {"sh", "-c", "pwd; echo $A; id -u; id -g"})
                 .out == "/tmp\nb\n1000\n1001\n");
  twins.call({"exec", "--cap", "CAP_SYS_ADMIN"}, {"grep", "Cap", "/proc/self/status"});
  twins.call({"exec", "--no-new-privs"}, {"grep", "NoNewPrivs", "/proc/self/status"});
  twins.call({"exec"}, {"cat", "/proc/self/limits"});
  twins.call({"exec"}, {"sh", "-c", "ls -l /proc/self/fd | wc -l; umask; nice"});
  twins.call({"exec"}, {"grep", "-E", "^(Sig[BIC]|ShdPnd|Seccomp:|Groups)", "/proc/self/status"});
}

BOOST_AUTO_TEST_CASE(exec_fails_alike) {
  Twins twins;
  BOOST_TEST(twins.call({"exec"}, {"/nowhere"}).status == 255);
  BOOST_TEST(twins.call({"exec"}, {"no-such-program"}).status == 255);
  BOOST_TEST(twins.call({"exec", "--cwd", "/nowhere"}, {"true"}).status == 255);
  BOOST_TEST(twins.call({"exec", "--process", "/nowhere"}).status == 255);
  BOOST_TEST(twins.call({"exec", "-u", "nobody-at-all"}, {"true"}).status == 255);
}

BOOST_AUTO_TEST_CASE(exec_with_a_terminal) {
  Twins twins;
  BOOST_TEST(twins.call({"exec", "-t"}, {"sh", "-c", "tty; seq 1 2000; exit 5"}).status == 5);
  Pty pty;
  pty.resize(33, 77);
  Command exec{twins.runtime().command(
                   {"exec", "-t", "shim", "sh", "-c", "stty size; read x; echo got $x; exit 6"}),
               pty.options()};
  pty.read_until("33 77\r\n");
  pty.write("hello\r");
  pty.read_until("got hello\r\n");
  BOOST_TEST(exec.wait().status == 6);
}

BOOST_AUTO_TEST_CASE(exec_detached_writes_the_pid_and_leaves) {
  Twins twins;
  TempDir files;
  const Output output =
      twins.runtime().call({"exec", "-d", "--pid-file", files / "pid", "shim", "sleep", "1234"});
  BOOST_TEST(output.status == 0, output.err);
  const UniqueFd process = open_pidfd(std::stoi(read_file(files / "pid")));
  BOOST_TEST(contains(twins.runtime().call({"exec", "shim", "ps"}).out, "sleep 1234"));
  checked(static_cast<int>(syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0)),
          "pidfd_send_signal");
  wait_for_end(process.get());
}

BOOST_AUTO_TEST_CASE(a_crowd_is_paused_to_the_last) {
  Twins twins{
      {"sh", "-c", "i=0; while [ $i -lt 150 ]; do sleep 1000 & i=$((i+1)); done; echo up; wait"}};
  const auto processes = [&](const char* id) {
    const Output listed = twins.runtime().call({"ps", "--format", "json", id});
    return json::parse(listed.out).get<std::vector<pid_t>>();
  };
  for (const char* id : {"shim", "bare"}) {
    while (processes(id).size() < 151) continue;
  }
  BOOST_TEST(twins.call({"pause"}).status == 0);
  for (const char* id : {"shim", "bare"}) {
    // The last line is that of cgroup v2.
    const std::string lines =
        read_file("/proc/" + std::to_string(processes(id).front()) + "/cgroup");
    std::string path = lines.substr(lines.rfind("0::") + 3);
    path.pop_back();
    const bool hybrid = ::access("/sys/fs/cgroup/unified", F_OK) == 0;
    const std::string events = read_file(std::string("/sys/fs/cgroup") +
                                         (hybrid ? "/unified" : "") + path + "/cgroup.events");
    BOOST_TEST(contains(events, "frozen 1"), events);
  }
  BOOST_TEST(twins.runtime().status("shim") == "paused");
  BOOST_TEST(twins.call({"resume"}).status == 0);
  BOOST_TEST(twins.runtime().status("shim") == "running");
}

BOOST_AUTO_TEST_CASE(the_shim_answers_while_a_pause_waits_for_the_lock) {
  Runtime runtime;
  Bundle bundle;
  const Shimmed container{runtime, bundle.args({"sleep", "1000"})};
  for (const char* verb : {"pause", "resume"}) {
    UniqueFd lock{
        checked(::open((container.directory() + "/lock").c_str(), O_RDWR | O_CLOEXEC), "open")};
    checked(::flock(lock.get(), LOCK_EX), "flock");
    const std::string before = runtime.status("c");
    Command waiting{runtime.command({verb, "c"})};
    while (container.shim_status()["connections"].size() < 2) continue;  // with that of status
    BOOST_TEST(runtime.status("c") == before);
    lock.reset();
    BOOST_TEST(waiting.wait().status == 0);
    BOOST_TEST(runtime.status("c") == (verb == std::string("pause") ? "paused" : "running"));
  }
}

BOOST_AUTO_TEST_CASE(exec_sends_a_pidfd_as_it_does_without_a_shim) {
  Twins twins;
  for (const char* id : {"shim", "bare"}) {
    ConsoleSocket socket;
    TempDir files;
    const Output output = twins.runtime().call({"exec", "-d", "--pidfd-socket", socket.path(),
                                                "--pid-file", files / "pid", id, "sleep", "1000"});
    BOOST_REQUIRE_MESSAGE(output.status == 0, output.err);
    const Received received = socket.receive();
    BOOST_TEST(received.payload == "setns", id);
    BOOST_REQUIRE(received.fds.size() == 1U);
    const int process = received.fds[0].get();
    const std::string info = read_file("/proc/self/fdinfo/" + std::to_string(process));
    BOOST_TEST(contains(info, "Pid:\t" + read_file(files / "pid") + "\n"), info);
    checked(static_cast<int>(syscall(SYS_pidfd_send_signal, process, SIGKILL, nullptr, 0)),
            "pidfd_send_signal");
    wait_for_end(process);
  }
}

BOOST_AUTO_TEST_CASE(exec_whose_pid_file_cannot_be_written_leaves_no_process) {
  Twins twins;
  for (const char* id : {"shim", "bare"}) {
    for (const bool detached : {true, false}) {
      ConsoleSocket socket;
      std::vector<std::string> words{
          "exec", "--pidfd-socket", socket.path(), "--pid-file", "/no/such/directory/pid",
          id,     "sleep",          "1000"};
      if (detached) words.insert(words.begin() + 1, "-d");
      const Output output = twins.runtime().call(words);
      BOOST_TEST(output.status == 255);
      BOOST_TEST(contains(output.err, "--pid-file /no/such/directory/pid"), output.err);
      const Received received = socket.receive();
      BOOST_REQUIRE(received.fds.size() == 1U);
      wait_for_end(received.fds[0].get());
    }
  }
}

BOOST_AUTO_TEST_CASE(terminal_that_is_no_boolean_is_refused_alike) {
  Twins twins;
  TempDir files;
  write_file(files / "process.json", R"({"cwd": "/", "args": ["true"], "terminal": "yes"})");
  const Output output = twins.call({"exec", "--process", files / "process.json"});
  BOOST_TEST(output.status == 255);
  BOOST_TEST(contains(output.err, "/terminal"), output.err);
}

BOOST_AUTO_TEST_CASE(update_fails_and_succeeds_alike) {
  Twins twins;
  BOOST_TEST(twins.call({"update", "--pids-limit", "50", "--memory", "1g"}).status == 0);
  BOOST_TEST(twins.call({"update", "--cpuset-cpus", "\xff"}).status == 1);
  BOOST_TEST(twins.call({"update", "--blkio-weight", "65536"}).status == 1);
}

BOOST_AUTO_TEST_CASE(signal_of_exec_reaches_its_process) {
  Twins twins;
  Command exec{twins.runtime().command(
                   {"exec", "shim", "sh", "-c",
                    "trap 'echo caught; exit 9' TERM; echo ready; while :; do sleep 0.05; done"}),
               {.keep_input_open = true}};
  exec.read_until("ready\n");
  exec.send(SIGTERM);
  BOOST_TEST(exec.wait().status == 9);
}

BOOST_AUTO_TEST_CASE(kill_fails_and_ends_alike) {
  Twins twins{{"sh", "-c", "trap 'exit 4' TERM; while :; do sleep 0.05; done"}};
  BOOST_TEST(twins.call({"kill"}, {"NOSUCH"}).status == 1);
  BOOST_TEST(twins.call({"delete"}).status == 1);
  BOOST_TEST(twins.call({"kill"}, {"0"}).status == 0);
  BOOST_TEST(twins.call({"kill"}, {"KILL"}).status == 0);
  BOOST_TEST(twins.shim().wait()["signal"] == 9);
  twins.bare().wait();
  BOOST_TEST(twins.runtime().status("shim") == "stopped");
  BOOST_TEST(twins.call({"kill"}, {"TERM"}).status == 1);
  BOOST_TEST(twins.call({"pause"}).status == 1);
  BOOST_TEST(twins.call({"exec"}, {"true"}).status == 255);
  BOOST_TEST(twins.call({"start"}).status == 1);
  BOOST_TEST(twins.call({"delete"}).status == 0);
  twins.shim().wait_for_shim();
  BOOST_TEST(twins.call({"delete"}).status == 1);
  BOOST_TEST(twins.call({"state"}).status == 1);
}

BOOST_AUTO_TEST_CASE(ps_and_list_see_it) {
  Twins twins;
  const auto pids = json::parse(twins.runtime().call({"ps", "--format", "json", "shim"}).out);
  BOOST_TEST(pids == json::array({twins.shim().pid()}));
  const Output list = twins.runtime().call({"list", "-q"});
  BOOST_TEST(contains(list.out, "shim"));
  BOOST_TEST(contains(list.out, "bare"));
}

BOOST_AUTO_TEST_CASE(what_only_a_shim_can_do_says_so) {
  Twins twins;
  for (const auto& words :
       {std::vector<std::string>{"attach", "bare"}, {"wait", "bare"}, {"shim", "status", "bare"}})
    check_error(twins.runtime().call(words), "container bare has no shim");
  check_error(twins.runtime().call({"attach", "none"}), "does not exist");
}

BOOST_AUTO_TEST_SUITE_END()
