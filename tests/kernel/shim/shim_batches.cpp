// How often the shim of a real container calls the kernel for what it sends.
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <sstream>

#include "tests/kernel/shim/shim_client.hpp"
#include "tests/support/black_box.hpp"

namespace {

using namespace ocelot::test;
using namespace std::chrono_literals;
using nlohmann::json;
using ocelot::control::Client;
using ocelot::control::Clock;

// The system calls of a process while this object is there.
class Traced {
 public:
  Traced(pid_t pid, const std::string& calls)
      : strace_{{"/bin/sh", "-c",
                 "exec strace -p " + std::to_string(pid) + " -e trace=" + calls + " -o " +
                     (files_ / "calls") + " 2>&1"}} {
    strace_.read_until("attached");
  }
  // Names and results, in their order; nothing is added after this.
  std::vector<std::string> lines() {
    strace_.send(SIGINT);
    strace_.wait();
    std::istringstream text{ocelot::test::read_file(files_ / "calls")};
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
  }

 private:
  TempDir files_;
  Command strace_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(shim_batches, *needs::root() * needs::ocelot())

// The turn of the loop that reads a request sends the answer: nothing waits in between.
BOOST_AUTO_TEST_CASE(a_lone_reply_waits_for_no_timer, *needs::file("/usr/bin/strace")) {
  constexpr unsigned requests = 50;
  const Runtime runtime;
  Bundle bundle;
  const Shimmed shimmed{runtime, bundle.args({"sleep", "1000"})};
  Client client = client_of(runtime);
  client.subscribe();
  client.wait(Clock::now() + 20s);
  Traced traced{shimmed.shim_pid(), "epoll_wait,recvmmsg,sendmsg"};
  for (unsigned i = 0; i < requests; ++i) ask(client, R"({"operation":"state"})");
  unsigned read = 0, answered_at_once = 0;
  bool waiting = false;
  for (const std::string& line : traced.lines()) {
    if (line.starts_with("recvmmsg(") && contains(line, ") = 1")) {
      waiting = true;
      ++read;
    } else if (line.starts_with("epoll_wait(")) {
      waiting = false;
    } else if (line.starts_with("sendmsg(") && waiting) {
      waiting = false;
      ++answered_at_once;
    }
  }
  BOOST_TEST(read == requests);
  BOOST_TEST(answered_at_once == requests);
}

// Each process of exec is a descriptor of the shim's, and of this process's.
class MoreDescriptors {
 public:
  explicit MoreDescriptors(rlim_t count) {
    checked(::getrlimit(RLIMIT_NOFILE, &before_), "getrlimit");
    BOOST_TEST_REQUIRE(before_.rlim_max >= count);
    const rlimit more{std::max(before_.rlim_cur, count), before_.rlim_max};
    checked(::setrlimit(RLIMIT_NOFILE, &more), "setrlimit");
  }
  ~MoreDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

BOOST_AUTO_TEST_CASE(a_thousand_queued_events_leave_in_at_most_forty_calls) {
  constexpr unsigned processes = 1000;
  const MoreDescriptors descriptors{4096};
  const Runtime runtime;
  Bundle bundle;
  const Shimmed shimmed{runtime, bundle.args({"sleep", "1000"})};
  Client client = client_of(runtime);
  std::vector<std::pair<pid_t, ocelot::UniqueFd>> made;
  while (made.size() < processes) {
    auto answer = client.request(R"({"operation":"exec","args":["sleep","1000"],"cwd":"/"})", {},
                                 Clock::now() + 20s);
    made.emplace_back(json::parse(answer.document).at("pid"), std::move(answer.fds.at(0)));
  }
  Client subscriber = client_of(runtime);
  subscriber.subscribe();
  subscriber.wait(Clock::now() + 20s);
  const auto calls = [&] {
    return ask(client, R"({"operation":"status"})").at("control").at("sendCalls").get<unsigned>();
  };
  const unsigned before = calls();

  // They end while the shim does not look, so all of their events are there when it does.
  checked(::kill(shimmed.shim_pid(), SIGSTOP), "kill");
  for (const auto& [pid, pidfd] : made) checked(::kill(pid, SIGKILL), "kill");
  for (const auto& [pid, pidfd] : made) {
    pollfd end{pidfd.get(), POLLIN, 0};
    BOOST_TEST_REQUIRE(::poll(&end, 1, 20'000) == 1);
  }
  checked(::kill(shimmed.shim_pid(), SIGCONT), "kill");
  for (unsigned i = 0; i < processes; ++i) {
    const auto come = subscriber.wait(Clock::now() + 20s);
    BOOST_TEST_REQUIRE(come.has_value());
    BOOST_TEST_REQUIRE(json::parse(come->document).at("event") == "exec-exited");
  }
  const unsigned made_calls = calls() - before - 1;  // that of the answer itself
  BOOST_TEST_MESSAGE("calls to send " << processes << " events: " << made_calls);
  BOOST_TEST(made_calls <= 40u);
}

BOOST_AUTO_TEST_SUITE_END()
