// The log of a container's output, which the shim writes.
#include <regex>

#include "tests/support/black_box.hpp"
#include "tests/support/shimmed.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

std::vector<std::string> lines_of(const std::string& path) {
  std::vector<std::string> lines;
  const std::string text = read_file(path);
  for (std::size_t at = 0, end; (end = text.find('\n', at)) != std::string::npos; at = end + 1)
    lines.push_back(text.substr(at, end - at));
  return lines;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(shim_log, *needs::root() * needs::ocelot())

BOOST_AUTO_TEST_CASE(lines_are_as_the_kubelet_reads_them) {
  Runtime runtime;
  Bundle bundle;
  TempDir files;
  const std::string log = files / "log";
  Shimmed shimmed{
      runtime, bundle.shell("echo one; printf two; echo err >&2; exit 3"), {"--output-log", log}};
  BOOST_TEST(shimmed.wait()["status"] == 3);
  const std::string stamp = R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}(Z|[+-]\d\d:\d\d))";
  std::vector<std::string> out, err;
  for (const std::string& line : lines_of(log)) {
    std::smatch match;
    BOOST_REQUIRE_MESSAGE(
        std::regex_match(line, match, std::regex{stamp + " (stdout|stderr) ([FP]) (.*)"}), line);
    (match[2] == "stdout" ? out : err).push_back(match[3].str() + " " + match[4].str());
  }
  BOOST_TEST(out == (std::vector<std::string>{"F one", "P two"}), boost::test_tools::per_element());
  BOOST_TEST(err == (std::vector<std::string>{"F err"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(lines_are_objects_where_that_is_asked_for) {
  Runtime runtime;
  Bundle bundle;
  TempDir files;
  const std::string log = files / "log";
  Shimmed shimmed{runtime,
                  bundle.shell("echo '\"quoted\"'; echo err >&2"),
                  {"--output-log", log, "--output-log-format", "json"}};
  BOOST_TEST(shimmed.wait()["status"] == 0);
  std::map<std::string, std::string> text;
  for (const std::string& line : lines_of(log)) {
    const json record = json::parse(line);
    text[record["stream"]] += record["log"].get<std::string>();
    BOOST_TEST(record["time"].get<std::string>().size() >= 20U);
  }
  BOOST_TEST(text["stdout"] == "\"quoted\"\n");
  BOOST_TEST(text["stderr"] == "err\n");
}

BOOST_AUTO_TEST_CASE(full_file_is_followed_by_another_and_the_oldest_goes) {
  Runtime runtime;
  Bundle bundle;
  TempDir files;
  const std::string log = files / "log";
  Shimmed shimmed{runtime,
                  bundle.shell("seq 1 1000"),
                  {"--output-log", log, "--output-log-size", "8192", "--output-log-files", "3"}};
  BOOST_TEST(shimmed.wait()["status"] == 0);
  BOOST_TEST(!std::filesystem::exists(log + ".3"));
  int last = 0;
  for (const char* suffix : {".2", ".1", ""}) {
    BOOST_TEST(std::filesystem::file_size(log + suffix) <= 8192U);
    for (const std::string& line : lines_of(log + suffix)) {
      const int number = std::stoi(line.substr(line.rfind(' ') + 1));
      if (last != 0) BOOST_TEST(number == last + 1);
      last = number;
    }
  }
  BOOST_TEST(last == 1000);
}

BOOST_AUTO_TEST_CASE(output_of_processes_of_exec_is_not_the_containers) {
  Runtime runtime;
  Bundle bundle;
  TempDir files;
  const std::string log = files / "log";
  Shimmed shimmed{runtime, bundle.shell("echo own; exec sleep 1000"), {"--output-log", log}};
  BOOST_TEST(runtime.call({"exec", "c", "echo", "theirs"}).out == "theirs\n");
  BOOST_TEST(runtime.kill("c", "KILL").status == 0);
  shimmed.wait();
  BOOST_REQUIRE(lines_of(log).size() == 1U);
  BOOST_TEST(lines_of(log).front().ends_with("own"));
}

BOOST_AUTO_TEST_CASE(log_that_cannot_be_opened_fails_the_creation) {
  Runtime runtime;
  Bundle bundle;
  bundle.args({"true"});
  const Leftovers leftovers;
  const Output output = runtime.run(bundle, "c", {"-d", "--shim", "--output-log", "/nowhere/log"});
  check_error(output, "/nowhere/log");
  BOOST_TEST(runtime.ids().empty());
  BOOST_TEST(leftovers.since() == std::vector<std::string>{}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
