// Containers that are dumped and restored, where criu knows the kernel: the emulated PC.
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <stdexcept>

#include "tests/support/black_box.hpp"
#include "tests/support/mend_cgroup_mount.hpp"

using namespace ocelot::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

// Answers each line with the line and how many there were: what it remembers is nowhere but in its
// memory.
constexpr const char* counter =
    "i=0; while read -r line; do i=$((i+1)); echo \"$line $i\"; done; exit 7";
constexpr std::chrono::milliseconds patience = std::chrono::seconds{100};

// A bundle, its container, and a directory for images.
struct Checkpointed {
  Runtime runtime;
  Bundle bundle;
  TempDir directory;
  std::string images = directory / "images";
  std::string id = "c";

  Container start(const std::string& script = counter) {
    Container container = runtime.must_create(bundle.shell(script));
    BOOST_REQUIRE_EQUAL(container.start().status, 0);
    return container;
  }

  Output checkpoint(std::vector<std::string> flags = {}) const {
    std::vector<std::string> words{"checkpoint", "--image-path", images};
    words.insert(words.end(), flags.begin(), flags.end());
    words.push_back(id);
    return runtime.call(words, {.timeout = patience});
  }

  Command restore(const std::vector<std::string>& flags = {"--detach"}) const {
    std::vector<std::string> words{"restore", "--bundle", bundle.path(), "--image-path", images};
    words.insert(words.end(), flags.begin(), flags.end());
    words.push_back(id);
    return Command{runtime.command(words), {.keep_input_open = true, .timeout = patience}};
  }

  // Ends a detached container, which is a child of this process by now.
  void end() const {
    const UniqueFd init = open_pidfd(runtime.state(id)["pid"]);
    BOOST_TEST(runtime.del(id, {"--force"}).status == 0);
    wait_for_end(init.get());
  }
};

// Takes a connection and never says a word: whoever dumps memory to it waits, with the container
// stopped.
class SilentServer {
 public:
  SilentServer() : socket_{checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket")} {
    sockaddr_in address{.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    checked(::bind(socket_.get(), any, size), "bind");
    checked(::listen(socket_.get(), 1), "listen");
    checked(::getsockname(socket_.get(), any, &size), "getsockname");
    address_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }

  const std::string& address() const { return address_; }

  UniqueFd accept() const {
    pollfd waiting{.fd = socket_.get(), .events = POLLIN};
    if (::poll(&waiting, 1, static_cast<int>(patience.count())) != 1)
      throw std::runtime_error("nobody connected");
    return UniqueFd{checked(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC), "accept")};
  }

 private:
  UniqueFd socket_;
  std::string address_;
};

// Where a command that has been given the write end says that it is ready, with a zero byte.
class ReadyPipe {
 public:
  ReadyPipe() {
    int ends[2];
    checked(::pipe2(ends, O_CLOEXEC), "pipe2");
    read_end_ = UniqueFd{ends[0]};
    write_end_ = UniqueFd{ends[1]};
  }

  int write_end() const { return write_end_.get(); }
  void wait() {
    write_end_.reset();
    char byte = 1;
    if (::read(read_end_.get(), &byte, 1) != 1 || byte != 0)
      throw std::runtime_error("it ended before it was ready");
  }

 private:
  UniqueFd read_end_;
  UniqueFd write_end_;
};

