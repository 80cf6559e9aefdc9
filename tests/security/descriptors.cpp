// S3, S4: CVE-2024-21626, CVE-2015-3627. No descriptor of the host is there when a path of the
// container is looked up, and none is left to its program.
#include <dirent.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

std::map<int, std::string> descriptors_of(pid_t pid) {
  std::map<int, std::string> found;
  const std::string directory = "/proc/" + std::to_string(pid) + "/fd";
  for (const auto& entry : std::filesystem::directory_iterator{directory})
    found[std::stoi(entry.path().filename())] = std::filesystem::read_symlink(entry.path());
  return found;
}

// What a careless caller leaves open: host directories, files and sockets as descriptors 3 and up.
class Leaks {
 public:
  explicit Leaks(int count) {
    for (int i = 0; i < count; ++i) {
      const char* path = i % 3 == 0 ? "/" : i % 3 == 1 ? "/sys/fs/cgroup" : "/etc/passwd";
      const int fd = i % 5 == 4 ? ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)
                                : ::open(path, O_RDONLY | O_CLOEXEC);
      fds_.emplace_back(checked(fd, path));
    }
  }

  RunOptions options() const {
    RunOptions options;
    int number = 3;
    for (const UniqueFd& fd : fds_) options.fds.push_back({fd.get(), number++});
    return options;
  }

 private:
  std::vector<UniqueFd> fds_;
};

std::string number(int fd) {
  return "/proc/self/fd/" + std::to_string(fd);
}

constexpr int kTried = 40;

}  // namespace

BOOST_AUTO_TEST_SUITE(descriptors, *needs::root())

BOOST_AUTO_TEST_CASE(a_created_init_holds_its_streams_and_the_start_socket,
                     *needs::ocelot("runc parks on a fifo")) {
  Runtime runtime;
  Bundle bundle;
  const Leaks leaks{30};
  Container container = runtime.must_create(bundle.args({"/bin/true"}), "c", {}, leaks.options());
  std::map<int, std::string> fds = descriptors_of(container.pid());
  for (int stream : {0, 1, 2}) {
    BOOST_TEST(fds[stream].starts_with("pipe:"), fds[stream]);
    fds.erase(stream);
  }
  std::string others;
  for (const auto& [fd, target] : fds) others += std::to_string(fd) + " " + target + "\n";
  BOOST_TEST(fds.size() <= 2U, others);  // the start socket, and its half of the channel
  for (const auto& [fd, target] : fds) BOOST_TEST(target.starts_with("socket:"), others);
}

BOOST_AUTO_TEST_CASE(a_program_holds_its_streams_alone) {
  Runtime runtime;
  Bundle bundle;
  const Leaks leaks{30};
  bundle.args({"/bin/probe"});
  const Output output = runtime.run(bundle, "c", {}, leaks.options());
  BOOST_REQUIRE_MESSAGE(output.status == 0, output.err);
  const json fds = json::parse(output.out)["fds"];
  BOOST_TEST(fds.size() == 3U, fds.dump());
}

BOOST_AUTO_TEST_CASE(a_program_holds_its_streams_and_what_was_preserved) {
  Runtime runtime;
  Bundle bundle;
  const Leaks leaks{30};
  bundle.args({"/bin/probe"});
  const Output output = runtime.run(bundle, "c", {"--preserve-fds", "2"}, leaks.options());
  BOOST_REQUIRE_MESSAGE(output.status == 0, output.err);
  const json fds = json::parse(output.out)["fds"];
  BOOST_TEST(fds.size() == 5U, fds.dump());
}

