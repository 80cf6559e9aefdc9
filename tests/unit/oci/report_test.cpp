#include "oci/report.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "oci/document.hpp"

using namespace ocelot::oci;

namespace {

constexpr const char* document = R"({
  "process": {
    "args": [
      "sh",
      1
    ],
    "cwd": "tmp"
  },
  "annotations": {"a/b": 7}
})";

std::size_t line_of(const char* path) {
  const auto read =
      nlohmann::json::parse(violations_to_json({{path, "r", "m", "s", false}}, document));
  return read.at(0).at("line").get<std::size_t>();
}

const Violations two = {
    {"/process/cwd", "cwd-absolute", "must be absolute", "config.md#process", false},
    {"/process/args", "odd", "is odd", "config.md#process", true}};

}  // namespace

BOOST_AUTO_TEST_SUITE(report)

BOOST_AUTO_TEST_CASE(a_violation_is_found_at_its_line) {
  BOOST_TEST(line_of("") == 1u);
  BOOST_TEST(line_of("/process") == 2u);
  BOOST_TEST(line_of("/process/args") == 3u);
  BOOST_TEST(line_of("/process/args/0") == 4u);
  BOOST_TEST(line_of("/process/args/1") == 5u);
  BOOST_TEST(line_of("/process/cwd") == 7u);
  BOOST_TEST(line_of("/annotations/a~1b") == 9u);
}

BOOST_AUTO_TEST_CASE(what_is_missing_is_told_at_the_line_of_what_it_is_missing_from) {
  BOOST_TEST(line_of("/root/path") == 1u);
  BOOST_TEST(line_of("/process/env/3") == 2u);
  BOOST_TEST(line_of("/process/args/7") == 3u);
  BOOST_TEST(line_of("/process/args/x") == 3u);
  BOOST_TEST(line_of("/process/cwd/x") == 7u);
}

BOOST_AUTO_TEST_CASE(text_is_a_paragraph_each_in_the_order_of_the_document_and_a_summary) {
  BOOST_TEST(
      violations_to_text(two, document, "/b/config.json") ==
      "/b/config.json:3: warning: /process/args\n"
      "    is odd\n"
      "    https://github.com/opencontainers/runtime-spec/blob/v1.3.0/config.md#process (odd)\n"
      "\n"
      "/b/config.json:7: error: /process/cwd\n"
      "    must be absolute\n"
      "    https://github.com/opencontainers/runtime-spec/blob/v1.3.0/config.md#process "
      "(cwd-absolute)\n"
      "\n"
      "/b/config.json: 1 error, 1 warning\n");
  BOOST_TEST(violations_to_text({}, document, "c") == "c: no errors, no warnings\n");
}

BOOST_AUTO_TEST_CASE(json_is_an_array_of_objects) {
  const auto read = nlohmann::json::parse(violations_to_json(two, document));
  BOOST_TEST_REQUIRE(read.size() == 2u);
  BOOST_TEST(read[0]["warning"].get<bool>());
  BOOST_TEST((read[1] == nlohmann::json{{"path", "/process/cwd"},
                                        {"rule", "cwd-absolute"},
                                        {"message", "must be absolute"},
                                        {"spec", "config.md#process"},
                                        {"line", 7},
                                        {"warning", false}}));
  BOOST_TEST(violations_to_json({}, document) == "[]\n");
}

BOOST_AUTO_TEST_SUITE_END()
