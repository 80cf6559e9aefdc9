// bundle.md and config.md: the document and what is common to all platforms.
#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

BOOST_AUTO_TEST_SUITE(bundle_and_config)

// "config.json ... MUST reside in the root of the bundle directory and MUST be named config.json."
BOOST_AUTO_TEST_CASE(config_is_looked_for_in_the_root_of_the_bundle) {
  Runtime runtime;
  Bundle bundle;
  bundle.args({"true"}).write();
  std::filesystem::rename(bundle.config_path(), bundle.path() + "/other.json");
  BOOST_TEST(runtime.run(bundle.path()).status != 0);
}

// "ociVersion (string, REQUIRED) MUST be in SemVer v2.0.0 format".
BOOST_AUTO_TEST_CASE(version_must_be_a_semantic_one) {
  Runtime runtime;
  Bundle bundle;
  bundle.config["ociVersion"] = "not a version";
  check_refused(runtime, bundle.args({"true"}), "/ociVersion");
}

// "path ... A directory MUST exist at the path declared by the field."
BOOST_AUTO_TEST_CASE(root_must_exist) {
  Runtime runtime;
  Bundle bundle;
  bundle.config["root"]["path"] = "nothing-here";
  check_refused(runtime, bundle.args({"true"}), "nothing-here");
}

// "readonly (bool, OPTIONAL) If true then the root filesystem MUST be read-only inside the
// container".
BOOST_AUTO_TEST_CASE(readonly_root_is_read_only) {
  Runtime runtime;
  Bundle bundle;
  BOOST_TEST(act(runtime, bundle, {{"create", "/file"}})[0]["errno"] == "EROFS");
}

// "The runtime MUST mount entries in the listed order."
BOOST_AUTO_TEST_CASE(mounts_are_in_the_listed_order) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_mount("/a", "tmpfs", "one")
      .add_mount("/a/b", "tmpfs", "two")
      .add_mount("/a", "tmpfs", "three");
  json seen = report(runtime, bundle);
  BOOST_TEST(mount_in(seen, "/a")["source"] == "three");
  BOOST_TEST(act(runtime, bundle, {{"list", "/a"}})[0]["names"] == json::array());
}

// "If specified, [uidMappings] MUST be specified along with gidMappings."
BOOST_AUTO_TEST_CASE(mappings_of_a_mount_come_in_pairs, *needs::root()) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_mount("/mnt", "bind", "/tmp", {"bind"});
  bundle.mount_at("/mnt")["gidMappings"] =
      json::array({{{"containerID", 0}, {"hostID", 1000}, {"size", 1}}});
  check_refused(runtime, bundle.args({"true"}), "/mounts/7");
}

// "cwd ... This value MUST be an absolute path."
BOOST_AUTO_TEST_CASE(cwd_must_be_absolute) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["cwd"] = "tmp";
  check_refused(runtime, bundle.args({"true"}), "/process/cwd");
}

// "args ... at least one entry is REQUIRED".
BOOST_AUTO_TEST_CASE(args_must_have_an_entry) {
  Runtime runtime;
  Bundle bundle;
  check_refused(runtime, bundle.args({}), "/process/args");
}

// "consoleSize ... Runtimes MUST ignore consoleSize if terminal is false or unset."
BOOST_AUTO_TEST_CASE(console_size_is_ignored_without_a_terminal) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["consoleSize"] = {{"height", 1}, {"width", 1}};
  bundle.process().erase("terminal");
  BOOST_TEST(runtime.run(bundle.args({"true"})).status == 0);
}

// "The runtime MUST generate an error for any values which cannot be mapped to a relevant kernel
// interface" (rlimits); "If rlimits contains duplicated entries with same type, the runtime MUST
// generate an error."
BOOST_AUTO_TEST_CASE(rlimits_must_be_known) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["rlimits"] = json::array({{{"type", "RLIMIT_FOO"}, {"soft", 1}, {"hard", 1}}});
  check_refused(runtime, bundle.args({"true"}), "/process/rlimits/0");
}
BOOST_AUTO_TEST_CASE(rlimits_must_be_unique) {
  Runtime runtime;
  Bundle bundle;
  const json limit{{"type", "RLIMIT_NOFILE"}, {"soft", 64}, {"hard", 64}};
  bundle.process()["rlimits"] = {limit, limit};
  check_refused(runtime, bundle.args({"true"}), "/process/rlimits/1");
}

