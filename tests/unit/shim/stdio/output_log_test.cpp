#include "shim/stdio/output_log.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "tests/support/check.hpp"
#include "tests/support/temp_dir.hpp"

namespace ocelot::shim {
namespace {

using namespace std::chrono_literals;
using test::read_file;

OutputLog::Moment at(std::chrono::milliseconds since) {
  return {OutputLog::WallTime{1795518000s + since}, OutputLog::Time{1000s + since}};
}

// Without the times.
std::string records(const std::string& path) {
  std::string all = read_file(path), out;
  for (std::size_t begin = 0; begin < all.size(); begin = all.find('\n', begin) + 1)
    out += all.substr(begin + 31, all.find('\n', begin) + 1 - begin - 31);
  return out;
}

BOOST_AUTO_TEST_SUITE(output_log)

BOOST_AUTO_TEST_CASE(lines_of_two_streams_have_the_time_of_their_end) {
  const test::TempDir dir;
  OutputLog log{{.file = {.path = dir / "log"}}};
  log.add(Stream::output, "be", at(0s));
  log.add(Stream::error, "oops\n", at(1s));
  log.add(Stream::output, "gun\n", at(2s));
  BOOST_TEST(read_file(dir / "log") ==
             "2026-11-24T11:00:01.000000000Z stderr F oops\n"
             "2026-11-24T11:00:02.000000000Z stdout F begun\n");
  BOOST_TEST(log.counters().records == 2u);
}

BOOST_AUTO_TEST_CASE(a_prompt_appears_when_it_is_flushed) {
  const test::TempDir dir;
  OutputLog log{{.file = {.path = dir / "log"}}};
  log.add(Stream::output, "$ ", at(0s));
  BOOST_TEST(log.unfinished());
  BOOST_TEST(read_file(dir / "log") == "");
  log.flush(at(1s));
  BOOST_TEST(!log.unfinished());
  BOOST_TEST(records(dir / "log") == "stdout P $ \n");
}

BOOST_AUTO_TEST_CASE(over_the_rate_whole_lines_are_dropped_and_a_line_tells_how_many) {
  const test::TempDir dir;
  OutputLog log{{.file = {.path = dir / "log"}, .rate = 10, .burst = 10}};
  log.add(Stream::output, "12345\n67890\nlost\nlost too\n", at(0s));
  BOOST_TEST(records(dir / "log") == "stdout F 12345\nstdout F 67890\n");
  log.add(Stream::output, "again\n", at(10s));
  BOOST_TEST(records(dir / "log") ==
             "stdout F 12345\nstdout F 67890\n"
             "stdout F [ocelot: 2 lines (14 bytes) dropped here]\n"
             "stdout F again\n");
  BOOST_TEST(log.counters().dropped_lines == 2u);
  BOOST_TEST(log.counters().dropped_bytes == 14u);
}

BOOST_AUTO_TEST_CASE(a_line_that_was_cut_is_not_joined_with_a_later_one) {
  const test::TempDir dir;
  OutputLog log{{.file = {.path = dir / "log"}, .rate = 10, .burst = 5}};
  log.add(Stream::output, "begin", at(0s));
  log.flush(at(0s));
  log.add(Stream::output, " rest\n", at(0s));
  log.add(Stream::output, "next\n", at(10s));
  BOOST_TEST(records(dir / "log") ==
             "stdout P begin\nstdout F \n"
             "stdout F [ocelot: 1 lines (6 bytes) dropped here]\n"
             "stdout F next\n");
}

BOOST_AUTO_TEST_CASE(of_a_line_whose_begin_was_dropped_nothing_is_written) {
  const test::TempDir dir;
  OutputLog log{{.file = {.path = dir / "log"}, .rate = 10, .burst = 5}};
  log.add(Stream::output, "first\nsecond", at(0s));
  log.flush(at(0s));
  log.add(Stream::output, " has its end\nthird\n", at(100s));
  BOOST_TEST(records(dir / "log") ==
             "stdout F first\n"
             "stdout F [ocelot: 1 lines (19 bytes) dropped here]\n"
             "stdout F third\n");
}

BOOST_AUTO_TEST_CASE(the_end_tells_what_was_dropped_before_it) {
  const test::TempDir dir;
  OutputLog log{{.file = {.path = dir / "log"}, .rate = 1, .burst = 1}};
  log.add(Stream::output, "one\ntwo\n", at(0s));
  log.end(Stream::output, at(0s));
  BOOST_TEST(records(dir / "log") ==
             "stdout F one\nstdout F [ocelot: 1 lines (4 bytes) dropped here]\n");
}

BOOST_AUTO_TEST_CASE(a_process_that_is_held_loses_nothing) {
  const test::TempDir dir;
  OutputLog log{
      {.file = {.path = dir / "log"}, .rate = 10, .burst = 10, .over_rate = OverRate::hold}};
  BOOST_TEST(log.add(Stream::output, "1234\n", at(0s)).count() == 0);
  BOOST_TEST(log.add(Stream::output, "12345678901234\n", at(0s)).count() == 1100);
  BOOST_TEST(log.counters().dropped_lines == 0u);
  BOOST_TEST(records(dir / "log") == "stdout F 1234\nstdout F 12345678901234\n");
}

BOOST_AUTO_TEST_CASE(what_a_file_does_not_take_is_dropped_as_whole_lines_and_told) {
  const test::TempDir dir;
  // The directory in the way of the rename stands for any error of the file system.
  OutputLog log{{.file = {.path = dir / "log", .max_size = 300, .max_files = 2}}};
  BOOST_REQUIRE(::mkdir((dir / "log.1").c_str(), 0700) == 0);
  log.add(Stream::output, std::string(240, '1') + "\n", at(0s));
  log.add(Stream::output, "two", at(0s));
  log.flush(at(0s));                                 // kept for later
  log.add(Stream::output, " and a half\n", at(0s));  // too soon to try again
  log.add(Stream::error, "lost\n", at(500ms));
  BOOST_TEST(log.counters().dropped_lines > 0u);
  BOOST_REQUIRE(::rmdir((dir / "log.1").c_str()) == 0);
  log.add(Stream::output, "three\n", at(2s));
  BOOST_TEST(records(dir / "log.1") == "stdout F " + std::string(240, '1') + "\n");
  BOOST_TEST(records(dir / "log") ==
             "stdout P two\nstdout F \n"
             "stdout F [ocelot: 2 lines (17 bytes) dropped here]\n"
             "stdout F three\n");
}

BOOST_AUTO_TEST_CASE(json_lines_have_the_same_life) {
  const test::TempDir dir;
  OutputLog log{{.file = {.path = dir / "log"}, .format = LogFormat::json}};
  log.add(Stream::error, "a\xff\n", at(0s));
  BOOST_TEST(read_file(dir / "log") ==
             "{\"log\":\"a\\ufffd\\n\",\"stream\":\"stderr\","
             "\"time\":\"2026-11-24T11:00:00.000000000Z\"}\n");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ocelot::shim
