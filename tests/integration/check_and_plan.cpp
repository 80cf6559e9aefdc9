// `check` says what is wrong with a bundle, `plan` what create would do; neither does anything.
#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

json violations(const Runtime& runtime, const Bundle& bundle, int status) {
  bundle.write();
  Output output = runtime.call({"check", "--bundle", bundle.path(), "--format", "json"});
  BOOST_TEST(output.status == status, output.err);
  return json::parse(output.out);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(check_and_plan, *needs::ocelot())

BOOST_AUTO_TEST_CASE(good_bundle_has_no_violations) {
  Runtime runtime;
  Bundle bundle;
  BOOST_TEST(violations(runtime, bundle, 0) == json::array());
  BOOST_TEST(runtime.call({"check", "--bundle", bundle.path()}).status == 0);
}

BOOST_AUTO_TEST_CASE(all_violations_are_reported_at_once) {
  Runtime runtime;
  Bundle bundle;
  bundle.config["ociVersion"] = "zero";
  bundle.process()["cwd"] = "relative";
  bundle.process()["args"] = "not a list";
  bundle.linux()["namespaces"].push_back({{"type", "pid"}});
  bundle.config["hooks"]["poststop"] = json::array({{{"path", "relative"}}});
  json all = violations(runtime, bundle, 1);
  std::vector<std::string> paths;
  for (const json& violation : all) {
    for (const char* member : {"path", "rule", "message", "spec"})
      BOOST_TEST(violation.contains(member), violation.dump());
    paths.push_back(violation["path"]);
  }
  for (const char* path : {"/ociVersion", "/process/cwd", "/process/args", "/linux/namespaces/5",
                           "/hooks/poststop/0/path"})
    BOOST_TEST(
        std::count_if(paths.begin(), paths.end(),
                      [&](const std::string& found) { return found.starts_with(path); }) != 0,
        path << " is not in " << all.dump());
}

BOOST_AUTO_TEST_CASE(text_names_the_places_too) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["cwd"] = "relative";
  bundle.linux()["maskedPaths"] = {"relative"};
  bundle.write();
  Output output = runtime.call({"check", "--bundle", bundle.path()});
  BOOST_TEST(output.status == 1);
  BOOST_TEST(contains(output.out + output.err, "/process/cwd"));
  BOOST_TEST(contains(output.out + output.err, "/linux/maskedPaths/0"));
}

BOOST_AUTO_TEST_CASE(what_check_says_create_says) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["cwd"] = "relative";
  bundle.linux()["maskedPaths"] = {"relative"};
  check_refused(runtime, bundle, "/process/cwd");
  check_refused(runtime, bundle, "/linux/maskedPaths/0");
}

BOOST_AUTO_TEST_CASE(plan_names_what_create_would_do) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_mount("/some/where", "tmpfs", "tmpfs", {"size=64k"});
  bundle.config["hostname"] = "planned";
  bundle.write();
  Output output = runtime.call({"plan", "--bundle", bundle.path()});
  BOOST_TEST(output.status == 0, output.err);
  for (const char* word : {"/some/where", "planned", "/proc/sysrq-trigger", "RLIMIT_NOFILE"})
    BOOST_TEST(contains(output.out, word), word);
}

BOOST_AUTO_TEST_CASE(neither_does_anything) {
  Runtime runtime;
  Bundle bundle;
  TempDir log;
  bundle.config["hooks"]["createRuntime"] =
      json::array({{{"path", "/bin/sh"}, {"args", {"sh", "-c", "touch " + log / "ran"}}}});
  bundle.write();
  const Leftovers before{{runtime.root(), bundle.path()}};
  runtime.call({"check", "--bundle", bundle.path()});
  runtime.call({"plan", "--bundle", bundle.path()});
  for (const std::string& item : before.since()) BOOST_TEST(item == "", item);
  BOOST_TEST(!std::filesystem::exists(log / "ran"));
}

BOOST_AUTO_TEST_CASE(what_is_no_document_is_an_array_of_one_too) {
  Runtime runtime;
  Bundle bundle;
  bundle.write();
  for (const std::string text : {"{\"a\":1,\"a\":2}", "{\"a\":", "{\"a\":\"\\u0000\"}", ""}) {
    write_file(bundle.path() + "/config.json", text);
    const Output output = runtime.call({"check", "--bundle", bundle.path(), "--format", "json"});
    BOOST_TEST_CONTEXT(text) {
      BOOST_TEST(output.status == 1);
      const json found = json::parse(output.out, nullptr, false);
      BOOST_REQUIRE(found.is_array());
      BOOST_REQUIRE(found.size() == 1u);
      BOOST_TEST(found[0]["rule"] == "document");
      BOOST_TEST(found[0]["message"] != "");
    }
  }
}

BOOST_AUTO_TEST_CASE(what_create_would_stop_at_is_foreseen) {
  Runtime runtime;
  struct Case {
    const char* path;
    std::function<void(Bundle&)> spoil;
  };
  const json hook = json::array({{{"path", "/absent/hook"}}});
  const Case cases[] = {
      {"/mounts/7/source",
       [](Bundle& b) { b.add_mount("/mnt", "bind", "/absent/source", {"bind"}); }},
      {"/hooks/createRuntime/0/path",
       [&](Bundle& b) { b.config["hooks"]["createRuntime"] = hook; }},
      {"/linux/seccomp",
       [](Bundle& b) {
         b.linux()["seccomp"] = {
             {"defaultAction", "SCMP_ACT_ALLOW"},
             {"listenerPath", "/run/agent.sock"},
             {"syscalls", {{{"names", {"sendmsg"}}, {"action", "SCMP_ACT_NOTIFY"}}}}};
       }},
  };
  for (const Case& c : cases) {
    Bundle bundle;
    c.spoil(bundle);
    const json found = violations(runtime, bundle, 1);
    BOOST_TEST_CONTEXT(c.path << " " << found.dump()) {
      BOOST_REQUIRE(found.size() == 1u);
      BOOST_TEST(found[0]["path"] == c.path);
    }
    check_refused(runtime, bundle.args({"true"}));
  }
}

BOOST_AUTO_TEST_CASE(what_create_would_only_warn_of_is_no_reason_to_refuse) {
  Runtime runtime;
  Bundle bundle;
  bundle.config["hooks"]["poststop"] = json::array({{{"path", "/absent/hook"}}});
  const json found = violations(runtime, bundle, 0);
  BOOST_REQUIRE(found.size() == 1u);
  BOOST_TEST(found[0]["path"] == "/hooks/poststop/0/path");
  BOOST_TEST(found[0]["warning"] == true);
}

BOOST_AUTO_TEST_CASE(shares_that_v1_does_not_take_are_foreseen, *needs::controller("cpu")) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["resources"]["cpu"] = {{"shares", 1}};
  const json found = violations(runtime, bundle, 1);
  BOOST_REQUIRE(found.size() == 1u);
  BOOST_TEST(found[0]["path"] == "/linux/resources");
}

BOOST_AUTO_TEST_SUITE_END()
