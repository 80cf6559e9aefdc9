#include "shim/stdio/log_format.hpp"

#include <boost/test/unit_test.hpp>
#include <utility>
#include <vector>

namespace ocelot::shim {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view stamp = "2026-11-24T11:00:00.123456789Z";

std::string record(LogFormat format, std::string_view text, Ending ending = Ending::full,
                   Stream stream = Stream::output) {
  std::string out;
  append_record(out, format, stream, stamp, text, ending);
  return out;
}

// The pieces, each with its ending as the CRI writes it in front.
struct Pieces {
  std::vector<std::string> all;
  LineSplitter::Sink sink() {
    return [this](std::string_view text, Ending ending) {
      all.push_back((ending == Ending::full ? "F" : "P") + std::string(text));
    };
  }
};
using Texts = std::vector<std::string>;

BOOST_AUTO_TEST_SUITE(log_format)

BOOST_AUTO_TEST_CASE(a_time_has_nine_digits_in_utc) {
  const std::chrono::sys_time<std::chrono::nanoseconds> time{1795518000s + 123456789ns};
  BOOST_TEST(timestamp(time) == stamp);
  BOOST_TEST(timestamp(std::chrono::sys_time<std::chrono::nanoseconds>{7ns}) ==
             "1970-01-01T00:00:00.000000007Z");
}

BOOST_AUTO_TEST_CASE(a_cri_record_has_time_stream_tag_and_text) {
  BOOST_TEST(record(LogFormat::cri, "text") == "2026-11-24T11:00:00.123456789Z stdout F text\n");
  BOOST_TEST(record(LogFormat::cri, "$ ", Ending::partial, Stream::error) ==
             "2026-11-24T11:00:00.123456789Z stderr P $ \n");
}

BOOST_AUTO_TEST_CASE(a_cri_record_has_the_bytes_as_they_are) {
  BOOST_TEST(record(LogFormat::cri, "a\xff\r\x1b[0m") ==
             "2026-11-24T11:00:00.123456789Z stdout F a\xff\r\x1b[0m\n");
}

BOOST_AUTO_TEST_CASE(a_json_record_is_one_line_of_docker_s_json_file) {
  BOOST_TEST(record(LogFormat::json, "say \"hi\" \\ \t\x01") ==
             "{\"log\":\"say \\\"hi\\\" \\\\ \\t\\u0001\\n\",\"stream\":\"stdout\","
             "\"time\":\"2026-11-24T11:00:00.123456789Z\"}\n");
}

BOOST_AUTO_TEST_CASE(a_partial_json_record_has_no_newline_in_its_text) {
  BOOST_TEST(record(LogFormat::json, "$ ", Ending::partial, Stream::error) ==
             "{\"log\":\"$ \",\"stream\":\"stderr\","
             "\"time\":\"2026-11-24T11:00:00.123456789Z\"}\n");
}

BOOST_AUTO_TEST_CASE(json_replaces_what_is_no_utf8_byte_by_byte) {
  const auto text = [](std::string_view bytes) {
    const std::string all = record(LogFormat::json, bytes, Ending::partial);
    return all.substr(8, all.find("\",\"stream") - 8);
  };
  BOOST_TEST(text("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80") ==
             "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
  BOOST_TEST(text("a\xff"
                  "b") == "a\\ufffdb");
  BOOST_TEST(text("\xc0\xaf") == "\\ufffd\\ufffd");             // overlong
  BOOST_TEST(text("\xed\xa0\x80") == "\\ufffd\\ufffd\\ufffd");  // a surrogate
  BOOST_TEST(text("\xf4\x90\x80\x80") == "\\ufffd\\ufffd\\ufffd\\ufffd");
  BOOST_TEST(text("\xe2\x82") == "\\ufffd\\ufffd");  // cut off
  BOOST_TEST(text("\xe2\x80\xa8") == "\\u2028");     // a line's end to some readers
}

BOOST_AUTO_TEST_CASE(lines_are_the_same_however_the_bytes_come) {
  const std::string bytes = "one\n\ntwo\nthree\n";
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    LineSplitter lines;
    Pieces pieces;
    for (std::size_t at = 0; at < bytes.size(); at += step)
      lines.add(std::string_view{bytes}.substr(at, step), pieces.sink());
    BOOST_TEST(pieces.all == (Texts{"Fone", "F", "Ftwo", "Fthree"}),
               boost::test_tools::per_element());
    BOOST_TEST(!lines.unfinished());
  }
}

BOOST_AUTO_TEST_CASE(a_long_line_is_split_at_16_KiB) {
  for (const std::size_t step : {1u, 1000u, 16384u, 100000u}) {
    for (const std::size_t length : {16383u, 16384u, 16385u, 40000u}) {
      const std::string bytes = std::string(length, 'x') + "\n";
      LineSplitter lines;
      Pieces pieces;
      for (std::size_t at = 0; at < bytes.size(); at += step)
        lines.add(std::string_view{bytes}.substr(at, step), pieces.sink());
      Texts expected;
      std::size_t rest = length;
      for (; rest > longest_text; rest -= longest_text)
        expected.push_back("P" + std::string(longest_text, 'x'));
      expected.push_back("F" + std::string(rest, 'x'));
      BOOST_TEST((pieces.all == expected), length << " bytes in steps of " << step);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_long_line_is_not_split_within_a_character) {
  LineSplitter lines;
  Pieces pieces;
  lines.add(std::string(longest_text - 2, 'x') + "\xe2\x82\xac" + "y\n", pieces.sink());
  BOOST_TEST((pieces.all == Texts{"P" + std::string(longest_text - 2, 'x'), "F\xe2\x82\xacy"}));
}

BOOST_AUTO_TEST_CASE(what_is_no_character_at_all_is_split_all_the_same) {
  LineSplitter lines;
  Pieces pieces;
  lines.add(std::string(longest_text + 10, '\x80') + "\n", pieces.sink());
  BOOST_TEST((pieces.all ==
              Texts{"P" + std::string(longest_text, '\x80'), "F" + std::string(10, '\x80')}));
}

BOOST_AUTO_TEST_CASE(a_flushed_prompt_is_partial_and_its_line_ends_later) {
  LineSplitter lines;
  Pieces pieces;
  lines.add("login: ", pieces.sink());
  BOOST_TEST(lines.unfinished());
  BOOST_TEST(pieces.all.empty());
  lines.flush(pieces.sink());
  lines.flush(pieces.sink());
  BOOST_TEST(!lines.unfinished());
  lines.add("\nnext\n", pieces.sink());
  BOOST_TEST(pieces.all == (Texts{"Plogin: ", "F", "Fnext"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_flush_waits_for_the_rest_of_a_character_and_the_end_does_not) {
  LineSplitter lines;
  Pieces pieces;
  lines.add("a\xe2\x82", pieces.sink());
  lines.flush(pieces.sink());
  lines.flush(pieces.sink());
  BOOST_TEST(pieces.all == (Texts{"Pa"}), boost::test_tools::per_element());
  lines.end(pieces.sink());
  BOOST_TEST(pieces.all == (Texts{"Pa", "P\xe2\x82"}), boost::test_tools::per_element());
  lines.end(pieces.sink());
  BOOST_TEST(pieces.all.size() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ocelot::shim