void answers(Command& restored, const std::string& question, const std::string& answer) {
  const Output output = restored.wait();
  BOOST_REQUIRE_MESSAGE(output.status == 0, output.err);
  restored.write(question + "\n");
  restored.read_until(answer + "\n");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(checkpoint_and_restore, *needs::root() * needs::cgroup_v2())

BOOST_AUTO_TEST_CASE(a_container_goes_on_where_it_was) {
  Checkpointed it;
  Container container = it.start();
  container.write("a\n");
  container.read_until("a 1\n");

  const Output dumped = it.checkpoint();
  BOOST_REQUIRE_MESSAGE(dumped.status == 0, dumped.err);
  container.wait();
  BOOST_TEST(it.runtime.status("c") == "stopped");
  BOOST_TEST(fs::exists(it.images + "/descriptors.json"));

  Command restored = it.restore();
  answers(restored, "b", "b 2");
  const json state = it.runtime.state("c");
  BOOST_TEST(state["status"] == "running");
  const std::string pid = std::to_string(state["pid"].get<int>());
  BOOST_TEST(contains(read_file("/proc/" + pid + "/cgroup"),
                      it.bundle.linux()["cgroupsPath"].get<std::string>() + "\n"));
  BOOST_TEST(it.bundle.cgroup_file("pids", "cgroup.procs") == pid);
  BOOST_TEST(contains(read_file("/proc/" + pid + "/status"), "NoNewPrivs:\t1"));
  it.end();
  BOOST_TEST(our_cgroups().empty());
}

BOOST_AUTO_TEST_CASE(one_that_is_left_running_goes_on_and_can_be_dumped_again) {
  Checkpointed it;
  Container container = it.start();
  container.write("a\n");
  container.read_until("a 1\n");
  BOOST_REQUIRE_EQUAL(it.checkpoint({"--leave-running"}).status, 0);
  BOOST_TEST(it.runtime.status("c") == "running");
  container.write("b\n");
  container.read_until("b 2\n");
  BOOST_REQUIRE_EQUAL(it.checkpoint().status, 0);
  container.wait();
  Command restored = it.restore();
  answers(restored, "c", "c 3");
  it.end();
}

BOOST_AUTO_TEST_CASE(what_was_dumped_before_is_the_parent_of_a_dump) {
  Checkpointed it;
  Container container = it.start();
  container.write("a\n");
  container.read_until("a 1\n");
  const std::string last = std::exchange(it.images, it.directory / "first");
  BOOST_REQUIRE_EQUAL(it.checkpoint({"--pre-dump"}).status, 0);
  BOOST_TEST(it.runtime.status("c") == "running");
  container.write("b\n");
  container.read_until("b 2\n");
  it.images = last;
  const Output dumped = it.checkpoint({"--parent-path", "../first"});
  BOOST_REQUIRE_MESSAGE(dumped.status == 0, dumped.err);
  BOOST_TEST(fs::is_symlink(last + "/parent"));
  container.wait();
  Command restored = it.restore();
  answers(restored, "c", "c 3");
  it.end();
}

BOOST_AUTO_TEST_CASE(restore_in_the_foreground_stays_and_deletes) {
  Checkpointed it;
  Container container = it.start();
  container.write("a\n");
  container.read_until("a 1\n");
  BOOST_REQUIRE_EQUAL(it.checkpoint().status, 0);
  container.wait();
  Command restored = it.restore({});
  restored.write("b\n");
  restored.read_until("b 2\n");
  restored.close_input();
  BOOST_TEST(restored.wait().status == 7);
  BOOST_TEST(it.runtime.status("c") == "absent");
}

BOOST_AUTO_TEST_CASE(mounts_are_those_of_the_host_or_hold_what_they_held) {
  Checkpointed it;
  TempDir host;
  write_file(host / "word", "before");
  it.bundle.add_mount("/host", "bind", host.path(), {"rbind", "rw"});
  it.bundle.add_mount("/etc/one", "bind", host / "word", {"bind", "ro"});
  it.bundle.add_mount("/scratch", "tmpfs", "tmpfs", {"nosuid", "size=1m"});
  Container container = it.start(
      "echo kept >/scratch/file; while read -r line; do cat /scratch/file /host/word /etc/one; "
      "echo; done");
  container.write("\n");
  container.read_until("kept\nbeforebefore\n");
  BOOST_REQUIRE_EQUAL(it.checkpoint().status, 0);
  container.wait();
  write_file(host / "word", "after");
  Command restored = it.restore();
  answers(restored, "", "kept\nafterafter");
  it.end();
}

BOOST_AUTO_TEST_CASE(a_terminal_is_handed_over_again) {
  Checkpointed it;
  ConsoleSocket socket, again;
  it.bundle.process()["terminal"] = true;
  Container container =
      it.runtime.must_create(it.bundle.shell(counter), "c", {"--console-socket", socket.path()});
  const Received terminal = socket.receive();
  BOOST_REQUIRE_EQUAL(container.start().status, 0);
  std::string seen;
  BOOST_REQUIRE(::write(terminal.fds.at(0).get(), "a\n", 2) == 2);
  read_until(terminal.fds.at(0).get(), seen, "a 1");
  const Output dumped = it.checkpoint();
  BOOST_REQUIRE_MESSAGE(dumped.status == 0, dumped.err);
  container.wait();

  Command restored = it.restore({"--detach", "--console-socket", again.path()});
  const Received other = again.receive(patience);
  BOOST_TEST(restored.wait().status == 0);
  BOOST_REQUIRE(::write(other.fds.at(0).get(), "b\n", 2) == 2);
  seen.clear();
  read_until(other.fds.at(0).get(), seen, "b 2");
  it.end();
}

BOOST_AUTO_TEST_CASE(a_joined_network_namespace_is_joined_again) {
  Checkpointed it;
  Command holder{{"unshare", "--net", "sh", "-c", "ip link set lo up; echo ready; exec cat"},
                 {.keep_input_open = true}};
  holder.read_until("ready\n");
  const std::string path = "/proc/" + std::to_string(holder.pid()) + "/ns/net";
  it.bundle.remove_namespace("network").add_namespace("network", path);
  Container container = it.start();
  container.write("a\n");
  container.read_until("a 1\n");
  const Output dumped = it.checkpoint();
  BOOST_REQUIRE_MESSAGE(dumped.status == 0, dumped.err);
  container.wait();
  Command restored = it.restore();
  answers(restored, "b", "b 2");
  BOOST_TEST(fs::read_symlink("/proc/" + std::to_string(it.runtime.state("c")["pid"].get<int>()) +
                              "/ns/net") == fs::read_symlink(path));
  it.end();
}

BOOST_AUTO_TEST_CASE(a_restore_that_fails_leaves_nothing) {
  Checkpointed it;
  Container container = it.start();
  BOOST_REQUIRE_EQUAL(it.checkpoint().status, 0);
  container.wait();
  fs::resize_file(it.images + "/core-1.img", 16);
  Command restored = it.restore();
  const Output output = restored.wait();
  BOOST_TEST(output.status == 1);
  BOOST_TEST(contains(output.err, "criu failed: type RESTORE errno"), output.err);
  BOOST_TEST(contains(output.err, "restore.log"), output.err);
  BOOST_TEST(it.runtime.status("c") == "absent");
  BOOST_TEST(our_cgroups().empty());
}

BOOST_AUTO_TEST_CASE(images_of_a_process_in_a_namespace_of_the_host_are_refused) {
  Checkpointed it;
  it.bundle.remove_namespace("network");
  Container container = it.start();
  BOOST_REQUIRE_EQUAL(it.checkpoint().status, 0);
  container.wait();
  it.bundle.add_namespace("network").write();
  Command restored = it.restore();
  const Output output = restored.wait();
  BOOST_TEST(output.status == 1);
  BOOST_TEST(contains(output.err, "a process of the host's network namespace"), output.err);
  BOOST_TEST(it.runtime.status("c") == "absent");
  BOOST_TEST(our_cgroups().empty());
}

BOOST_AUTO_TEST_CASE(a_user_namespace_has_its_ids_again) {
  Checkpointed it;
  it.bundle.add_user_namespace();
  Container container = it.start();
  container.write("a\n");
  container.read_until("a 1\n");
  const Output dumped = it.checkpoint();
  BOOST_REQUIRE_MESSAGE(dumped.status == 0, dumped.err);
  container.wait();
  Command restored = it.restore();
  answers(restored, "b", "b 2");
  const std::string pid = std::to_string(it.runtime.state("c")["pid"].get<int>());
  BOOST_TEST(
      contains(read_file("/proc/" + pid + "/status"), "Uid:\t" + std::to_string(kHostId) + "\t"));
  it.end();
}

// As between two machines: the container that was dumped is there until its memory has been
// fetched.
BOOST_AUTO_TEST_CASE(memory_is_fetched_when_it_is_needed) {
  Checkpointed it;
  Container container = it.start();
  container.write("a\n");
  container.read_until("a 1\n");
  ReadyPipe served, fetching;
  Command dump{it.runtime.command({"checkpoint", "--image-path", it.images, "--lazy-pages",
                                   "--page-server", "127.0.0.1:7777", "--status-fd", "5", "c"}),
               {.timeout = patience, .fds = {{served.write_end(), 5}}}};
  served.wait();
  Command daemon{{"criu", "lazy-pages", "--page-server", "--address", "127.0.0.1", "--port", "7777",
                  "--images-dir", it.images, "--status-fd", "5"},
                 {.timeout = patience, .fds = {{fetching.write_end(), 5}}}};
  fetching.wait();
  it.id = "d";
  it.bundle.linux()["cgroupsPath"] = it.bundle.linux()["cgroupsPath"].get<std::string>() + "-d";
  it.bundle.write();
  Command restored = it.restore({"--detach", "--lazy-pages"});
  answers(restored, "b", "b 2");
  BOOST_TEST(daemon.wait().status == 0);
  const Output dumped = dump.wait();
  BOOST_TEST(dumped.status == 0, dumped.err);
  container.wait();
  BOOST_TEST(it.runtime.status("c") == "stopped");
  it.end();
}

BOOST_AUTO_TEST_CASE(what_runc_has_dumped_is_restored) {
  Checkpointed it;
  const auto runc = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"/usr/sbin/runc", "--root", it.directory / "runc"});
    return Command{words, {.keep_input_open = true, .timeout = patience}};
  };
  it.bundle.add_namespace("cgroup").shell(counter).write();
  Command container = runc({"run", "--detach", "--bundle", it.bundle.path(), "c"});
  BOOST_REQUIRE_EQUAL(container.wait().status, 0);
  const UniqueFd init =
      open_pidfd(json::parse(runc({"state", "c"}).wait().out)["pid"].get<pid_t>());
  container.write("a\n");
  container.read_until("a 1\n");
  const Output dumped = runc({"checkpoint", "--image-path", it.images, "c"}).wait();
  BOOST_REQUIRE_MESSAGE(dumped.status == 0, dumped.err);
  mend_cgroup_mount();
  wait_for_end(init.get());
  Command restored = it.restore();
  answers(restored, "b", "b 2");
  it.end();
}

