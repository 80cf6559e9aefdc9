// NOTIFY_SOCKET: readiness of the process told to the caller's service manager.
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <chrono>
#include <cstring>

#include "tests/support/black_box.hpp"
#include "tests/support/slow_close.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

// What a service manager listens on.
class Manager {
 public:
  Manager() : socket_{checked(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket")} {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path().c_str(), sizeof address.sun_path - 1);
    checked(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), "bind");
    checked(::chmod(path().c_str(), 0666), "chmod");
  }
  std::string path() const { return directory_ / "notify"; }

  // Takes what comes, as a service manager does, until the command has ended.
  Output serve(Command& command) {
    for (;;) {
      pollfd fds[] = {{socket_.get(), POLLIN, 0}, {command.pidfd(), POLLIN, 0}};
      BOOST_REQUIRE(::poll(fds, 2, 15000) > 0);
      if (fds[0].revents != 0)
        receive();
      else
        return command.wait();
    }
  }
  const std::string& text() const { return text_; }

  // Reads datagrams until their text contains `word`.
  std::string read_until(const std::string& word) {
    while (text_.find(word) == std::string::npos) {
      pollfd fd{socket_.get(), POLLIN, 0};
      BOOST_REQUIRE_MESSAGE(::poll(&fd, 1, 15000) == 1, "no '" << word << "' in: " << text_);
      receive();
    }
    return text_;
  }

 private:
  // A descriptor that comes with it (BARRIER=1) is closed: it was taken.
  void receive() {
    char buffer[4096];
    ssize_t n = ::recv(socket_.get(), buffer, sizeof buffer, 0);
    text_.append(buffer, static_cast<size_t>(n)).append("\n");
  }

  TempDir directory_;
  UniqueFd socket_;
  std::string text_;
};

