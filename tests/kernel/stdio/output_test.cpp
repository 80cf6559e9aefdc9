#include <boost/test/unit_test.hpp>

#include "tests/kernel/stdio/fixture.hpp"

namespace ocelot::shim {
namespace {

BOOST_AUTO_TEST_SUITE(output)

BOOST_AUTO_TEST_CASE(what_a_process_wrote_before_it_exited_at_once_is_in_the_log) {
  const test::TempDir dir;
  for (int i = 0; i < 20; ++i) {
    EventLoop loop;
    Ends ends = make_pipes();
    const std::string path = dir / std::to_string(i);
    Stdio stdio{loop, with_log(path), std::move(ends.streams)};
    ChildProcess process = start_shell("echo out; echo err >&2; printf last", ends);
    stdio.started();
    run_to_end(loop, stdio, process);
    const std::string log = read_file(path);
    BOOST_TEST(log.find(" stdout F out\n") != std::string::npos);
    BOOST_TEST(log.find(" stderr F err\n") != std::string::npos);
    BOOST_TEST(log.find(" stdout P last\n") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(the_last_output_on_a_terminal_is_in_the_log) {
  const test::TempDir dir;
  for (int i = 0; i < 20; ++i) {
    EventLoop loop;
    Ends ends = make_terminal();
    const std::string path = dir / std::to_string(i);
    Stdio stdio{loop, with_log(path), std::move(ends.streams)};
    ChildProcess process = start_shell("seq 1000; printf last", ends);
    stdio.started();
    const auto took = run_to_end(loop, stdio, process);
    BOOST_TEST(took.count() < 1000);
    const std::string text = text_of(read_file(path));
    BOOST_TEST(text.starts_with("1\r\n2\r\n"));
    BOOST_TEST(text.ends_with("999\r\n1000\r\nlast"));
  }
}

BOOST_AUTO_TEST_CASE(a_client_gets_each_stream_and_its_end) {
  EventLoop loop;
  Ends ends = make_pipes();
  Stdio stdio{loop, {}, std::move(ends.streams)};
  const auto client = stdio.attach({.input = true, .stdin_once = true});
  BOOST_REQUIRE(client.size() == 3u);
  ChildProcess process = start_shell("read line; echo out $line; echo err >&2", ends);
  stdio.started();
  sys::write_all(client[0].get(), "here\n");
  run_to_end(loop, stdio, process);
  BOOST_TEST(sys::read_all(client[1].get()) == "out here\n");
  BOOST_TEST(sys::read_all(client[2].get()) == "err\n");
  BOOST_TEST(stdio.counters().clients == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ocelot::shim
