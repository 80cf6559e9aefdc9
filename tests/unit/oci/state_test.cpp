#include "oci/state.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

using namespace ocelot::oci;

BOOST_AUTO_TEST_SUITE(state)

BOOST_AUTO_TEST_CASE(a_state_is_one_line_of_json) {
  State state;
  state.id = "web-1";
  state.status = Status::created;
  state.pid = 42;
  state.bundle = "/var/lib/web";
  state.annotations = {{"a", "b"}};
  BOOST_TEST(
      to_json(state) ==
      R"({"ociVersion":"1.3.0","id":"web-1","status":"created","pid":42,"bundle":"/var/lib/web","annotations":{"a":"b"}})");
}

BOOST_AUTO_TEST_CASE(no_process_is_no_pid_and_no_annotations_are_left_out) {
  State state;
  state.id = "web-1";
  state.status = Status::stopped;
  state.bundle = "/b";
  BOOST_TEST(to_json(state) ==
             R"({"ociVersion":"1.3.0","id":"web-1","status":"stopped","bundle":"/b"})");
}

BOOST_AUTO_TEST_CASE(any_text_is_read_back) {
  State state;
  state.bundle = "/a \"b\"\n\x01/\u00e9";
  const auto read = nlohmann::json::parse(to_json(state));
  BOOST_TEST(read["bundle"].get<std::string>() == state.bundle);
  BOOST_TEST(to_json(state).find('\n') == std::string::npos);
  state.bundle = "/\xff";  // a directory may be called so: valid JSON all the same
  BOOST_TEST(nlohmann::json::accept(to_json(state)));
}

BOOST_AUTO_TEST_SUITE_END()
