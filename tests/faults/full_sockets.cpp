// Sockets whose listener is there and takes nothing any more (F33): whoever asks gets an answer,
// and whoever tells gives up.
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;
using namespace std::chrono_literals;

namespace {

// A socket that as many have connected to, or sent to, as it holds.
class FullSocket {
 public:
  explicit FullSocket(int type) : socket_(make(type)) {
    address_.sun_family = AF_UNIX;
    std::strncpy(address_.sun_path, path().c_str(), sizeof address_.sun_path - 1);
    checked(::bind(socket_.get(), address(), sizeof address_), "bind");
    if (type == SOCK_STREAM) {
      checked(::listen(socket_.get(), 0), "listen");
      while (connects(SOCK_STREAM)) {
      }
    } else {
      BOOST_REQUIRE(connects(SOCK_DGRAM));
      while (::send(peers_.back().get(), "x", 1, 0) == 1) {
      }
    }
    BOOST_REQUIRE(errno == EAGAIN);
  }

  std::string path() const { return directory_ / "socket"; }

 private:
  static UniqueFd make(int type) {
    return UniqueFd{checked(::socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "socket")};
  }
  const sockaddr* address() const { return reinterpret_cast<const sockaddr*>(&address_); }
  bool connects(int type) {
    peers_.push_back(make(type));
    return ::connect(peers_.back().get(), address(), sizeof address_) == 0;
  }

  TempDir directory_;
  sockaddr_un address_{};
  UniqueFd socket_;
  std::vector<UniqueFd> peers_;
};

RunOptions quick() {
  RunOptions options;
  options.timeout = 20s;
  return options;
}

// More often than a socket of the runtime's holds connections.
void ask_often(const Runtime& runtime) {
  for (int i = 0; i < 40; ++i)
    BOOST_REQUIRE(json::parse(runtime.call({"state", "c"}, quick()).out)["status"] == "created");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(full_sockets, *needs::root())

BOOST_AUTO_TEST_CASE(a_stopped_init_holds_neither_state_nor_list_up) {
  Runtime runtime;
  Bundle bundle;
  Running running{runtime, bundle, Running::Stop::at_created};
  BOOST_TEST(running.container().kill("STOP").status == 0);
  ask_often(runtime);
  BOOST_TEST(runtime.call({"list", "--quiet"}, quick()).out == "c\n");
}

BOOST_AUTO_TEST_CASE(start_gives_up_where_init_takes_no_connection, *needs::ocelot()) {
  Runtime runtime;
  Bundle bundle;
  Running running{runtime, bundle, Running::Stop::at_created};
  BOOST_TEST(running.container().kill("STOP").status == 0);
  ask_often(runtime);
  check_error(runtime.call({"start", "c"}, quick()), "start.sock");
  BOOST_TEST(running.container().kill("CONT").status == 0);
  BOOST_TEST(runtime.start("c").status == 0);
  BOOST_TEST(runtime.status("c") == "running");
}

BOOST_AUTO_TEST_CASE(a_hook_that_runs_in_the_container_holds_state_not_up) {
  Runtime runtime;
  Bundle bundle;
  bundle.config["root"]["readonly"] = false;
  checked(::mkfifo((bundle.rootfs() + "/wait").c_str(), 0600), "mkfifo");
  bundle.config["hooks"]["startContainer"] =
      json::array({{{"path", "/bin/sh"}, {"args", {"sh", "-c", "echo > /wait; read x < /wait"}}}});
  Running running{runtime, bundle, Running::Stop::at_created};
  Command starting{runtime.command({"start", "c"})};
  BOOST_TEST(read_file(bundle.rootfs() + "/wait") == "\n");  // the hook runs
  ask_often(runtime);
  write_file(bundle.rootfs() + "/wait", "go\n");
  BOOST_TEST(starting.wait().status == 0);
  BOOST_TEST(runtime.status("c") == "running");
}

BOOST_AUTO_TEST_CASE(create_gives_up_where_nobody_accepts_and_leaves_nothing,
                     *needs::ocelot("runc waits for ever")) {
  const FullSocket socket{SOCK_STREAM};
  const Leftovers before;
  Runtime runtime;
  const auto check = [&](Bundle& bundle, const std::vector<std::string>& flags) {
    const Container container = runtime.create(bundle, "c", flags, quick());
    BOOST_TEST(container.created.status != 0);
    BOOST_TEST(container.created.err.find("connect " + socket.path()) != std::string::npos,
               container.created.err);
    BOOST_TEST(runtime.status("c") == "absent");
  };
  Bundle terminal, plain, notifying;
  terminal.process()["terminal"] = true;
  notifying.linux()["seccomp"] = {
      {"defaultAction", "SCMP_ACT_ALLOW"},
      {"listenerPath", socket.path()},
      {"syscalls", {{{"names", {"getcwd"}}, {"action", "SCMP_ACT_NOTIFY"}}}}};
  check(terminal, {"--console-socket", socket.path()});
  check(plain, {"--pidfd-socket", socket.path()});
  check(notifying, {});
  for (const std::string& item : before.since()) BOOST_ERROR(item);
}

BOOST_AUTO_TEST_CASE(a_service_manager_that_reads_nothing_is_warned_of,
                     *needs::ocelot("runc waits for ever")) {
  const FullSocket socket{SOCK_DGRAM};
  Runtime runtime;
  Bundle bundle;
  RunOptions options = quick();
  options.env = {"NOTIFY_SOCKET=" + socket.path()};
  const Output output =
      runtime.run(bundle.args(probe_args({{"notify", "READY=1"}})), "c", {}, std::move(options));
  BOOST_TEST(output.status == 0, output.err);
  BOOST_TEST(output.err.find("NOTIFY_SOCKET " + socket.path()) != std::string::npos, output.err);
}

BOOST_AUTO_TEST_SUITE_END()
