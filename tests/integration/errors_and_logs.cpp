// What callers read when something fails: exit codes, standard error, the log file.
#include <sys/resource.h>

#include <regex>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

// A bundle that cannot be created, and words of the reason.
Bundle broken() {
  Bundle bundle;
  bundle.args({"nosuchcommand"});
  bundle.write();
  return bundle;
}
const std::string kReason = "executable file not found in $PATH";

Output call(const Runtime& runtime, std::vector<std::string> globals,
            std::vector<std::string> words) {
  std::vector<std::string> line{Runtime::path(), "--root", runtime.root()};
  line.insert(line.end(), globals.begin(), globals.end());
  line.insert(line.end(), words.begin(), words.end());
  return run(line);
}

std::vector<json> log_lines(const std::string& path) {
  std::vector<json> lines;
  std::istringstream in{read_file(path)};
  for (std::string line; std::getline(in, line);) lines.push_back(json::parse(line));
  return lines;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(errors_and_logs)

BOOST_AUTO_TEST_CASE(json_log_of_a_failed_command_is_one_object) {
  Runtime runtime;
  Bundle bundle = broken();
  TempDir directory;
  for (const char* verb : {"create", "run"}) {
    std::string log = directory / verb;
    Output output = call(runtime, {"--log", log, "--log-format", "json"},
                         {verb, "--bundle", bundle.path(), "c"});
    BOOST_TEST(output.status == 1);
    json document = json::parse(read_file(log));  // the whole file is one document
    BOOST_TEST(document["level"] == "error");
    BOOST_TEST(contains(document["msg"], kReason), document.dump());
    BOOST_TEST(std::regex_match(
        document["time"].get<std::string>(),
        std::regex{R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d))"}));
  }
}

BOOST_AUTO_TEST_CASE(json_log_of_every_failing_verb_is_one_object) {
  Runtime runtime;
  TempDir directory;
  for (const char* verb : {"state", "start", "kill", "delete"}) {
    std::string log = directory / verb;
    Output output = call(runtime, {"--log=" + log, "--log-format=json"}, {verb, "none"});
    BOOST_TEST(output.status == 1, verb);
    json document = json::parse(read_file(log));
    BOOST_TEST(document["level"] == "error", verb);
    BOOST_TEST(contains(document["msg"], "does not exist"), verb);
  }
}

BOOST_AUTO_TEST_CASE(warning_before_an_error_is_no_second_object,
                     *needs::ocelot("runc logs both")) {
  Runtime runtime;
  Bundle bundle;
  TempDir directory;
  bundle.capabilities({"CAP_TO_FLY"});
  bundle.args({"nosuchcommand"}).write();
  Output output = call(runtime, {"--log", directory / "log", "--log-format", "json"},
                       {"create", "--bundle", bundle.path(), "c"});
  BOOST_TEST(output.status == 1);
  json document = json::parse(read_file(directory / "log"), nullptr, false);
  BOOST_TEST(!document.is_discarded());
}

BOOST_AUTO_TEST_CASE(error_is_on_standard_error_beside_the_log) {
  Runtime runtime;
  Bundle bundle = broken();
  TempDir directory;
  Output output =
      call(runtime, {"--log", directory / "log"}, {"create", "--bundle", bundle.path(), "c"});
  BOOST_TEST(contains(output.err, kReason));
  BOOST_TEST(contains(read_file(directory / "log"), kReason));
}

BOOST_AUTO_TEST_CASE(log_is_appended_to) {
  Runtime runtime;
  TempDir directory;
  std::string log = directory / "log";
  for (int i = 0; i < 2; ++i)
    call(runtime, {"--log", log, "--log-format", "json"}, {"state", "none"});
  BOOST_TEST(log_lines(log).size() == 2U);
}

BOOST_AUTO_TEST_CASE(text_log_names_level_and_message) {
  Runtime runtime;
  TempDir directory;
  call(runtime, {"--log", directory / "log", "--log-format", "text"}, {"state", "none"});
  std::string text = read_file(directory / "log");
  BOOST_TEST(contains(text, "level=error"), text);
  BOOST_TEST(contains(text, "msg="), text);
}

BOOST_AUTO_TEST_CASE(unknown_log_format_is_an_error) {
  Runtime runtime;
  TempDir directory;
  Output output =
      call(runtime, {"--log", directory / "log", "--log-format", "xml"}, {"state", "none"});
  BOOST_TEST(output.status == 1);
}

BOOST_AUTO_TEST_CASE(debug_messages_come_with_the_flag_alone) {
  Runtime runtime;
  Bundle bundle;
  TempDir directory;
  bundle.args({"true"}).write();
  call(runtime, {"--log", directory / "quiet"}, {"run", "--bundle", bundle.path(), "c"});
  call(runtime, {"--debug", "--log", directory / "loud"}, {"run", "--bundle", bundle.path(), "d"});
  BOOST_TEST(!contains(read_file(directory / "quiet"), "level=debug"));
  BOOST_TEST(contains(read_file(directory / "loud"), "level=debug"));
}

BOOST_AUTO_TEST_CASE(missing_directory_of_the_log_does_not_stop_delete) {  // L34
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args({"true"}));
  Output output = call(runtime, {"--log", "/no/such/directory/log"}, {"delete", "--force", "c"});
  BOOST_REQUIRE_MESSAGE(output.status == 0, output.err);
  container.wait();
}

BOOST_AUTO_TEST_CASE(flags_may_have_one_dash_and_an_equals_sign) {
  Runtime runtime;
  Bundle bundle;
  bundle.args({"true"}).write();
  TempDir directory;
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"-root", runtime.root(), "run", "-bundle", bundle.path(), "c"},
        {"-root=" + runtime.root(), "run", "-bundle=" + bundle.path(), "-no-subreaper", "c"},
        {"--root=" + runtime.root(), "run", "--bundle=" + bundle.path(), "--no-subreaper=true",
         "c"},
        {"--root", runtime.root(), "run", "-b", bundle.path(), "--keep=false", "c"}}) {
    std::vector<std::string> line{Runtime::path()};
    line.insert(line.end(), words.begin(), words.end());
    Output output = run(line);
    BOOST_TEST(output.status == 0, words[0] << ": " << output.err);
    BOOST_TEST(runtime.status("c") == "absent");
  }
}

