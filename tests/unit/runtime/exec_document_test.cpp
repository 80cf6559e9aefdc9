#include "runtime/exec_document.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"

using namespace ocelot;
using nlohmann::json;

namespace {

ExecOptions read(const std::string& text) {
  return exec_options_from(json::parse(text));
}

// InvalidArgument that names the member.
void check_refused(const std::string& member, const std::string& value) {
  BOOST_TEST_CONTEXT(member << ": " << value) {
    BOOST_CHECK_EXCEPTION(read("{\"" + member + "\": " + value + "}"), Error,
                          [&](const Error& error) {
                            return error.kind() == ErrorKind::InvalidArgument &&
                                   std::string_view(error.what()).starts_with(member + ": ");
                          });
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(exec_document)

BOOST_AUTO_TEST_CASE(what_is_asked_for_is_what_was_given) {
  ExecOptions given;
  given.args = {"sh", "-c", "true"};
  given.cwd = "/tmp";
  given.env = {"A=b"};
  given.uid = 4294967295;
  given.gid = 0;
  given.additional_gids = {1, 4294967295};
  given.tty = true;
  const ExecOptions options = read(ocelot::exec_document(given).dump());
  BOOST_TEST(options.args == given.args, boost::test_tools::per_element());
  BOOST_TEST(options.cwd == given.cwd);
  BOOST_TEST(options.env == given.env, boost::test_tools::per_element());
  BOOST_TEST((options.uid == given.uid));
  BOOST_TEST((options.gid == given.gid));
  BOOST_TEST(options.additional_gids == given.additional_gids, boost::test_tools::per_element());
  BOOST_TEST(options.tty);
  BOOST_TEST(!options.no_new_privileges);
  BOOST_TEST((!read("{}").uid && !read("{}").gid));
}

BOOST_AUTO_TEST_CASE(an_id_that_is_no_id_is_refused_by_name) {
  for (const char* value : {"4294967296", "18446744073709551616", "-1", "1.0", "1e3", "true",
                            "null", "\"0\"", "[0]", "{}"}) {
    check_refused("uid", value);
    check_refused("gid", value);
    check_refused("additionalGids", "[0, " + std::string(value) + "]");
  }
  for (const char* value : {"0", "null", "{\"a\": 0}", "\"0\""})
    check_refused("additionalGids", value);
}

BOOST_AUTO_TEST_CASE(a_member_of_another_type_is_refused_by_name) {
  for (const char* member : {"args", "env", "capabilities", "cgroups", "cwd", "apparmorProfile"})
    check_refused(member, "1");
  for (const char* member : {"terminal", "noNewPrivileges", "ignorePaused"})
    check_refused(member, "\"yes\"");
}

BOOST_AUTO_TEST_SUITE_END()
