#include "tests/engines/containerd.hpp"

#include <fcntl.h>
#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <sstream>
#include <stdexcept>

#include "tests/engines/image.hpp"
#include "tests/support/cgroups.hpp"
#include "tests/support/check.hpp"
#include "tests/support/runtime.hpp"

namespace ocelot::test {

namespace fs = std::filesystem;

namespace {

const std::string kRuntimeRoot = "/run/containerd/runc";

std::string image_of(const std::vector<std::string>& flags) {
  const bool as_alice = !flags.empty() && flags.front() == "alice";
  return as_alice ? "localhost/alice:alice" : "localhost/busybox:busybox";
}

}  // namespace

std::string Containerd::name() {
  return mark() + "-ctr";
}

std::string Containerd::cgroup() {
  return under_systemd() ? "/system.slice/" + name() + "-c.scope" : "/" + name() + "/c";
}

std::string Containerd::binary(With with) {
  return with == With::Ocelot ? fs::absolute(Runtime::path()).string() : "/usr/sbin/runc";
}

std::string Containerd::bundle() {
  return "/run/containerd/io.containerd.runtime.v2.task/" + name() + "/c";
}

Containerd::Containerd(const Sandbox& sandbox) : sandbox_{sandbox} {
  const std::string config = sandbox_ / "config.toml";
  configure("containerd/config.toml", config);
  UniqueFd log{checked(::open((sandbox_ / "containerd.log").c_str(),
                              O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644),
                       "open containerd.log")};
  RunOptions daemon_options = options();
  daemon_options.fds = {{log.get(), 1}, {log.get(), 2}};
  daemon_.emplace(std::vector<std::string>{"containerd", "--config", config},
                  std::move(daemon_options));
  must({"version"});  // waits for the socket
  for (const char* user : {"", "alice"}) {
    const std::string image = *user == '\0' ? "busybox" : user;
    must({"images", "import", "--base-name", "localhost/" + image,
          busybox_archive(sandbox_, image, user)});
  }
}

Containerd::~Containerd() {
  daemon_->send(SIGTERM);
  daemon_->wait();
}

std::vector<std::string> Containerd::command(const std::vector<std::string>& words) const {
  std::vector<std::string> line{"ctr", "--namespace", name()};
  line.insert(line.end(), words.begin(), words.end());
  return line;
}

RunOptions Containerd::options() const {
  return sandbox_.options();
}

Output Containerd::call(const std::vector<std::string>& words, RunOptions more) const {
  RunOptions ours = options();
  more.clean_env = true;
  more.env = ours.env;
  more.cwd = ours.cwd;
  return test::run(command(words), std::move(more));
}

std::string Containerd::must(const std::vector<std::string>& words) const {
  Output output = call(words);
  if (output.status != 0)
    throw std::runtime_error("ctr " + words[0] + " failed: " + output.err + output.out + "\n" +
                             read_file(sandbox_ / "containerd.log"));
  if (output.out.ends_with('\n')) output.out.pop_back();
  return output.out;
}

std::vector<std::string> Containerd::run_words(With with, const std::vector<std::string>& flags,
                                               const std::vector<std::string>& args) const {
  std::vector<std::string> words{"run", "--runc-binary", binary(with)};
  if (under_systemd())
    words.insert(words.end(),
                 {"--runc-systemd-cgroup", "--cgroup", "system.slice:" + name() + ":c"});
  for (const std::string& flag : flags)
    if (flag != "alice") words.push_back(flag);
  words.push_back(image_of(flags));
  words.push_back("c");
  words.insert(words.end(), args.begin(), args.end());
  return words;
}

std::string Containerd::log() const {
  return read_file(sandbox_ / "task.log");
}

void Containerd::start(With with, const std::vector<std::string>& flags,
                       const std::string& script) const {
  const std::string file = sandbox_ / "task.log";
  write_file(file, "");
  std::vector<std::string> all = flags;
  all.insert(all.end(), {"--detach", "--log-uri", "file://" + file});
  must(run_words(with, all, {"sh", "-c", script}));
  Command follow{{"tail", "-n", "+1", "-f", file}, options()};
  follow.read_until("up\n");
}

namespace {

// The row of the task "c" in `ctr task ls`: TASK PID STATUS.
std::vector<std::string> task_row(const Containerd& containerd) {
  std::istringstream lines{containerd.must({"task", "ls"})};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words{line};
    std::vector<std::string> row{std::istream_iterator<std::string>{words}, {}};
    if (row.size() == 3 && row[0] == "c") return row;
  }
  return {};
}

}  // namespace