BOOST_AUTO_TEST_CASE(bad_usage_is_status_1) {
  Runtime runtime;
  for (const std::vector<std::string>& words : {std::vector<std::string>{"state"},
                                                {"state", "a", "b"},
                                                {"create"},
                                                {"kill"},
                                                {"state", "--no-such-flag", "a"},
                                                {"--no-such-flag", "state", "a"}})
    BOOST_TEST(runtime.call(words).status == 1, words.front());
}

BOOST_AUTO_TEST_CASE(wrong_number_of_arguments_is_said) {
  Runtime runtime;
  Output output = runtime.call({"state"});
  BOOST_TEST(contains(output.err, "requires exactly 1 argument"), output.err);
}

BOOST_AUTO_TEST_CASE(help_and_version_are_printed) {
  BOOST_TEST(run({Runtime::path(), "--help"}).status == 0);
  Output version = run({Runtime::path(), "--version"});
  BOOST_TEST(version.status == 0);
  BOOST_TEST(version.out.starts_with(std::filesystem::path{Runtime::path()}.filename().string() +
                                     " version "));
  BOOST_TEST(contains(version.out, "\nspec: "), version.out);
  BOOST_TEST(contains(version.out, "libseccomp: "), version.out);
  for (const char* verb : {"create", "run", "start", "state", "kill", "delete"}) {
    Output output = run({Runtime::path(), verb, "--help"});
    BOOST_TEST(output.status == 0, verb);
    BOOST_TEST(contains(output.out, verb));
  }
}

BOOST_AUTO_TEST_CASE(version_under_the_name_runc_is_what_its_callers_parse,
                     *needs::ocelot("runc is runc")) {
  TempDir directory;
  std::filesystem::create_symlink(Runtime::path(), directory / "runc");
  Output version = run({directory / "runc", "--version"});
  BOOST_TEST(version.out.starts_with("runc version "), version.out);
  BOOST_TEST(contains(version.out, "\ncommit: "), version.out);
  BOOST_TEST(contains(version.out, "\nspec: "), version.out);
  // Docker takes the last line with this word.
  BOOST_TEST(!contains(version.out.substr(version.out.find('\n')), "version"));
}

BOOST_AUTO_TEST_CASE(flags_of_old_callers_are_accepted) {
  Runtime runtime;
  Bundle bundle;
  bundle.args({"true"}).write();
  for (const std::vector<std::string>& globals :
       {std::vector<std::string>{"--criu", "/usr/sbin/criu"},
        {"--rootless", "auto"},
        {"--debug=false"}})
    BOOST_TEST(call(runtime, globals, {"run", "--bundle", bundle.path(), "c"}).status == 0,
               globals.front());
}

