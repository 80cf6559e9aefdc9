#include "tests/engines/docker.hpp"

#include <fcntl.h>
#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <regex>
#include <stdexcept>

#include "tests/engines/image.hpp"
#include "tests/support/cgroups.hpp"
#include "tests/support/check.hpp"
#include "tests/support/runtime.hpp"

namespace ocelot::test {
namespace {

const std::string kRuntimeRoot = "/run/docker/runtime-";

// The daemon of Debian's package and its client: another one may come first in PATH.
const char* const kDaemon = "/usr/sbin/dockerd";
const char* const kClient = "/usr/bin/docker";

std::string name_of(With with) {
  return with == With::Ocelot ? "ocelot" : "runc";
}

}  // namespace

std::string Docker::cgroup_parent() {
  return under_systemd() ? "system.slice" : "/" + mark() + "-docker";
}

std::string Docker::cgroup(const std::string& id) {
  return under_systemd() ? "/system.slice/docker-" + id + ".scope" : cgroup_parent() + "/" + id;
}

Docker::Docker(const Sandbox& sandbox) : sandbox_{sandbox} {
  const std::string config = sandbox_ / "daemon.json";
  configure("docker/daemon.json", config);
  if (under_systemd())
    write_file(config, std::regex_replace(read_file(config), std::regex{"cgroupfs"}, "systemd"));
  UniqueFd log{checked(
      ::open((sandbox_ / "dockerd.log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644),
      "open dockerd.log")};
  RunOptions daemon_options = options();
  daemon_options.fds = {{log.get(), 1}, {log.get(), 2}};
  daemon_.emplace(std::vector<std::string>{kDaemon,
                                           "--config-file",
                                           config,
                                           "--data-root",
                                           "/var/lib/docker",
                                           "--exec-root",
                                           sandbox_ / "docker",
                                           "--host",
                                           "unix://" + sandbox_ / "docker.sock",
                                           "--pidfile",
                                           sandbox_ / "docker.pid",
                                           "--bridge",
                                           "none",
                                           "--iptables=false",
                                           "--ip6tables=false",
                                           "--ip-forward=false",
                                           "--ip-masq=false",
                                           "--storage-driver",
                                           "vfs",
                                           "--cgroup-parent",
                                           cgroup_parent()},
                  std::move(daemon_options));
  Command follow{{"tail", "-n", "+1", "-f", sandbox_ / "dockerd.log"}, options()};
  follow.read_until("API listen on");
  must({"import", "--change", "CMD [\"/bin/sh\"]", "--change", "ENV PATH=/bin",
        busybox_tree(sandbox_), "busybox"});
}

Docker::~Docker() {
  daemon_->send(SIGTERM);
  daemon_->wait();
}

std::vector<std::string> Docker::command(const std::vector<std::string>& words) const {
  std::vector<std::string> line{kClient, "--host", "unix://" + sandbox_ / "docker.sock"};
  line.insert(line.end(), words.begin(), words.end());
  return line;
}

Output Docker::call(const std::vector<std::string>& words, RunOptions more) const {
  RunOptions ours = options();
  more.clean_env = true;
  more.env = ours.env;
  more.cwd = ours.cwd;
  return test::run(command(words), std::move(more));
}

std::string Docker::must(const std::vector<std::string>& words) const {
  Output output = call(words);
  if (output.status != 0)
    throw std::runtime_error("docker " + words[0] + " failed: " + output.err + output.out);
  if (output.out.ends_with('\n')) output.out.pop_back();
  return output.out;
}

std::vector<std::string> Docker::run_words(With with, const std::vector<std::string>& flags,
                                           const std::vector<std::string>& args) {
  std::vector<std::string> words{"run", "--runtime", name_of(with), "--network", "none"};
  words.insert(words.end(), flags.begin(), flags.end());
  words.push_back("busybox");
  words.insert(words.end(), args.begin(), args.end());
  return words;
}

void Docker::start(With with, const std::vector<std::string>& flags,
                   const std::string& script) const {
  std::vector<std::string> all{"--detach", "--name", "box"};
  all.insert(all.end(), flags.begin(), flags.end());
  must(run_words(with, all, {"sh", "-c", script}));
  Command logs{command({"logs", "--follow", "box"}), options()};
  logs.read_until("up\n");
}

DockerCase::DockerCase()
    : docker{Docker::instance()},
      before{{kRuntimeRoot + "ocelot/moby", kRuntimeRoot + "runc/moby"}} {
  BOOST_TEST_REQUIRE(docker.must({"ps", "--all", "--quiet"}) == "");
}

DockerCase::~DockerCase() {
  BOOST_TEST(docker.call({"ps", "--all", "--quiet"}).out == "");
  docker.call({"rm", "--force", "box"});
  for (const std::string& item : before.since())
    if (!is_cache(item) && !item.ends_with(Docker::cgroup_parent()))
      BOOST_ERROR("left behind: " << item);
  for (const std::string& cgroup :
       cgroups_below(under_systemd() ? "/system.slice" : Docker::cgroup_parent()))
    if (!under_systemd() || cgroup.starts_with("docker-"))
      BOOST_ERROR("left behind: the cgroup " << cgroup);
}

Output DockerCase::same_as_runc(const std::vector<std::string>& args,
                                const std::vector<std::string>& flags,
                                const RunOptions& more) const {
  std::vector<std::string> all{"--rm"};
  all.insert(all.end(), flags.begin(), flags.end());
  const Output ocelot = docker.call(Docker::run_words(With::Ocelot, all, args), more);
  const Output runc = docker.call(Docker::run_words(With::Runc, all, args), more);
  BOOST_TEST(ocelot.status == runc.status, ocelot.err + runc.err);
  BOOST_TEST(ocelot.out == runc.out);
  BOOST_TEST(ocelot.err.empty() == runc.err.empty(),
             "ocelot: " << ocelot.err << "runc: " << runc.err);
  return ocelot;
}

Output DockerCase::same_script(const std::string& script,
                               const std::vector<std::string>& flags) const {
  return same_as_runc({"sh", "-c", script}, flags);
}

namespace {

// Docker for all tests of the program.
struct DockerEngine {
  void setup() {
    sandbox.emplace();
    docker.emplace(*sandbox);
  }
  void teardown() {
    docker.reset();
    sandbox.reset();
    if (under_systemd()) return;
    for (const std::string& cgroup : remove_cgroups(Docker::cgroup_parent()))
      Runtime::complaints().push_back(cgroup + " stays");
  }

  static inline std::optional<Sandbox> sandbox;
  static inline std::optional<Docker> docker;
};
BOOST_TEST_GLOBAL_FIXTURE(DockerEngine);

}  // namespace

const Docker& Docker::instance() {
  return DockerEngine::docker.value();
}

}  // namespace ocelot::test
