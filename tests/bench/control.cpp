#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <string>

#include "runtime/base/process.hpp"
#include "shim/control/client.hpp"
#include "shim/control/server.hpp"
#include "tests/bench/echo.hpp"

// A request's round trip through the control socket beside that of the same number of bytes through
// a bare echo. In one run, in turns, so that both see the same machine.
namespace {

using namespace ocelot;
using SteadyClock = std::chrono::steady_clock;

const std::string request = R"({"operation":"state"})";
// As large as a state is.
const std::string answer =
    R"({"ociVersion":"1.2.0","id":"web-1","status":"running","pid":12345,"bundle":")" +
    std::string(100, 'b') + R"(","annotations":{"org.example":")" + std::string(60, 'a') + "\"}}";

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

}  // namespace

int main(int argc, char** argv) {
  unsigned rounds = 20'000;
  double most = 0;
  CLI::App options{"round trips through the control socket and through a bare echo"};
  options.add_option("--rounds", rounds, "round trips of each kind")->capture_default_str();
  options.add_option("--most", most, "fail when p50 is more than so many times the echo's");
  CLI11_PARSE(options, argc, argv);

  bench::use_one_processor();
  bench::Echo bare{control::header_bytes + answer.size()};
  control::SocketPair pair = control::SocketPair::create();
  const ChildProcess server = spawn(
      "server", {},
      [&] {
        pair.one.reset();
        return serve_control(std::move(pair.other));
      },
      [](const Error& error) { fmt::print("server: {}\n", error.what()); });
  pair.other.reset();

  bool first = true;
  control::Client client{[&](int& error_number) {
    error_number = first ? 0 : ECONNREFUSED;
    first = false;
    return std::move(pair.one);
  }};
  const auto deadline = SteadyClock::now() + std::chrono::minutes{10};
  bench::Times echo, control;
  constexpr unsigned block = 100;
  for (unsigned i = 0; i < rounds; i += block) {
    for (unsigned n = 0; n < block; ++n)
      echo.add([&] { bare.ask(control::header_bytes + request.size()); });
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