BOOST_AUTO_TEST_CASE(path_may_be_unset) {
  Runtime runtime;
  Bundle bundle;
  RunOptions options;
  options.clean_env = true;
  BOOST_TEST(runtime.run(bundle.args({"true"}), "c", {}, options).status == 0);
}

BOOST_AUTO_TEST_CASE(missing_bundle_or_config_is_said) {
  Runtime runtime;
  Bundle bundle;
  check_error(runtime.run(bundle.path()), "JSON specification file config.json not found");
  BOOST_TEST(runtime.run("/no/such/bundle").status == 1);
}

BOOST_AUTO_TEST_CASE(error_names_where_it_happened_and_ends_with_the_reason, *needs::ocelot()) {
  Runtime runtime;
  Bundle bundle;
  TempDir directory;
  bundle.add_mount("/mnt", "bind", "/does/not/exist", {"bind"});
  bundle.write();
  call(runtime, {"--log", directory / "log", "--log-format", "json"},
       {"create", "--bundle", bundle.path(), "web-1"});
  json document = json::parse(read_file(directory / "log"));
  std::string message = document["msg"];
  BOOST_TEST(contains(message, "mounts[7] /mnt"), message);
  BOOST_TEST(message.ends_with("o such file or directory"), message);
}

BOOST_AUTO_TEST_CASE(failures_say_what_to_try, *needs::root() * needs::ocelot()) {
  Runtime runtime;
  Bundle bundle;
  Running running{runtime, bundle};
  const TempDir directory;
  write_file(directory / "pids.json", R"({"pids":{"limit":1}})");
  const auto expect_hint = [&](const std::vector<std::string>& words, const std::string& hint) {
    const Output output =
        call(runtime, {"--log", directory / "log", "--log-format", "json"}, words);
    BOOST_TEST(output.status != 0);
    BOOST_TEST(contains(output.err, "\nhint: "), words[0] << ": " << output.err);
    const json entry = log_lines(directory / "log").back();
    BOOST_REQUIRE_MESSAGE(entry.contains("hint"), words[0] << ": " << entry.dump());
    BOOST_TEST(contains(entry["hint"].get<std::string>(), hint), entry["hint"]);
  };
  expect_hint({"state", "none"}, "--root");
  expect_hint({"create", "--bundle", directory.path(), "d"}, "--bundle");
  expect_hint({"create", "--bundle", bundle.path(), "c"}, "delete --force");
  expect_hint({"create", "--bundle", bundle.path(), ""}, "name");
  expect_hint({"start", "c"}, "exec");
  expect_hint({"delete", "c"}, "delete --force");
  expect_hint({"resume", "c"}, "state");
  expect_hint({"exec", "--user", "root", "c", "true"}, "number");
  expect_hint({"exec", "c", "none"}, "looked in");
  expect_hint({"exec", "c", "/etc/passwd"}, "execute permission");
  expect_hint({"events", "--interval", "0s", "c"}, "500ms");
  expect_hint({"kill", "--regex", "(", "KILL"}, "regex(7)");
  BOOST_REQUIRE(runtime.call({"pause", "c"}).status == 0);
  expect_hint({"exec", "c", "true"}, "resume");
  BOOST_REQUIRE(runtime.call({"resume", "c"}).status == 0);
  BOOST_REQUIRE(runtime.kill("c", "KILL").status == 0);
  running.container().wait();
  expect_hint({"start", "c"}, "create it anew");
  expect_hint({"exec", "c", "true"}, "create it anew");
  expect_hint({"kill", "c", "TERM"}, "delete");
  expect_hint({"update", "--resources", directory / "pids.json", "c"},
              "created, running or paused");
}

BOOST_AUTO_TEST_CASE(what_is_used_up_is_named, *needs::root() * needs::ocelot()) {
  Runtime runtime;
  Bundle bundle;
  bundle.write();
  RunOptions options;
  options.in_child = [] {
    const rlimit few{.rlim_cur = 12, .rlim_max = 12};
    ::setrlimit(RLIMIT_NOFILE, &few);
  };
  const Output output = runtime.call({"create", "--bundle", bundle.path(), "c"}, options);
  BOOST_TEST(output.status == 1);
  BOOST_TEST(contains(output.err, "Too many open files"), output.err);
  BOOST_TEST(contains(output.err, "hint: raise this process's limit of open files"), output.err);
}

BOOST_AUTO_TEST_SUITE_END()