BOOST_AUTO_TEST_CASE(no_working_directory_is_reached_through_a_descriptor,
                     *needs::ocelot("runc 1.1.5 has this flaw")) {  // S3
  Runtime runtime;
  Bundle bundle;
  const Leaks leaks{30};
  bundle.args({"/bin/pwd"});
  for (int fd = 0; fd < kTried; ++fd) {
    for (const std::string& cwd : {number(fd), number(fd) + "/../../.."}) {
      bundle.process()["cwd"] = cwd;
      const Output output = runtime.run(bundle, "c", {}, leaks.options());
      BOOST_TEST(output.status != 0, cwd << " is " << output.out);
    }
  }
}

BOOST_AUTO_TEST_CASE(no_working_directory_is_reached_through_a_link_to_a_descriptor,
                     *needs::ocelot("runc 1.1.5 has this flaw")) {  // S3
  Runtime runtime;
  const Leaks leaks{30};
  for (int fd = 3; fd < kTried; ++fd) {
    Bundle bundle;
    bundle.args({"/bin/pwd"}).process()["cwd"] = "/w";
    std::filesystem::create_symlink(number(fd), bundle.rootfs() + "/w");
    const Output output = runtime.run(bundle, "c", {}, leaks.options());
    BOOST_TEST(output.status != 0, "/w -> " << number(fd) << " is " << output.out);
  }
}

BOOST_AUTO_TEST_CASE(no_program_is_reached_through_a_descriptor) {  // S3
  Runtime runtime;
  Bundle bundle;
  const Leaks leaks{30};
  for (int fd = 0; fd < kTried; ++fd) {
    bundle.args({number(fd) + "/../../../../bin/busybox", "true"});
    const Output output = runtime.run(bundle, "c", {}, leaks.options());
    BOOST_TEST(output.status != 0, number(fd));
  }
}

// The control: with a directory that the caller means to hand over, the same path leads to a
// program.
BOOST_AUTO_TEST_CASE(a_preserved_directory_is_reached_through_its_descriptor) {
  Runtime runtime;
  Bundle bundle;
  const UniqueFd root{checked(::open(bundle.rootfs().c_str(), O_RDONLY | O_CLOEXEC), "open")};
  RunOptions options;
  options.fds = {{root.get(), 3}};
  bundle.args({"/proc/self/fd/3/bin/busybox", "true"});
  BOOST_TEST(runtime.run(bundle, "c", {"--preserve-fds", "1"}, options).status == 0);
}

BOOST_AUTO_TEST_CASE(a_working_directory_outside_of_the_root_is_refused_even_if_it_was_handed_over,
                     *needs::ocelot("runc 1.1.5 has this flaw")) {  // S3
  Runtime runtime;
  Bundle bundle;
  const UniqueFd root{checked(::open("/", O_RDONLY | O_CLOEXEC), "open /")};
  RunOptions options;
  options.fds = {{root.get(), 3}};
  bundle.args({"/bin/pwd"}).process()["cwd"] = "/proc/self/fd/3";
  const Output output = runtime.run(bundle, "c", {"--preserve-fds", "1"}, options);
  BOOST_TEST(output.status != 0, output.out);
}

BOOST_AUTO_TEST_CASE(closed_streams_become_dev_null_and_nothing_else,
                     *needs::ocelot("runc leaves them closed")) {  // S4
  for (unsigned closed = 1; closed < 8; ++closed) {
    Runtime runtime;
    Bundle bundle;
    RunOptions options;
    options.in_child = [closed] {
      for (int fd = 0; fd < 3; ++fd)
        if ((closed >> fd & 1) != 0) ::close(fd);
    };
    Container container =
        runtime.must_create(bundle.args({"/bin/sleep", "1000"}), "c", {}, options);
    BOOST_TEST(container.start().status == 0);
    const std::map<int, std::string> fds = descriptors_of(container.pid());
    BOOST_TEST(fds.size() == 3U, "closed " << closed);
    for (const auto& [fd, target] : fds) {
      const bool was_closed = fd < 3 && (closed >> fd & 1) != 0;
      BOOST_TEST(target.starts_with(was_closed ? "/dev/null" : "pipe:"), fd << " is " << target);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
