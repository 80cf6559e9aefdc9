// podman where systemd makes the cgroups: as root, and as an ordinary user (started by as-user).
#include <unistd.h>

#include <stdexcept>

#include "tests/engines/terminal_of_exec.hpp"
#include "tests/support/black_box.hpp"
#include "tests/support/temp_dir.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

const bool root = ::geteuid() == 0;

std::vector<std::string> systemctl(std::vector<std::string> words) {
  words.insert(words.begin(), {"systemctl", root ? "--system" : "--user"});
  return words;
}

// With a store of its own, and the images "busybox" and "pause", which holds pods.
class Podman {
 public:
  Podman() {
    // No limit above those of an ordinary user, where the document of a pod cannot say so.
    write_file(files_ / "containers.conf",
               "[containers]\ndefault_ulimits = [\"nofile=200:200\", \"nproc=100:100\"]\n"
               "[engine]\ninfra_image = \"localhost/pause\"\n");
    // The brokers, which podman asks for: ocelot does not.
    must(systemctl({"start", "dbus.socket"}));
    must(
        {"tar", "--directory", Bundle{}.rootfs(), "--create", "--file", files_ / "image.tar", "."});
    must(command({"import", files_ / "image.tar", "busybox"}));
    must(command(
        {"import", "--change", R"(CMD ["/bin/sleep", "1000"])", files_ / "image.tar", "pause"}));
  }
  ~Podman() {
    call({"rm", "--all", "--force", "--time", "0"});
    call({"rmi", "--all", "--force"});
    if (!root) call({"system", "migrate"});  // ends the process that holds the user namespace
  }

  std::string operator/(const std::string& name) const { return files_ / name; }

  Output call(const std::vector<std::string>& more) const { return run(command(more), options()); }
  std::string must_call(const std::vector<std::string>& more) const { return must(command(more)); }
  std::string must(const std::vector<std::string>& line) const {
    const Output output = run(line, options());
    if (output.status != 0) throw std::runtime_error(line[0] + ": " + output.err + output.out);
    return output.out.substr(0, output.out.find_last_not_of('\n') + 1);
  }
  std::vector<std::string> command(const std::vector<std::string>& more) const {
    std::vector<std::string> line{
        "podman",           "--root",    files_ / "store",   "--runroot", files_ / "run",
        "--storage-driver", "vfs",       "--events-backend", "file",      "--cgroup-manager",
        "systemd",          "--runtime", Runtime::path()};
    line.insert(line.end(), more.begin(), more.end());
    return line;
  }

  RunOptions options() const {
    RunOptions options{
        .env = {"HOME=" + files_.path(), "CONTAINERS_CONF=" + files_ / "containers.conf"},
        .timeout = std::chrono::seconds{120}};
    if (!root) options.env.push_back("DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus");
    return options;
  }

 private:
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
      podman.must_call(with_limits({"run", "--detach"}, {"busybox", "sleep", "1000"}));
  const std::string unit = "libpod-" + id + ".scope";
  BOOST_TEST(podman.must_call({"exec", id, "echo", "inside"}) == "inside");
  podman.must_call({"pause", id});
  podman.must_call({"unpause", id});
  podman.must_call({"update", "--memory", "32m", id});
  BOOST_TEST(podman.must(systemctl({"show", "--value", "--property", "MemoryMax", unit})) ==
             "33554432");
  BOOST_TEST(podman.must(systemctl({"show", "--value", "--property", "TasksMax", unit})) == "50");
  podman.must_call({"stop", "--time", "0", id});
  podman.must_call({"rm", id});
  BOOST_TEST(podman.must(systemctl({"list-units", "--all", "--no-legend", "libpod-*"})).empty());
}

BOOST_AUTO_TEST_CASE(a_running_container_is_entered_looked_at_and_copied_from) {
  const Podman podman;
  const std::string id =
      podman.must_call(with_limits({"run", "--detach"}, {"busybox", "sleep", "1000"}));
  check_terminal_of_exec(podman, id);
  BOOST_TEST(podman.must_call({"top", id, "args"}) == "COMMAND\nsleep 1000 ");
  const json stats =
      json::parse(podman.must_call({"stats", "--no-stream", "--format", "json", id}));
  BOOST_TEST(stats[0]["pids"] == "1");
  BOOST_TEST(contains(stats[0]["mem_usage"].get<std::string>(), "67.11MB"), stats.dump());
  write_file(podman / "in", "content\n");
  podman.must_call({"cp", podman / "in", id + ":/copied"});
  BOOST_TEST(podman.must_call({"exec", id, "cat", "/copied"}) == "content");
  podman.must_call({"cp", id + ":/copied", podman / "out"});
  BOOST_TEST(read_file(podman / "out") == "content\n");
}

BOOST_AUTO_TEST_CASE(a_pod_shares_its_network_and_leaves_no_unit) {
  const Podman podman;
  podman.must_call({"pod", "create", "--name", "pod", "--network", "none"});
  for (const char* name : {"one", "two"})
    podman.must_call(
        {"run", "--detach", "--pod", "pod", "--name", name, "busybox", "sleep", "1000"});
  const auto net = [&](const char* name) {
    return podman.must_call({"exec", name, "readlink", "/proc/self/ns/net"});
  };
  BOOST_TEST(net("one") == net("two"));
  podman.must_call({"pod", "pause", "pod"});
  podman.must_call({"pod", "unpause", "pod"});
  podman.must_call({"pod", "rm", "--force", "--time", "0", "pod"});
  BOOST_TEST(podman.must(systemctl({"list-units", "--all", "--no-legend", "libpod-*"})).empty());
}

BOOST_AUTO_TEST_CASE(kube_play_makes_what_the_document_describes) {
  const Podman podman;
  write_file(podman / "pod.yaml", R"(
apiVersion: v1
kind: Pod
metadata: {name: pod}
spec:
  restartPolicy: Never
  containers:
  - name: one
    image: localhost/busybox:latest
    command: [sleep, "1000"]
    env: [{name: A, value: x y}]
    resources: {limits: {memory: 64Mi}}
)");
  podman.must_call({"kube", "play", "--network", "none", podman / "pod.yaml"});
  BOOST_TEST(podman.must_call({"exec", "pod-one", "sh", "-c", "echo $A"}) == "x y");
  const std::string id = podman.must_call({"inspect", "--format", "{{.Id}}", "pod-one"});
  BOOST_TEST(podman.must(systemctl({"show", "--value", "--property", "MemoryMax",
                                    "libpod-" + id + ".scope"})) == "67108864");
  podman.must_call({"kube", "down", podman / "pod.yaml"});
  BOOST_TEST(podman.must_call({"ps", "--all", "--quiet"}).empty());
}

BOOST_AUTO_TEST_SUITE_END()
