#include "tests/unit/oci/document.hpp"

// Ids and limits are exact or refused: never rounded, wrapped, or taken from what is no number.
using namespace ocelot::oci::test;
using ocelot::oci::read_spec;

namespace {

// The document as text: some of these numbers do not survive a JSON library.
std::string with_number(const std::string& member, const std::string& number) {
  return fmt::format(
      R"({{"ociVersion": "1.0.0", "root": {{"path": "r"}}, "linux": {{"namespaces": [{{"type": "mount"}}],
      "resources": {{"memory": {{{}}}}}}}, "process": {{"args": ["a"], "cwd": "/", "user": {{{}}}}}}})",
      member == "limit" ? fmt::format("\"limit\": {}", number) : "",
      member == "limit" ? "" : fmt::format("\"{}\": {}", member, number));
}

const std::vector<std::string> no_integers = {"\"1\"",
                                              "\"\"",
                                              "1.0",
                                              "1e3",
                                              "1E3",
                                              "-0",
                                              "0.0",
                                              "18446744073709551616",
                                              "1e-1",
                                              "true",
                                              "[1]",
                                              "{}",
                                              "100000000000000000000",
                                              "-9223372036854775809",
                                              "\"0x10\"",
                                              "\" 1\"",
                                              "\"1:2\"",
                                              "\"00\""};

}  // namespace

BOOST_AUTO_TEST_SUITE(numbers)

BOOST_AUTO_TEST_CASE(C1_an_id_is_exact) {
  struct Case {
    const char* text;
    std::uint32_t id;
  };
  for (const Case& c : {Case{"0", 0},
                        {"1", 1},
                        {"1000", 1000},
                        {"2147483647", 2147483647},
                        {"2147483648", 2147483648},
                        {"4294967294", 4294967294}}) {
    const auto read = read_spec(with_number("uid", c.text));
    BOOST_TEST(read.violations.empty());
    BOOST_TEST(read.spec.process->user.uid == c.id);
    BOOST_TEST(validate(read.spec, cgroup_v1()).empty());
  }
}

BOOST_AUTO_TEST_CASE(C1_what_is_no_id_is_refused) {
  std::vector<std::string> wrong = no_integers;
  wrong.insert(wrong.end(), {"-1", "4294967296", "18446744073709551615", "-4294967296"});
  for (const char* member : {"uid", "gid", "umask"}) {
    for (const std::string& number : wrong) {
      BOOST_TEST_CONTEXT(member << " " << number) {
        const auto read = read_spec(with_number(member, number));
        BOOST_TEST_REQUIRE(read.violations.size() == 1u);
        BOOST_TEST(read.violations[0].path == fmt::format("/process/user/{}", member));
        BOOST_TEST(!read.violations[0].warning);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(C1_minus_1_as_unsigned_is_no_id) {
  for (const char* member : {"uid", "gid"}) {
    const auto read = read_spec(with_number(member, "4294967295"));
    BOOST_TEST(read.violations.empty());
    const auto found = validate(read.spec, cgroup_v1());
    BOOST_TEST_REQUIRE(found.size() == 1u);
    BOOST_TEST(found[0].rule == "id-reserved");
  }
  expect_one(with("/process/user", R"({"additionalGids": [4294967295]})"),
             "/process/user/additionalGids/0", "id-reserved");
}

BOOST_AUTO_TEST_CASE(numbers_with_leading_zeros_or_a_plus_are_no_json) {
  for (const char* number : {"00", "01", "+1", "0x10", "-01", "--1", "1_000"}) {
    BOOST_TEST_CONTEXT(number) {
      BOOST_CHECK_THROW(read_spec(with_number("uid", number)), std::exception);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_signed_limit_keeps_its_64_bits) {
  const auto limit = [](const char* number) {
    return read_spec(with_number("limit", number)).spec.linux_->resources->memory->limit;
  };
  BOOST_TEST(limit("9223372036854775807").value() == INT64_MAX);
  BOOST_TEST(limit("-9223372036854775808").value() == INT64_MIN);
  BOOST_TEST(limit("-1").value() == -1);
  BOOST_TEST(limit("0").value() == 0);
  BOOST_TEST(!limit("null").has_value());
  std::vector<std::string> wrong = no_integers;
  wrong.push_back("9223372036854775808");
  for (const std::string& number : wrong) {
    BOOST_TEST_CONTEXT(number) {
      const auto read = read_spec(with_number("limit", number));
      BOOST_TEST_REQUIRE(read.violations.size() == 1u);
      BOOST_TEST(!read.spec.linux_->resources->memory->limit.has_value());
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
