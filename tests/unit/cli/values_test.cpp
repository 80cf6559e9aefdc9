#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "runtime/base/sys_files.hpp"
#include "runtime/base/text.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/global_options.hpp"
#include "runtime/cli/state_json.hpp"

using namespace ocelot;
using namespace ocelot::cli;

namespace {

GlobalOptions given(std::vector<std::string_view> words) {
  return global_options(parse(program, words, Stop::at_first_operand));
}

ContainerState full_state() {
  ContainerState state;
  state.oci.id = "web-1";
  state.oci.status = oci::Status::running;
  state.oci.pid = 42;
  state.oci.bundle = "/bundles/web \"1\"";
  state.oci.annotations = {{"k", "v"}};
  state.rootfs = "/rootfs";
  state.created = "2026-11-24T08:00:00.123456789Z";
  state.owner = "root";
  return state;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(values)

BOOST_AUTO_TEST_CASE(a_root_is_made_absolute) {
  BOOST_TEST(absolute_root("/run/x") == "/run/x");
  BOOST_TEST(absolute_root("//run/./x/../y/") == "/run/y");
  BOOST_TEST(absolute_root("/../../run") == "/run");
  BOOST_TEST(absolute_root("x/y") == sys::current_directory() + "/x/y");
}

BOOST_AUTO_TEST_CASE(the_root_directory_is_no_root) {
  for (const std::string_view root : {"/", "//", "/.", "/run/..", "/.."}) {
    BOOST_CHECK_THROW(absolute_root(root), Error);
  }
}

BOOST_AUTO_TEST_CASE(the_cgroup_manager_is_chosen_by_either_option) {
  using cgroups::Manager;
  BOOST_TEST((given({"--root=/r"}).cgroup_manager == Manager::cgroupfs));
  BOOST_TEST((given({"--root=/r", "--systemd-cgroup"}).cgroup_manager == Manager::systemd));
  BOOST_TEST(
      (given({"--root=/r", "--cgroup-manager", "systemd"}).cgroup_manager == Manager::systemd));
  BOOST_TEST(
      (given({"--root=/r", "--cgroup-manager=disabled"}).cgroup_manager == Manager::disabled));
}

BOOST_AUTO_TEST_CASE(debugging_is_chosen_by_either_option) {
  BOOST_TEST(!given({"--root=/r"}).debug);
  BOOST_TEST(given({"--root=/r", "--debug"}).debug);
  BOOST_TEST(given({"--root=/r", "--log-level=debug"}).debug);
  BOOST_TEST(!given({"--root=/r", "--debug=false"}).debug);
}

BOOST_AUTO_TEST_CASE(an_empty_runtime_directory_is_as_good_as_none) {
  setenv("XDG_RUNTIME_DIR", "", 1);
  BOOST_TEST(given({}).root == "/run/ocelot");
  unsetenv("XDG_RUNTIME_DIR");
  BOOST_TEST(given({}).root == "/run/ocelot");
}

BOOST_AUTO_TEST_CASE(a_state_is_indented_by_two_and_ends_without_a_newline) {
  BOOST_TEST(state_json(full_state()) ==
             "{\n"
             "  \"ociVersion\": \"1.3.0\",\n"
             "  \"id\": \"web-1\",\n"
             "  \"pid\": 42,\n"
             "  \"status\": \"running\",\n"
             "  \"bundle\": \"/bundles/web \\\"1\\\"\",\n"
             "  \"rootfs\": \"/rootfs\",\n"
             "  \"created\": \"2026-11-24T08:00:00.123456789Z\",\n"
             "  \"annotations\": {\n"
             "    \"k\": \"v\"\n"
             "  },\n"
             "  \"owner\": \"root\"\n"
             "}");
}

BOOST_AUTO_TEST_CASE(a_state_leaves_out_what_has_no_value_but_for_the_owner) {
  ContainerState state;
  state.oci.id = "c";
  state.oci.status = oci::Status::stopped;
  const auto object = nlohmann::json::parse(state_json(state));
  BOOST_TEST(object.size() == 6u);
  BOOST_TEST(object["owner"] == "");
  BOOST_TEST(object["pid"] == 0);
  BOOST_TEST(object["status"] == "stopped");
}

BOOST_AUTO_TEST_CASE(a_state_with_a_path_that_is_no_utf_8_is_still_json) {
  ContainerState state = full_state();
  state.oci.bundle = "/b\xff";
  BOOST_TEST(nlohmann::json::parse(state_json(state))["bundle"] == "/b\xef\xbf\xbd");
}

BOOST_AUTO_TEST_CASE(the_word_version_is_on_the_first_line_alone) {
  const std::string text = version("runc");
  BOOST_TEST(text.starts_with("runc version 0."), text);
  BOOST_TEST(text.find("version", text.find('\n')) == std::string::npos, text);
  BOOST_TEST(text.find("\nspec: 1.3.0\n") != std::string::npos, text);
  BOOST_TEST(text.find("\ncommit: ") != std::string::npos, text);
  for (const std::string_view line : split(trim(text), '\n'))
    BOOST_TEST(!line.ends_with(": "), line);
}

BOOST_AUTO_TEST_SUITE_END()
