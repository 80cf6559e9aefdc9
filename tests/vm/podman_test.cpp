// podman where systemd makes the cgroups: as root, and as an ordinary user (started by as-user).
#include <unistd.h>

#include <stdexcept>

#include "tests/support/black_box.hpp"
#include "tests/support/temp_dir.hpp"

using namespace ocelot::test;

namespace {

const bool root = ::geteuid() == 0;

std::vector<std::string> systemctl(std::vector<std::string> words) {
  words.insert(words.begin(), {"systemctl", root ? "--system" : "--user"});
  return words;
}

// With a store of its own, and the image "busybox".
class Podman {
 public:
  Podman() {
    // The brokers, which podman asks for: ocelot does not.
    must(systemctl({"start", "dbus.socket"}));
    must(
        {"tar", "--directory", Bundle{}.rootfs(), "--create", "--file", files_ / "image.tar", "."});
    must(words({"import", files_ / "image.tar", "busybox"}));
  }
  ~Podman() {
    call({"rm", "--all", "--force", "--time", "0"});
    call({"rmi", "--all", "--force"});
    if (!root) call({"system", "migrate"});  // ends the process that holds the user namespace
  }

  Output call(const std::vector<std::string>& more) const { return run(words(more), options()); }
  std::string must(const std::vector<std::string>& line) const {
    const Output output = run(line, options());
    if (output.status != 0) throw std::runtime_error(line[0] + ": " + output.err + output.out);
    return output.out.substr(0, output.out.find_last_not_of('\n') + 1);
  }
  std::vector<std::string> words(const std::vector<std::string>& more) const {
    std::vector<std::string> line{
        "podman",           "--root",    files_ / "store",   "--runroot", files_ / "run",
        "--storage-driver", "vfs",       "--events-backend", "file",      "--cgroup-manager",
        "systemd",          "--runtime", Runtime::path()};
    line.insert(line.end(), more.begin(), more.end());
    return line;
  }

 private:
  RunOptions options() const {
    RunOptions options{.env = {"HOME=" + files_.path()}, .timeout = std::chrono::seconds{120}};
    if (!root) options.env.push_back("DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus");
    return options;
  }

  TempDir files_;
};

const std::vector<std::string> limits{
    "--network",     "none",     "--ulimit", "nofile=100:200", "--ulimit",
    "nproc=100:100", "--memory", "64m",      "--pids-limit",   "50"};

std::vector<std::string> with_limits(std::vector<std::string> words,
                                     const std::vector<std::string>& behind) {
  words.insert(words.end(), limits.begin(), limits.end());
  words.insert(words.end(), behind.begin(), behind.end());
  return words;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(podman_under_systemd)

BOOST_AUTO_TEST_CASE(a_container_lives_in_its_scope_and_leaves_none) {
  const Podman podman;
  const Output output = podman.call(
      with_limits({"run", "--rm", "--cgroupns", "host"}, {"busybox", "cat", "/proc/self/cgroup"}));
  BOOST_TEST(output.status == 0, output.err);
  BOOST_TEST(contains(output.out,
                      root ? "0::/machine.slice/libpod-" : "user@1000.service/user.slice/libpod-"),
             output.out);

  const std::string id =
      podman.must(podman.words(with_limits({"run", "--detach"}, {"busybox", "sleep", "1000"})));
  const std::string unit = "libpod-" + id + ".scope";
  BOOST_TEST(podman.must(podman.words({"exec", id, "echo", "inside"})) == "inside");
  podman.must(podman.words({"pause", id}));
  podman.must(podman.words({"unpause", id}));
  podman.must(podman.words({"update", "--memory", "32m", id}));
  BOOST_TEST(podman.must(systemctl({"show", "--value", "--property", "MemoryMax", unit})) ==
             "33554432");
  BOOST_TEST(podman.must(systemctl({"show", "--value", "--property", "TasksMax", unit})) == "50");
  podman.must(podman.words({"stop", "--time", "0", id}));
  podman.must(podman.words({"rm", id}));
  BOOST_TEST(podman.must(systemctl({"list-units", "--all", "--no-legend", "libpod-*"})).empty());
}

BOOST_AUTO_TEST_SUITE_END()