std::string Containerd::status() const {
  std::vector<std::string> row = task_row(*this);
  return row.empty() ? "" : row[2];
}

pid_t Containerd::pid() const {
  std::vector<std::string> row = task_row(*this);
  return row.empty() ? -1 : std::stoi(row[1]);
}

void Containerd::end() const {
  must({"task", "kill", "--signal", "SIGKILL", "c"});
  wait_until_stopped();
  call({"task", "rm", "c"});
  must({"containers", "rm", "c"});
}

void Containerd::wait_until_stopped() const {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (status() != "STOPPED")
    if (std::chrono::steady_clock::now() > deadline)
      throw std::runtime_error("the task is " + status() + " and does not stop");
}

ContainerdCase::ContainerdCase()
    : containerd{Containerd::instance()}, before{{kRuntimeRoot + "/" + Containerd::name()}} {
  BOOST_TEST_REQUIRE(containerd.must({"containers", "ls", "--quiet"}) == "");
}

ContainerdCase::~ContainerdCase() {
  BOOST_TEST(containerd.call({"tasks", "ls", "--quiet"}).out == "");
  BOOST_TEST(containerd.call({"containers", "ls", "--quiet"}).out == "");
  containerd.call({"task", "rm", "--force", "c"});
  containerd.call({"containers", "rm", "c"});
  for (const std::string& cgroup : cgroups_below("/" + Containerd::name()))
    BOOST_TEST(cgroup == "");
  remove_cgroups("/" + Containerd::name());  // containerd's, made by the runtime on its behalf
  wait_for_helpers(containerd.daemon());
  for (const std::string& item : before.since())
    if (!is_cache(item)) BOOST_ERROR("left behind: " << item);
}

Output ContainerdCase::same_as_runc(const std::string& script,
                                    const std::vector<std::string>& flags, const RunOptions& more) {
  return same_as_runc_args({"sh", "-c", script}, flags, more);
}

Output ContainerdCase::same_as_runc_args(const std::vector<std::string>& args,
                                         const std::vector<std::string>& flags,
                                         const RunOptions& more) {
  std::vector<std::string> all = flags;
  all.emplace_back("--rm");
  return same_of_both(
      [&](With with) { return containerd.call(containerd.run_words(with, all, args), more); });
}

Output ContainerdCase::same_of_both(const std::function<Output(With)>& run) {
  Output ocelot;
  Output runc;
  // ctr may lose what was printed by a process that ends while ctr still opens its FIFOs, the
  // reference's as well as ours: what differs every time is a difference.
  for (int tries = 0; tries < 3; ++tries) {
    ocelot = run(With::Ocelot);
    runc = run(With::Runc);
    if (ocelot.out == runc.out && ocelot.err.empty() == runc.err.empty()) break;
  }
  BOOST_TEST(ocelot.status == runc.status);
  BOOST_TEST(ocelot.out == runc.out);
  BOOST_TEST(ocelot.err.empty() == runc.err.empty(),
             "ocelot: " << ocelot.err << "runc: " << runc.err);
  return ocelot;
}

namespace {

// containerd for all tests of the program.
struct ContainerdEngine {
  void setup() {
    sandbox.emplace();
    containerd.emplace(*sandbox);
  }
  void teardown() {
    containerd.reset();
    sandbox.reset();
  }

  static inline std::optional<Sandbox> sandbox;
  static inline std::optional<Containerd> containerd;
};
BOOST_TEST_GLOBAL_FIXTURE(ContainerdEngine);

}  // namespace

const Containerd& Containerd::instance() {
  return ContainerdEngine::containerd.value();
}

}  // namespace ocelot::test