void send_word(const std::string& path, std::string word, int fd) {
  const UniqueFd socket{checked(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket")};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  iovec part{word.data(), word.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof fd)] = {};
  msghdr message{};
  message.msg_name = &address;
  message.msg_namelen = sizeof address;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (fd >= 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fd);
    std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  }
  checked(static_cast<int>(::sendmsg(socket.get(), &message, MSG_NOSIGNAL)), "sendmsg");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(notify_socket)

BOOST_AUTO_TEST_CASE(foreground_run_relays_readiness_and_tells_the_pid) {
  Runtime runtime;
  Bundle bundle;
  Manager manager;
  RunOptions options;
  options.env = {"NOTIFY_SOCKET=" + manager.path()};
  bundle.args(probe_args({{"notify", "READY=1"}, {"hold"}}));
  Command running = runtime.run_in_foreground(bundle, "c", {}, options);
  running.read_until("ready\n");
  manager.read_until("READY=1");
  // The runtime stays: it is what the service manager watches.
  manager.read_until("MAINPID=" + std::to_string(running.pid()));
  running.close_input();
  BOOST_TEST(manager.serve(running).status == 0);
}

BOOST_AUTO_TEST_CASE(start_relays_readiness) {
  Runtime runtime;
  Bundle bundle;
  Manager manager;
  RunOptions options;
  options.env = {"NOTIFY_SOCKET=" + manager.path()};
  bundle.args(probe_args({{"notify", "READY=1"}, {"hold"}}));
  Container container = runtime.must_create(bundle, "c", {}, options);
  Command start{runtime.command({"start", "c"}), options};
  Output started = manager.serve(start);
  BOOST_TEST(started.status == 0, started.err);
  BOOST_TEST(contains(manager.text(), "READY=1"));
  BOOST_TEST(contains(manager.text(), "MAINPID=" + std::to_string(container.pid())));
}

BOOST_AUTO_TEST_CASE(process_finds_a_socket_of_its_own) {  // L2
  Runtime runtime;
  Bundle bundle;
  Manager manager;
  RunOptions options;
  options.env = {"NOTIFY_SOCKET=" + manager.path()};
  bundle.args(probe_args({{"report"}, {"notify", "READY=1"}}));
  Command running = runtime.run_in_foreground(bundle, "c", {}, options);
  running.close_input();
  Output output = manager.serve(running);
  BOOST_REQUIRE_MESSAGE(output.status == 0, output.err);
  json outcomes = json::parse(output.out);
  BOOST_TEST(variable_in(outcomes[0], "NOTIFY_SOCKET").is_string());
  BOOST_TEST(outcomes[1]["ok"] == true, outcomes[1].dump());
}

BOOST_AUTO_TEST_CASE(without_it_the_process_has_none) {
  Runtime runtime;
  Bundle bundle;
  BOOST_TEST(variable_in(report(runtime, bundle), "NOTIFY_SOCKET").is_null());
}

// It waits for a line before it is ready.
BOOST_AUTO_TEST_CASE(a_shim_relays_readiness_whenever_it_comes, *needs::ocelot()) {
  for (const bool upgraded : {false, true}) {
    Runtime runtime;
    Bundle bundle;
    Manager manager;
    RunOptions options;
    options.env = {"NOTIFY_SOCKET=" + manager.path()};
    bundle.shell("read x; /bin/probe notify STATUS=1 , notify READY=1 >&2; read x; exit 4").write();
    const Output run = runtime.call(
        {"run", "--detach", "--shim", "--stdin", "--bundle", bundle.path(), "c"}, options);
    BOOST_REQUIRE_MESSAGE(run.status == 0, run.err);  // ready or not
    const std::string notify = runtime.root() + "/c/notify";
    struct stat facts {};
    checked(::stat(notify.c_str(), &facts), "stat");
    BOOST_TEST((facts.st_mode & 07777) == 0700u);
    if (upgraded) BOOST_TEST(runtime.call({"shim", "upgrade", "c"}).status == 0);
    Command attached{runtime.command({"attach", "c"}), {.keep_input_open = true}};
    attached.write("\n");
    manager.read_until("READY=1");
    manager.read_until("MAINPID=" + std::to_string(runtime.state("c")["pid"].get<pid_t>()));
    manager.read_until("BARRIER=1");
    if (upgraded) BOOST_TEST(runtime.call({"shim", "upgrade", "c"}).status == 0);
    attached.write("\n");
    BOOST_TEST(attached.wait().status == 4);
    BOOST_TEST(!contains(manager.text(), "STATUS"), manager.text());
    BOOST_TEST(manager.text().find("READY") == manager.text().rfind("READY"), manager.text());
    BOOST_TEST(runtime.del("c").status == 0);
  }
}

// Here by one of the host's, in the container's place.
BOOST_AUTO_TEST_CASE(a_descriptor_that_comes_with_a_word_does_not_hold_the_shim, *needs::ocelot()) {
  Runtime runtime;
  Bundle bundle;
  Manager manager;
  RunOptions options;
  options.env = {"NOTIFY_SOCKET=" + manager.path()};
  bundle.shell("read x").write();
  const Output run = runtime.call(
      {"run", "--detach", "--shim", "--stdin", "--bundle", bundle.path(), "c"}, options);
  BOOST_REQUIRE_MESSAGE(run.status == 0, run.err);
  const std::string socket = runtime.root() + "/c/notify/container/notify.sock";
  std::vector<UniqueFd> readers;
  for (int i = 0; i < 6; ++i) {
    Lingering connection;
    send_word(socket, "STATUS=1", connection.writer.get());
    readers.push_back(std::move(connection.reader));
  }
  const auto begin = std::chrono::steady_clock::now();
  BOOST_TEST(runtime.call({"shim", "status", "c"}).status == 0);
  BOOST_TEST(runtime.call({"shim", "upgrade", "c"}).status == 0);
  BOOST_TEST((std::chrono::steady_clock::now() - begin < std::chrono::seconds{30}));
  readers.clear();
  send_word(socket, "READY=1", -1);
  manager.read_until("READY=1");
  BOOST_TEST(runtime.del("c", {"--force"}).status == 0);
}

BOOST_AUTO_TEST_CASE(run_with_a_shim_in_the_foreground_is_the_main_process, *needs::ocelot()) {
  Runtime runtime;
  Bundle bundle;
  Manager manager;
  RunOptions options;
  options.env = {"NOTIFY_SOCKET=" + manager.path()};
  options.keep_input_open = true;
  bundle.args(probe_args({{"notify", "READY=1"}, {"hold"}})).write();
  Command running{runtime.command({"run", "--shim", "--stdin", "--bundle", bundle.path(), "c"}),
                  options};
  running.read_until("ready\n");
  manager.read_until("READY=1");
  manager.read_until("MAINPID=" + std::to_string(running.pid()));
  running.close_input();
  BOOST_TEST(manager.serve(running).status == 0);
}

BOOST_AUTO_TEST_SUITE_END()
