#include <fmt/core.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "runtime/base/process.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_network.hpp"
#include "runtime/base/unix_socket.hpp"
#include "shim/control/client.hpp"
#include "shim/control/server.hpp"

// A request's round trip through the control socket beside that of the same number of bytes through
// a bare echo: epoll, recvmsg and send on a SOCK_SEQPACKET socket with SO_PASSCRED. In one run, in
// turns, so that both see the same machine.
namespace {

using namespace ocelot;
using SteadyClock = std::chrono::steady_clock;

const std::string request = R"({"operation":"state"})";
// As large as a state is.
const std::string answer =
    R"({"ociVersion":"1.2.0","id":"web-1","status":"running","pid":12345,"bundle":")" +
    std::string(100, 'b') + R"(","annotations":{"org.example":")" + std::string(60, 'a') + "\"}}";

int serve_bare(int socket) {
  const UniqueFd epoll{::epoll_create1(EPOLL_CLOEXEC)};
  epoll_event event{.events = EPOLLIN, .data = {.fd = socket}};
  ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, socket, &event);
  const std::string reply(control::header_bytes + answer.size(), 'r');
  static std::array<char, control::max_packet_bytes> bytes;
  std::array<char, 256> control_bytes;
  for (;;) {
    if (::epoll_wait(epoll.get(), &event, 1, -1) != 1) continue;
    iovec part{bytes.data(), bytes.size()};
    msghdr message{.msg_iov = &part,
                   .msg_iovlen = 1,
                   .msg_control = control_bytes.data(),
                   .msg_controllen = control_bytes.size()};
    if (::recvmsg(socket, &message, MSG_CMSG_CLOEXEC) <= 0) return 0;
    ::send(socket, reply.data(), reply.size(), MSG_NOSIGNAL);
  }
}

struct Answering : control::Handler {
  control::Server* server = nullptr;
  EventLoop* loop = nullptr;
  void on_request(control::Request asked) override {
    if (asked.operation == control::Operation::Shutdown) loop->stop();
    server->reply(asked.handle, asked.operation == control::Operation::State ? answer : "{}");
  }
};

int serve_control(UniqueFd socket) {
  EventLoop loop;
  Answering handler;
  control::Server server{loop, control::Authority{{}}, handler, {}};
  handler.server = &server;
  handler.loop = &loop;
  server.adopt(std::move(socket));
  loop.run();
  return 0;
}

template <typename Serve>
ChildProcess start(control::SocketPair& ends, Serve serve) {
  ChildProcess child = spawn(
      "server", {},
      [&] {
        ends.one.reset();
        return serve();
      },
      [](const Error& error) { fmt::print("server: {}\n", error.what()); });
  ends.other.reset();
  return child;
}

class Times {
 public:
  template <typename Body>
  void add(Body body) {
    const auto begin = SteadyClock::now();
    body();
    us_.push_back(std::chrono::duration<double, std::micro>(SteadyClock::now() - begin).count());
  }
  double quantile(double share) {
    std::sort(us_.begin(), us_.end());
    return us_[static_cast<std::size_t>(share * static_cast<double>(us_.size() - 1))];
  }

 private:
  std::vector<double> us_;
};

void ask_bare(int socket, const std::string& bytes) {
  static std::array<char, control::max_packet_bytes> room;
  std::array<char, 256> control_bytes;
  ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  sys::poll(socket, POLLIN, -1);
  iovec part{room.data(), room.size()};
  msghdr message{.msg_iov = &part,
                 .msg_iovlen = 1,
                 .msg_control = control_bytes.data(),
                 .msg_controllen = control_bytes.size()};
  ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
}

}  // namespace

int main(int argc, char** argv) {
  unsigned rounds = 20'000;
  double most = 0;
  CLI::App options{"round trips through the control socket and through a bare echo"};
  options.add_option("--rounds", rounds, "round trips of each kind")->capture_default_str();
  options.add_option("--most", most, "fail when p50 is more than so many times the echo's");
  CLI11_PARSE(options, argc, argv);

  control::SocketPair bare = control::SocketPair::create();
  ChildProcess bare_server = start(bare, [&] {
    sys::set_nonblocking(bare.other.get(), false);
    return serve_bare(bare.other.get());
  });
  control::SocketPair pair = control::SocketPair::create();
  ChildProcess control_server = start(pair, [&] { return serve_control(std::move(pair.other)); });

  bool first = true;
  control::Client client{[&](int& error_number) {
    error_number = first ? 0 : ECONNREFUSED;
    first = false;
    return std::move(pair.one);
  }};
  const auto deadline = SteadyClock::now() + std::chrono::minutes{10};
  const std::string bytes(control::header_bytes + request.size(), 'q');
  Times echo, control;
  constexpr unsigned block = 100;
  for (unsigned i = 0; i < rounds; i += block) {
    for (unsigned n = 0; n < block; ++n) echo.add([&] { ask_bare(bare.one.get(), bytes); });
    for (unsigned n = 0; n < block; ++n)
      control.add([&] { client.request(request, {}, deadline); });
  }
  const double ratio = control.quantile(0.5) / echo.quantile(0.5);
  fmt::print("{:<24}{:>10}{:>10}\n", "", "p50 us", "p99 us");
  fmt::print("{:<24}{:>10.2f}{:>10.2f}\n", "bare echo", echo.quantile(0.5), echo.quantile(0.99));
  fmt::print("{:<24}{:>10.2f}{:>10.2f}\n", "control socket", control.quantile(0.5),
             control.quantile(0.99));
  fmt::print("{:<24}{:>10.2f}\n", "ratio", ratio);
  return most == 0 || ratio <= most ? 0 : 1;
}
