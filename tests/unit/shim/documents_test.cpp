#include "shim/control/documents.hpp"

#include <boost/test/unit_test.hpp>

#include "shim/control/limits.hpp"

namespace ocelot::control {

BOOST_AUTO_TEST_SUITE(documents)

BOOST_AUTO_TEST_CASE(the_operation_is_found_wherever_it_stands) {
  BOOST_TEST((operation_of(R"({"operation":"kill","signal":9})") == Operation::Kill));
  BOOST_TEST((operation_of(R"({ "a" : [1, {"operation":"state"}], "operation" : "kill" })") ==
              Operation::Kill));
}

BOOST_AUTO_TEST_CASE(the_first_of_two_operations_counts) {
  BOOST_TEST((operation_of(R"({"operation":"state","operation":"kill"})") == Operation::State));
}

BOOST_AUTO_TEST_CASE(what_names_no_operation_has_none) {
  for (const char* text : {"",
                           "{",
                           "{}",
                           "[]",
                           "null",
                           "7",
                           "\"operation\"",
                           R"(["operation","kill"])",
                           R"({"operation":7})",
                           R"({"operation":null,"x":"kill"})",
                           R"({"operation":["kill"]})",
                           R"({"operation":{"operation":"kill"}})",
                           R"({"operation":"Kill"})",
                           R"({"operation":"kill "})",
                           R"({"operation":"reboot"})",
                           R"({"Operation":"kill"})",
                           R"({"a":{"operation":"kill"}})",
                           R"([{"operation":"kill"}])",
                           R"({"operation")",
                           R"({"operation":)",
                           R"({"operation":"ki)",
                           "\xff\xfe{"})
    BOOST_TEST((operation_of(text) == std::nullopt), text);
}

BOOST_AUTO_TEST_CASE(deep_nesting_is_no_way_to_the_end_of_the_stack) {
  const std::string deep = R"({"x":)" + std::string(1'000'000, '[');
  BOOST_TEST((operation_of(deep) == std::nullopt));
  BOOST_TEST(is_nested_too_deeply(deep));
}

BOOST_AUTO_TEST_CASE(a_document_is_as_deep_as_its_deepest_value) {
  const auto deep = [](std::size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
  };
  BOOST_TEST(!is_nested_too_deeply(deep(max_document_depth)));
  BOOST_TEST(is_nested_too_deeply(deep(max_document_depth + 1)));
  BOOST_TEST(is_nested_too_deeply(R"({"a":)" + deep(max_document_depth) + "}"));
  std::string beside = "[";
  for (std::size_t i = 0; i < 2 * max_document_depth; ++i) beside += "{},";
  BOOST_TEST(!is_nested_too_deeply(beside + "0]"));
  BOOST_TEST(!is_nested_too_deeply('"' + std::string(1'000, '[') + '"'));
  BOOST_TEST(!is_nested_too_deeply(R"(["\")" + std::string(1'000, '[')));
  BOOST_TEST(is_nested_too_deeply(R"(["\\")" + std::string(1'000, '[')));
}

BOOST_AUTO_TEST_CASE(an_error_comes_back_as_it_was) {
  const Error error =
      Error{ErrorKind::WrongState, "kill: a \"quoted\" reason\n"}.with_hint("try x");
  const auto back = error_of(error_document(error));
  BOOST_TEST_REQUIRE(back.has_value());
  BOOST_TEST((back->kind() == ErrorKind::WrongState));
  BOOST_TEST(back->hint() == "try x");
  BOOST_TEST(std::string{back->what()}.find("\"quoted\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_no_error_is_none_and_a_broken_one_is_still_one) {
  BOOST_TEST(!error_of("{}"));
  BOOST_TEST(!error_of(R"({"status":"running"})"));
  for (const char* text : {R"({"error":)", R"({"error":7})", R"({"error":{"message":7}})"})
    BOOST_TEST(error_of(text).has_value(), text);
}

BOOST_AUTO_TEST_CASE(numbers_go_before_the_members_of_an_event) {
  BOOST_TEST(numbered(R"({"event":"exit"})", 7) == R"({"number":7,"event":"exit"})");
  BOOST_TEST(numbered("{}", 7, 3) == R"({"number":7,"missed":3})");
  BOOST_TEST(number_of(numbered("{}", 18446744073709551615u)) == 18446744073709551615u);
  BOOST_TEST(number_of(R"({"event":"resync"})") == 0u);
}

BOOST_AUTO_TEST_CASE(a_member_that_is_no_whole_number_is_none) {
  BOOST_TEST((number_member(R"({"request":12})", "request") == 12u));
  for (const char* text : {"{}", "[]", "x", R"({"request":-1})", R"({"request":1.5})",
                           R"({"request":"1"})", R"({"request":99999999999999999999999})"})
    BOOST_TEST((number_member(text, "request") == std::nullopt), text);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::control
