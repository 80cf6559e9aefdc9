#include <fcntl.h>
#include <sys/ioctl.h>

#include <boost/test/unit_test.hpp>

#include "runtime/base/error.hpp"
#include "tests/kernel/stdio/fixture.hpp"

namespace ocelot::shim {
namespace {

using namespace std::chrono_literals;

std::size_t waiting_in(int fd) {
  int count = 0;
  ::ioctl(fd, FIONREAD, &count);
  return static_cast<std::size_t>(count);
}

BOOST_AUTO_TEST_SUITE(clients)

BOOST_AUTO_TEST_CASE(sixteen_may_attach_and_the_next_is_refused_until_one_has_left) {
  EventLoop loop;
  Ends ends = make_pipes();
  Stdio stdio{loop, {}, std::move(ends.streams)};
  std::vector<std::vector<UniqueFd>> clients;
  for (std::size_t i = 0; i < Stdio::most_clients; ++i) {
    BOOST_TEST(stdio.counters().clients == i);
    clients.push_back(stdio.attach({.input = i % 2 == 0}));
  }
  BOOST_CHECK_THROW(stdio.attach({}), Error);
  BOOST_TEST(stdio.counters().clients == Stdio::most_clients);
  clients.pop_back();
  BOOST_TEST(run_until(loop, [&] { return stdio.counters().clients == 15; }));
  BOOST_CHECK_NO_THROW(clients.push_back(stdio.attach({})));
  BOOST_CHECK_THROW(stdio.attach({}), Error);
  sys::write_all(ends.stdout_end.get(), "all");
  for (const auto& client : clients) {
    const int out = client[client.size() - 2].get();
    BOOST_TEST(run_until(loop, [&] { return waiting_in(out) == 3; }));
  }
}

BOOST_AUTO_TEST_CASE(ten_thousand_clients_leave_no_descriptor_behind) {
  EventLoop loop;
  Ends ends = make_pipes();
  Stdio stdio{loop, {}, std::move(ends.streams)};
  const int before = sys::duplicate(ends.stdout_end.get()).get();
  for (int i = 0; i < 10000; ++i) {
    { const auto client = stdio.attach({.input = true}); }
    const auto turn = loop.after(0ms, [&] { loop.stop(); });
    loop.run();
  }
  BOOST_TEST(run_until(loop, [&] { return stdio.counters().clients == 0; }));
  BOOST_TEST(sys::duplicate(ends.stdout_end.get()).get() == before);
}

BOOST_AUTO_TEST_CASE(who_attaches_later_gets_the_last_output_first) {
  EventLoop loop;
  Ends ends = make_pipes();
  Stdio stdio{loop, {.replay = 21}, std::move(ends.streams)};
  sys::write_all(ends.stdout_end.get(), "forgotten, remembered");
  BOOST_REQUIRE(run_until(loop, [&] { return stdio.counters().stdout_bytes == 21; }));
  const auto with = stdio.attach({});
  const auto without = stdio.attach({.replay = false});
  sys::write_all(ends.stdout_end.get(), "!");
  BOOST_REQUIRE(run_until(loop, [&] { return waiting_in(without[0].get()) == 1; }));
  BOOST_TEST(take_all(with[0].get()) == "gotten, remembered!");
  BOOST_TEST(take_all(without[0].get()) == "!");
}

BOOST_AUTO_TEST_CASE(a_replay_of_one_MiB_is_there_at_once) {
  EventLoop loop;
  Ends ends = make_pipes();
  Stdio stdio{loop, {.replay = Replay::largest_capacity}, std::move(ends.streams)};
  ChildProcess process = start_shell("head -c 2000000 /dev/zero", ends);
  BOOST_REQUIRE(run_until(loop, [&] { return stdio.counters().stdout_bytes == 2000000; }));
  const auto client = stdio.attach({});
  BOOST_TEST(waiting_in(client[0].get()) > Replay::largest_capacity - 100);
  BOOST_TEST(stdio.counters().lost_bytes == 0u);
}

BOOST_AUTO_TEST_CASE(after_the_end_a_client_gets_the_last_output_and_the_end) {
  EventLoop loop;
  Ends ends = make_pipes();
  Stdio stdio{loop, {}, std::move(ends.streams)};
  ChildProcess process = start_shell("echo out; echo err >&2", ends);
  run_to_end(loop, stdio, process);
  const auto client = stdio.attach({.input = true});
  BOOST_TEST(sys::read_all(client[1].get()) == "out\n");
  BOOST_TEST(sys::read_all(client[2].get()) == "err\n");
  BOOST_TEST(sys::try_write(client[0].get(), "x") == -EPIPE);
  BOOST_TEST(stdio.counters().clients == 0u);
}

// A client that reads nothing, while another reads all.
BOOST_AUTO_TEST_CASE(a_stalled_client_holds_nobody_for_longer_than_the_patience) {
  const test::TempDir dir;
  EventLoop loop;
  Ends ends = make_pipes();
  StdioOptions options = with_log(dir / "log");
  options.patience = 1s;
  Stdio stdio{loop, options, std::move(ends.streams)};
  const auto stalled = stdio.attach({});
  const auto reading = stdio.attach({});
  std::string got;
  sys::set_nonblocking(reading[0].get(), true);
  const auto reader = loop.watch(reading[0].get(), EPOLLIN, [&](std::uint32_t) {
    std::array<char, 65536> chunk;
    const ssize_t count = sys::try_read(reading[0].get(), chunk);
    if (count > 0) got.append(chunk.data(), static_cast<std::size_t>(count));
  });
  ChildProcess process = start_shell("seq 300000", ends);  // 1988895 bytes
  stdio.started();
  const auto begin = std::chrono::steady_clock::now();
  run_to_end(loop, stdio, process);
  BOOST_TEST((std::chrono::steady_clock::now() - begin < 10s));
  got += take_all(reading[0].get());
  const std::string all = text_of(read_file(dir / "log"));
  BOOST_TEST(all.size() == 1988895u);
  BOOST_TEST((got == all));
  const std::string first = take_all(stalled[0].get());
  BOOST_TEST(first.size() >= 65536u);
  BOOST_TEST(all.starts_with(first));
  const StdioCounters counters = stdio.counters();
  BOOST_TEST(counters.lost_bytes == all.size() - first.size());
  BOOST_TEST(counters.stalls >= 1u);
}

BOOST_AUTO_TEST_CASE(a_client_that_reads_again_gets_what_comes_then) {
  EventLoop loop;
  Ends ends = make_pipes();
  Stdio stdio{loop, {.patience = 1ms}, std::move(ends.streams)};
  const auto client = stdio.attach({});
  const std::string block(32768, 'x');
  for (std::uint64_t i = 1; i <= 10; ++i) {
    sys::write_all(ends.stdout_end.get(), block);
    BOOST_REQUIRE(run_until(loop, [&] { return stdio.counters().stdout_bytes == i * 32768; }));
  }
  BOOST_REQUIRE(run_until(loop, [&] { return stdio.counters().lost_bytes == 8 * 32768; }));
  BOOST_TEST(take_all(client[0].get()).size() == 65536u);
  run_until(
      loop, [] { return false; }, 10ms);  // it is seen to have room
  sys::write_all(ends.stdout_end.get(), "again");
  BOOST_TEST(run_until(loop, [&] { return waiting_in(client[0].get()) == 5; }));
  BOOST_TEST(stdio.counters().lost_bytes == 8u * 32768);
}

BOOST_AUTO_TEST_CASE(a_client_that_takes_its_bytes_within_the_patience_loses_none) {
  EventLoop loop;
  Ends ends = make_pipes();
  Stdio stdio{loop, {.patience = 60s}, std::move(ends.streams)};
  const auto client = stdio.attach({.replay = false});
  ChildProcess process = start_shell("seq 100000", ends);
  std::string got;
  BOOST_REQUIRE(run_until(loop, [&] {
    // Only when it is full.
    if (waiting_in(client[0].get()) >= 65536 || stdio.counters().stdout_bytes == 588895)
      got += take_all(client[0].get());
    return got.size() == 588895;
  }));
  BOOST_TEST(stdio.counters().lost_bytes == 0u);
  BOOST_TEST(stdio.counters().stalls > 0u);
}

BOOST_AUTO_TEST_CASE(a_client_that_goes_while_it_holds_the_process_lets_it_go) {
  EventLoop loop;
  Ends ends = make_pipes();
  Stdio stdio{loop, {.patience = 3600s}, std::move(ends.streams)};
  auto client = stdio.attach({});
  ChildProcess process = start_shell("seq 100000", ends);
  BOOST_REQUIRE(run_until(loop, [&] { return stdio.counters().stalls == 1; }));
  client.clear();
  BOOST_TEST(run_until(loop, [&] { return stdio.counters().stdout_bytes == 588895; }));
  BOOST_TEST(stdio.counters().clients == 0u);
}

BOOST_AUTO_TEST_CASE(a_stalled_client_of_one_stream_does_not_hold_the_other) {
  EventLoop loop;
  Ends ends = make_pipes();
  Stdio stdio{loop, {.patience = 3600s}, std::move(ends.streams)};
  const auto client = stdio.attach({});
  ChildProcess process = start_shell("seq 100000 & echo err >&2", ends);
  BOOST_REQUIRE(run_until(loop, [&] { return stdio.counters().stalls == 1; }));
  BOOST_TEST(run_until(loop, [&] { return waiting_in(client[1].get()) == 4; }));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ocelot::shim
