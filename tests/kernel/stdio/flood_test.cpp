#include <boost/test/unit_test.hpp>
#include <cstdlib>

#include "tests/kernel/stdio/fixture.hpp"

namespace ocelot::shim {
namespace {

// Of this process, in KiB, counted page by page.
long private_memory() {
  const std::string pages = read_file("/proc/self/smaps_rollup");
  return std::strtol(pages.c_str() + pages.find("Private_Dirty:") + 14, nullptr, 10);
}

constexpr std::uint64_t flood_bytes = 100'000'000;

// Lets a process write 100 MB as fast as it can, and says how fast that was.
void flood(const char* what, Stdio& stdio, EventLoop& loop, Ends& ends) {
  const long before = private_memory();
  const auto begin = std::chrono::steady_clock::now();
  ChildProcess process = start_shell(
      "yes 'a line of output that is as long as lines of logs are: about eighty bytes' | "
      "head -c 100000000",
      ends);
  run_to_end(loop, stdio, process);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  const long grown = private_memory() - before;
  BOOST_TEST(stdio.counters().stdout_bytes == flood_bytes);
#ifndef __SANITIZE_ADDRESS__  // which keeps what was freed
  BOOST_TEST(grown < 512);
#endif
  BOOST_TEST_MESSAGE(what << ": " << 100 / took.count() << " MB/s, private memory +" << grown
                          << " KiB, log " << stdio.counters().log.written_bytes << " bytes");
}

BOOST_AUTO_TEST_SUITE(flood_of_100_MB)

BOOST_AUTO_TEST_CASE(without_a_reader_it_is_not_held_and_takes_no_memory) {
  EventLoop loop;
  Ends ends = make_pipes();
  Stdio stdio{loop, {}, std::move(ends.streams)};
  flood("no reader, no log", stdio, loop, ends);
}

BOOST_AUTO_TEST_CASE(into_a_log_of_three_files_it_takes_no_memory) {
  for (const LogFormat format : {LogFormat::cri, LogFormat::json}) {
    const test::TempDir dir;
    EventLoop loop;
    Ends ends = make_pipes();
    StdioOptions options = with_log(dir / "log");
    options.log->file.max_size = 1 << 20;
    options.log->file.max_files = 3;
    options.log->format = format;
    Stdio stdio{loop, options, std::move(ends.streams)};
    flood(format == LogFormat::cri ? "cri log" : "json log", stdio, loop, ends);
    BOOST_TEST(stdio.counters().log.dropped_lines == 0u);
  }
}

BOOST_AUTO_TEST_CASE(with_eight_stalled_clients_it_takes_no_memory_here) {
  EventLoop loop;
  Ends ends = make_pipes();
  Stdio stdio{loop, {}, std::move(ends.streams)};
  std::vector<std::vector<UniqueFd>> clients;
  for (int i = 0; i < 8; ++i) clients.push_back(stdio.attach({}));
  flood("eight stalled clients", stdio, loop, ends);
  BOOST_TEST(stdio.counters().lost_bytes >= 8 * (flood_bytes - 100000));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ocelot::shim
