#include "oci/document.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

#include "runtime/base/error.hpp"

using ocelot::Error;
using ocelot::oci::Document;

namespace {

std::string repeat(const std::string& text, std::size_t times) {
  std::string all;
  all.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

void refuses(const std::string& text, const std::string& words) {
  BOOST_TEST_CONTEXT(text.substr(0, 100)) {
    try {
      (void)Document::parse(text);
      BOOST_TEST(false, "was accepted");
    } catch (const Error& error) {
      BOOST_TEST(error.kind() == ocelot::ErrorKind::InvalidSpec);
      BOOST_TEST(std::string(error.what()).find(words) != std::string::npos,
                 error.what() << " has no \"" << words << "\"");
      BOOST_TEST(std::string(error.what()).size() < 400u);
    }
  }
}

}  // namespace

BOOST_TEST_DONT_PRINT_LOG_VALUE(ocelot::ErrorKind)
BOOST_TEST_DONT_PRINT_LOG_VALUE(Document::Type)

BOOST_AUTO_TEST_SUITE(document)

BOOST_AUTO_TEST_CASE(values_stand_in_the_order_of_the_text) {
  const Document document =
      Document::parse(R"( {"a": [1, -2, true, null, "x\u00e9\n"], "b": {"c": 1.5}} )");
  const auto type = [&](std::uint32_t i) { return document.at(i).type; };
  BOOST_TEST(type(0) == Document::Type::object);
  BOOST_TEST(document.at(0).end == 9u);
  BOOST_TEST(document.key(document.at(1)) == "a");
  BOOST_TEST(document.at(1).end == 7u);
  BOOST_TEST(document.at(2).bits == 1u);
  BOOST_TEST(static_cast<std::int64_t>(document.at(3).bits) == -2);
  BOOST_TEST(document.at(4).bits == 1u);
  BOOST_TEST(type(5) == Document::Type::null);
  BOOST_TEST(document.string(document.at(6)) == "x\u00e9\n");
  BOOST_TEST(document.key(document.at(7)) == "b");
  BOOST_TEST(document.key(document.at(8)) == "c");
  BOOST_TEST(type(8) == Document::Type::number);
}

BOOST_AUTO_TEST_CASE(text_that_is_no_json_is_refused_with_line_and_column) {
  refuses("", "line 1, column 1");
  refuses(" \n ", "unexpected end of input");
  refuses("{\n  \"a\": 1,\n  \"b\" 2\n}", "line 3, column 7");
  for (const char* text : {"{",          "[",         "\"",      "{\"a\"",    "{\"a\":",
                           "{\"a\":1",   "{\"a\":1,", "[1",      "[1,",       "tru",
                           "nul",        "-",         "1.",      "1e",        "\"\\u12",
                           "\"\\",       "{]",        "[}",      "}",         "]",
                           ",",          ":",         "{,}",     "[,]",       "[1,]",
                           "{\"a\":1,}", "{1:2}",     "{a:1}",   "{'a':1}",   "01",
                           "+1",         ".5",        "0x10",    "NaN",       "Infinity",
                           "-Infinity",  "True",      "[1 2]",   "{\"a\" 1}", "{\"a\":1 \"b\":2}",
                           "\"\\x41\"",  "\"\\a\"",   "// c\n1", "/* c */ 1", "1 // c",
                           "# c\n1",     "\"\t\"",    "\"\n\"",  "\"\x01\"",  "\"\x7f",
                           "[1e999]"}) {
    refuses(text, "line ");
  }
}

BOOST_AUTO_TEST_CASE(whatever_follows_the_value_is_refused) {
  for (const char* text : {"{} {}", "{}x", "{}]", "{},", "1 2", "{}\n{}", "null null"})
    refuses(text, "line ");
  BOOST_CHECK_NO_THROW(Document::parse("{} \t\r\n"));
}

BOOST_AUTO_TEST_CASE(a_truncated_document_is_refused_wherever_it_ends) {
  const std::string whole = R"({"a": [1, -2.5e3, true, null], "b": {"c": "x\u00e9"}})";
  BOOST_CHECK_NO_THROW(Document::parse(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    BOOST_TEST_CONTEXT(size) {
      BOOST_CHECK_THROW(Document::parse(whole.substr(0, size)), Error);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_NUL_is_refused_wherever_it_stands) {
  using namespace std::string_literals;
  refuses("{}\0"s, "NUL");
  refuses("{}\0{\"a\":1}"s, "NUL");
  refuses("\0{}"s, "NUL");
  refuses("\"a\0b\""s, "NUL");
  refuses(R"({"a": "x\u0000"})", "NUL");
  refuses(R"({"\u0000": 1})", "NUL");
}

BOOST_AUTO_TEST_CASE(a_key_that_stands_twice_is_refused) {
  refuses(R"({"a": 1, "a": 1})", "\"a\" stands twice");
  refuses("{\"x\": {\"a\": 1,\n \"b\": 2, \"a\": 3}}", "line 2, column 12");
  refuses(R"({"a": 1, "\u0061": 2})", "\"a\" stands twice");
  refuses(R"({"": 1, "": 2})", "stands twice");
  BOOST_CHECK_NO_THROW(Document::parse(R"({"a": {"a": [{"a": 1}, {"a": 2}]}, "A": 1})"));
  std::string many = "{";
  for (int i = 0; i < 1000; ++i) many += "\"k" + std::to_string(i) + "\": 1, ";
  BOOST_CHECK_NO_THROW(Document::parse(many + "\"x\": 1}"));
  refuses(many + "\"k77\": 1}", "\"k77\" stands twice");
}

BOOST_AUTO_TEST_CASE(text_that_is_no_utf8_is_refused) {
  for (const char* bytes : {"\x80", "\xff", "\xc0\xaf", "\xc3", "\xe2\x82", "\xed\xa0\x80",
                            "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xe0\x80\x80"}) {
    refuses("{\"a\": \"" + std::string(bytes) + "\"}", "line 1");
    refuses("{\"" + std::string(bytes) + "\": 1}", "line 1");
  }
  for (const char* surrogate :
       {R"("\ud800")", R"("\udc00")", R"("\ud800x")", R"("\ud800\ud800")", R"("\udc00\ud800")"}) {
    refuses(surrogate, "line 1");
  }
  BOOST_CHECK_NO_THROW(Document::parse(R"("\ud83d\ude00")"));
  refuses("\xef\xbb\xbf{}", "byte order mark");
}

BOOST_AUTO_TEST_CASE(sizes_are_limited) {
  const auto nested = [](std::size_t depth) { return repeat("[", depth) + repeat("]", depth); };
  BOOST_CHECK_NO_THROW(Document::parse(nested(64)));
  refuses(nested(65), "64 levels");
  refuses(repeat("[", 1'000'000), "64 levels");
  refuses(repeat("{\"a\":", 1'000'000), "64 levels");

  const auto string = [](std::size_t size) { return '"' + std::string(size, 'a') + '"'; };
  BOOST_CHECK_NO_THROW(Document::parse(string(1u << 20)));
  refuses(string((1u << 20) + 1), "1 MiB");
  refuses("{" + string((1u << 20) + 1) + ": 1}", "1 MiB");

  BOOST_CHECK_NO_THROW(Document::parse("[" + repeat("1,", 999'998) + "1]"));
  refuses("[" + repeat("1,", 1'000'000) + "1]", "million values");
  refuses("{}" + std::string(16u << 20, ' '), "16 MiB");
  BOOST_CHECK_NO_THROW(Document::parse("{}" + std::string((16u << 20) - 2, ' ')));
}

BOOST_AUTO_TEST_CASE(a_message_neither_repeats_long_texts_nor_control_bytes) {
  refuses("{\"a\": " + std::string(100'000, 'x') + "}", "line 1");
  try {
    (void)Document::parse("[\"\x1b[31m");
    BOOST_TEST(false);
  } catch (const Error& error) {
    BOOST_TEST(std::string(error.what()).find('\x1b') == std::string::npos);
  }
  refuses("{\"" + std::string(1000, 'k') + "\": 1, \"" + std::string(1000, 'k') + "\": 1}",
          "stands twice");
}

BOOST_AUTO_TEST_SUITE_END()