BOOST_AUTO_TEST_CASE(one_whose_dump_was_killed_can_be_removed_by_force) {
  Checkpointed it;
  Container container = it.start();
  SilentServer server;
  Command dump{it.runtime.command(
      {"checkpoint", "--image-path", it.images, "--page-server", server.address(), "c"})};
  UniqueFd connection = server.accept();
  dump.send(SIGKILL);
  dump.wait();
  BOOST_TEST(it.runtime.del("c", {"--force"}).status == 0);
  // Only criu, which traces it, can let its parent have it.
  connection.reset();
  container.wait();
  BOOST_TEST(it.runtime.status("c") == "absent");
  BOOST_TEST(our_cgroups().empty());
}

// Its container goes on, also from an archive and under another name.
BOOST_AUTO_TEST_CASE(podman_checkpoints_and_restores) {
  TempDir files, host;
  const auto podman = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"podman", "--root", files / "store", "--runroot", files / "run",
                                 "--storage-driver", "vfs", "--events-backend", "file",
                                 "--cgroup-manager", "cgroupfs", "--runtime", Runtime::path()});
    const Output output = run(words, {.env = {"HOME=" + files.path()}, .timeout = patience});
    BOOST_REQUIRE_MESSAGE(output.status == 0, output.err);
    return output.out;
  };
  run({"tar", "--directory", Bundle{}.rootfs(), "--create", "--file", files / "image.tar", "."});
  podman({"import", files / "image.tar", "busybox"});
  for (const char* name : {"/questions", "/answers"})
    checked(::mkfifo((host.path() + name).c_str(), 0600), "mkfifo");
  podman({"run", "--detach", "--name", "c", "--network", "none", "--volume", host.path() + ":/host",
          "busybox", "sh", "-c",
          "i=0; while :; do i=$((i+1)); read -r line </host/questions; echo \"$line $i\" "
          ">/host/answers; done"});
  const auto answer = [&](const std::string& question) {
    write_file(host / "questions", question + "\n");
    return read_file(host / "answers");
  };
  BOOST_TEST(answer("a") == "a 1\n");
  podman({"container", "checkpoint", "c"});
  BOOST_TEST(podman({"ps", "--quiet"}).empty());
  podman({"container", "restore", "c"});
  BOOST_TEST(answer("b") == "b 2\n");
  podman({"container", "checkpoint", "--export", files / "archive.tar.gz", "c"});
  podman({"rm", "c"});
  podman({"container", "restore", "--import", files / "archive.tar.gz", "--name", "d"});
  BOOST_TEST(answer("c") == "c 3\n");
  podman({"rm", "--force", "--time", "0", "d"});
  podman({"rmi", "--all", "--force"});
}

BOOST_AUTO_TEST_SUITE_END()
