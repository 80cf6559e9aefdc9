#include <boost/test/unit_test.hpp>
#include <string>

#include "oci/validate.hpp"
#include "runtime/base/error.hpp"

using namespace ocelot::oci;

namespace {

const Violation first{"/process/cwd", "cwd-absolute", "Cwd must be an absolute path",
                      "config.md#process", false};
const Violation second{"/root", "required", "is required", "config.md#root", false};
const Violation warning{"/mounts/0", "x", "is odd", "config.md#mounts", true};

ocelot::Error error_of(const Violations& violations, std::string_view document = "config.json") {
  try {
    refuse(violations, document);
  } catch (const ocelot::Error& error) {
    return error;
  }
  throw std::runtime_error("refuse() returned");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(refusal)

BOOST_AUTO_TEST_CASE(warnings_are_no_reason_to_refuse) {
  BOOST_CHECK_NO_THROW(refuse({}));
  BOOST_CHECK_NO_THROW(refuse({warning}));
}

BOOST_AUTO_TEST_CASE(one_violation_is_one_line) {
  BOOST_TEST(std::string(error_of({warning, first}).what()) ==
             "config.json: /process/cwd: Cwd must be an absolute path");
  BOOST_TEST(error_of({first}).hint() == "");
}

BOOST_AUTO_TEST_CASE(of_several_the_first_is_the_line_and_all_are_the_hint) {
  const ocelot::Error error = error_of({first, warning, second}, "process.json");
  BOOST_TEST(std::string(error.what()) ==
             "process.json: /process/cwd: Cwd must be an absolute path (and 1 more)");
  BOOST_TEST(error.hint() == "/process/cwd: Cwd must be an absolute path; /root: is required");
}

BOOST_AUTO_TEST_CASE(what_reading_told_is_not_told_again) {
  const Violation type{"/process/args", "type", "must be an array", "config.md#process", false};
  const Violation echo{"/process/args", "required", "args must not be empty", "config.md#process",
                       false};
  const Violation below{"/process/args/0", "x", "y", "config.md#process", false};
  const Violation beside{"/process/argsx", "x", "y", "config.md#process", false};
  BOOST_TEST((merge({type}, {echo, below, first, beside}) == Violations{type, first, beside}));
}

BOOST_AUTO_TEST_SUITE_END()
