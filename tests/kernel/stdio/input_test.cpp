#include <fcntl.h>
#include <termios.h>

#include <boost/test/unit_test.hpp>

#include "runtime/base/sys_terminals.hpp"
#include "runtime/stdio_fifos.hpp"
#include "tests/kernel/stdio/fixture.hpp"

namespace ocelot::shim {
namespace {

using namespace std::chrono_literals;

// What `script` printed, when it reads from a process whose input `steps` provide.
template <typename Steps>
std::string output_of(Ends (*make)(), const std::string& script, Steps steps) {
  const test::TempDir dir;
  EventLoop loop;
  Ends ends = make();
  Stdio stdio{loop, with_log(dir / "log"), std::move(ends.streams)};
  ChildProcess process;
  const auto start = [&] {
    process = start_shell(script, ends);
    stdio.started();
  };
  steps(loop, stdio, start);
  run_to_end(loop, stdio, process);
  return text_of(read_file(dir / "log"));
}

BOOST_AUTO_TEST_SUITE(input)

BOOST_AUTO_TEST_CASE(input_that_is_closed_before_the_start_has_ended_after_it) {
  const std::string out =
      output_of(make_pipes, "cat; echo end", [](auto&, Stdio& stdio, auto start) {
        const auto client = stdio.attach({.input = true});
        sys::write_all(client[0].get(), "early\n");
        stdio.close_stdin();
        start();
      });
  BOOST_TEST((out == "early\nend\n" || out == "end\n"));
}

BOOST_AUTO_TEST_CASE(input_is_not_closed_before_the_start) {
  EventLoop loop;
  Ends ends = make_pipes();
  Stdio stdio{loop, {}, std::move(ends.streams)};
  stdio.close_stdin();
  run_until(
      loop, [] { return false; }, 5ms);
  sys::set_nonblocking(ends.stdin_end.get(), true);
  std::array<char, 8> byte;
  BOOST_TEST(sys::try_read(ends.stdin_end.get(), byte) == -EAGAIN);
  stdio.started();
  BOOST_TEST(sys::try_read(ends.stdin_end.get(), byte) == 0);
}

BOOST_AUTO_TEST_CASE(a_client_s_end_is_the_process_s_only_with_stdin_once) {
  const std::string out =
      output_of(make_pipes, "cat; echo end", [](EventLoop& loop, Stdio& stdio, auto start) {
        start();
        {
          const auto first = stdio.attach({.input = true});
          sys::write_all(first[0].get(), "first\n");
        }
        BOOST_TEST(run_until(loop, [&] { return stdio.counters().clients == 0; }));
        const auto second = stdio.attach({.input = true, .stdin_once = true});
        sys::write_all(second[0].get(), "second\n");
      });
  BOOST_TEST(out == "first\nsecond\nend\n");
}

BOOST_AUTO_TEST_CASE(a_process_that_does_not_read_holds_the_client_and_no_memory) {
  EventLoop loop;
  Ends ends = make_pipes();
  Stdio stdio{loop, {}, std::move(ends.streams)};
  stdio.started();
  const auto client = stdio.attach({.input = true, .stdin_once = true});
  sys::set_nonblocking(client[0].get(), true);
  std::size_t written = 0;
  const std::string block(4096, 'x');
  // Until neither pipe takes any more.
  run_until(
      loop,
      [&] {
        const ssize_t count = sys::try_write(client[0].get(), block);
        if (count > 0) written += static_cast<std::size_t>(count);
        return false;
      },
      200ms);
  BOOST_TEST(written >= 2u * 65536);
  BOOST_TEST(written <= 2u * 65536 + 4096);
  BOOST_TEST(stdio.counters().stdin_bytes <= 65536u + 4096);
  std::size_t got = 0;
  BOOST_TEST(run_until(loop, [&] {
    got += take_all(ends.stdin_end.get()).size();
    return got == written;
  }));
}

BOOST_AUTO_TEST_CASE(the_bytes_of_two_clients_all_arrive) {
  const std::string out =
      output_of(make_pipes, "tr -d '\\n' | wc -c", [](EventLoop& loop, Stdio& stdio, auto start) {
        start();
        std::vector<std::vector<UniqueFd>> clients;
        for (int i = 0; i < 2; ++i) {
          clients.push_back(stdio.attach({.input = true}));
          sys::write_all(clients.back()[0].get(), std::string(50000, 'x'));
        }
        BOOST_TEST(run_until(loop, [&] { return stdio.counters().stdin_bytes == 100000; }));
        stdio.close_stdin();
      });
  BOOST_TEST(out == "100000\n");
}

BOOST_AUTO_TEST_CASE(a_process_that_closed_its_input_does_not_disturb) {
  EventLoop loop;
  Ends ends = make_pipes();
  Stdio stdio{loop, {}, std::move(ends.streams)};
  stdio.started();
  ends.stdin_end.reset();
  const auto client = stdio.attach({.input = true});
  sys::write_all(client[0].get(), "x");
  BOOST_TEST(run_until(loop, [&] { return sys::try_write(client[0].get(), "x") == -EPIPE; }));
  sys::write_all(ends.stdout_end.get(), "on");
  BOOST_TEST(run_until(loop, [&] { return stdio.counters().stdout_bytes == 2; }));
  BOOST_TEST(stdio.counters().clients == 1u);
}

BOOST_AUTO_TEST_CASE(a_terminal_is_told_the_end_as_a_person_would) {
  for (const std::string typed : {"", "line\n", "no newline"}) {
    const std::string out = output_of(
        make_terminal, "stty -echo; cat | wc -c; echo end",
        [&](EventLoop& loop, Stdio& stdio, auto start) {
          const auto client = stdio.attach({.input = true});
          sys::write_all(client[0].get(), typed);
          BOOST_TEST(run_until(loop, [&] { return stdio.counters().stdin_bytes == typed.size(); }));
          stdio.close_stdin();
          start();
        });
    BOOST_TEST(out.ends_with(std::to_string(typed.size()) + "\r\nend\r\n"));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ocelot::shim