// "Any value which cannot be mapped to a relevant kernel interface, or cannot be granted otherwise
// MUST be logged as a warning by the runtime" (capabilities).
BOOST_AUTO_TEST_CASE(capabilities_that_are_unknown_are_warned_of, *needs::root()) {
  Runtime runtime;
  Bundle bundle;
  bundle.capabilities({"CAP_KILL", "CAP_NOVEL"});
  Output output = runtime.run(bundle.args({"true"}));
  BOOST_TEST(output.status == 0);
  BOOST_TEST(contains(output.err, "CAP_NOVEL"));
}

// "Entries in the array contain path ... args ...: the hooks MUST be called in the listed order."
BOOST_AUTO_TEST_CASE(hooks_are_called_in_the_listed_order) {
  Runtime runtime;
  Bundle bundle;
  TempDir log;
  for (const char* word : {"1", "2", "3"})
    bundle.config["hooks"]["poststop"].push_back(
        {{"path", "/bin/sh"},
         {"args", {"sh", "-c", std::string{"echo "} + word + " >> " + log / "order"}}});
  BOOST_TEST(runtime.run(bundle.args({"true"})).status == 0);
  BOOST_TEST(read_file(log / "order") == "1\n2\n3\n");
}

// "The state of the container MUST be passed to hooks over stdin".
BOOST_AUTO_TEST_CASE(hooks_get_the_state) {
  Runtime runtime;
  Bundle bundle;
  TempDir log;
  bundle.config["hooks"]["createRuntime"] =
      json::array({{{"path", "/bin/sh"}, {"args", {"sh", "-c", "cat > " + log / "state"}}}});
  BOOST_TEST(runtime.run(bundle.args({"true"}), "named").status == 0);
  json state = json::parse(read_file(log / "state"));
  BOOST_TEST(state["id"] == "named");
  BOOST_TEST(state["status"] == "creating");
}

// "path (string, REQUIRED) ... an absolute path."; "timeout ... If set, timeout MUST be greater
// than zero."
BOOST_AUTO_TEST_CASE(hooks_have_an_absolute_path_and_a_positive_timeout) {
  Runtime runtime;
  Bundle bundle;
  bundle.args({"true"});
  bundle.config["hooks"]["poststart"] = json::array({{{"path", "true"}}});
  check_refused(runtime, bundle, "/hooks/poststart/0/path");
  bundle.config["hooks"]["poststart"] = json::array({{{"path", "/bin/true"}, {"timeout", 0}}});
  check_refused(runtime, bundle, "/hooks/poststart/0/timeout");
}

// "Keys MUST be strings. Keys MUST NOT be an empty string. Values MUST be strings. Values MAY be an
// empty string."
BOOST_AUTO_TEST_CASE(annotations_are_strings) {
  Runtime runtime;
  Bundle bundle;
  bundle.config["annotations"] = {{"", "empty"}};
  check_refused(runtime, bundle.args({"true"}), "/annotations");
}
BOOST_AUTO_TEST_CASE(annotations_may_be_empty) {
  Runtime runtime;
  Bundle bundle;
  bundle.config["annotations"] = {{"com.example.empty", ""}};
  BOOST_TEST(runtime.run(bundle.args({"true"})).status == 0);
}

// "Implementations that are reading/processing this configuration file MUST NOT generate an error
// if they encounter an unknown annotation key"; "... an unknown property. Instead they MUST ignore
// unknown properties."
BOOST_AUTO_TEST_CASE(unknown_properties_are_ignored) {
  Runtime runtime;
  Bundle bundle;
  bundle.config["annotations"] = {{"org.nobody.knows", "this"}};
  bundle.config["futureProperty"] = json::array({1, "two", {{"three", 3}}});
  BOOST_TEST(runtime.run(bundle.args({"true"})).status == 0);
}

// "Runtimes ... MUST generate an error when invalid or unsupported values are encountered."
BOOST_AUTO_TEST_CASE(invalid_values_are_errors) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["terminal"] = "maybe";
  check_refused(runtime, bundle.args({"true"}), "/process/terminal");
}

BOOST_AUTO_TEST_SUITE_END()
