// The standard streams of the process: whose they are, and what stands in for them.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

// Two sockets, as the standard input and error of a command.
class SocketPair {
 public:
  SocketPair() {
    int fds[2];
    checked(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), "socketpair");
    input_.reset(fds[0]);
    error_.reset(fds[1]);
  }

  RunOptions as_streams() const {
    RunOptions options;
    options.fds = {{input_.get(), 0}, {error_.get(), 2}};
    return options;
  }

 private:
  UniqueFd input_;
  UniqueFd error_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(standard_streams)

BOOST_AUTO_TEST_CASE(they_belong_to_the_user) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["user"] = {{"uid", 1000}, {"gid", 1000}};
  Output output = runtime.run(
      bundle.args({"sh", "-c", "echo to out >/dev/stdout && echo to err >/dev/stderr"}));
  BOOST_TEST(output.out == "to out\n");
  BOOST_TEST(output.err == "to err\n");
}

BOOST_AUTO_TEST_CASE(sockets_belong_to_the_user, *needs::root()) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["user"] = {{"uid", 1000}, {"gid", 1000}};
  const std::vector<std::string> owners{
      "sh", "-c", "for fd in 0 1 2; do stat -L -c %u /proc/self/fd/$fd; done"};
  const SocketPair of_init;
  Output output = runtime.run(bundle.args(owners), "c", {}, of_init.as_streams());
  BOOST_TEST(output.out == "1000\n1000\n1000\n");
  Running running{runtime, bundle};
  const SocketPair of_another;
  output = running.exec(owners, {"-u", "7"}, of_another.as_streams());
  BOOST_TEST(output.out == "7\n7\n7\n");
}

BOOST_AUTO_TEST_CASE(files_and_terminals_of_the_caller_stay_their_owners,
                     *needs::root() * needs::ocelot("runc 1.1.5 gives them to the user")) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["user"] = {{"uid", 1000}, {"gid", 1000}};
  const Pty terminal;
  const TempDir directory;
  const UniqueFd file{
      checked(::open((directory / "file").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600), "open")};
  RunOptions options;
  options.fds = {{terminal.slave(), 0}, {file.get(), 2}};
  const Output output = runtime.run(
      bundle.args({"sh", "-c", "for fd in 0 1 2; do stat -L -c %u /proc/self/fd/$fd; done"}), "c",
      {}, options);
  BOOST_TEST(output.out == "0\n1000\n0\n");
}

BOOST_AUTO_TEST_CASE(closed_ones_do_not_fail_the_create) {  // L14
  Runtime runtime;
  Bundle bundle;
  bundle.config["root"]["readonly"] = false;
  bundle.shell("/bin/probe > /out");
  RunOptions options;
  options.in_child = [] {
    for (int number : {0, 1, 2}) ::close(number);
  };
  Container container = runtime.must_create(bundle, "c", {}, options);
  BOOST_TEST(container.start().status == 0);
  container.wait();
  json seen = json::parse(read_file(bundle.rootfs() + "/out"));
  BOOST_TEST(seen["fds"]["0"] == "/dev/null");
  BOOST_TEST(seen["fds"]["2"] == "/dev/null");
}

BOOST_AUTO_TEST_CASE(null_device_of_the_caller_becomes_the_containers) {
  Runtime runtime;
  Bundle bundle;
  UniqueFd null{checked(::open("/dev/null", O_RDWR | O_CLOEXEC), "open")};
  RunOptions options;
  options.fds = {{null.get(), 0}, {null.get(), 2}};
  Container container = runtime.must_create(
      bundle.shell("stat -L -c %d:%i /dev/null /dev/fd/0 /dev/fd/2"), "c", {}, options);
  BOOST_TEST(container.start().status == 0);
  const std::string out = container.read_to_end();
  container.wait();
  const std::string own = out.substr(0, out.find('\n') + 1);
  BOOST_TEST(own.size() > 1);
  BOOST_TEST(out == own + own + own);
}

BOOST_AUTO_TEST_SUITE_END()
