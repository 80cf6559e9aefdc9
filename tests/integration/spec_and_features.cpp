// spec, features and stats: what the runtime says of itself and of containers.
#include <sys/stat.h>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

json spec(const Runtime& runtime, const TempDir& bundle, std::vector<std::string> flags = {}) {
  std::vector<std::string> words{"spec", "--bundle", bundle.path()};
  words.insert(words.end(), flags.begin(), flags.end());
  const Output output = runtime.call(words);
  BOOST_REQUIRE_MESSAGE(output.status == 0, output.err);
  BOOST_TEST(output.out == "");
  return json::parse(read_file(bundle / "config.json"));
}

json features(const Runtime& runtime) {
  const Output output = runtime.call({"features"});
  BOOST_REQUIRE_MESSAGE(output.status == 0, output.err);
  return json::parse(output.out);
}

bool holds(const json& list, const std::string& word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(spec_and_features, *needs::root())

BOOST_AUTO_TEST_CASE(spec_is_that_of_runc_but_for_what_cannot_be_had,
                     *needs::file("/usr/sbin/runc") * needs::ocelot("compares with runc")) {
  for (const std::vector<std::string>& flags : {std::vector<std::string>{}, {"--rootless"}}) {
    const Runtime runtime;
    const TempDir ours, theirs;
    json mine = spec(runtime, ours, flags);
    std::vector<std::string> words{"/usr/sbin/runc", "spec", "--bundle", theirs.path()};
    words.insert(words.end(), flags.begin(), flags.end());
    BOOST_REQUIRE(run(words).status == 0);
    json runc = json::parse(read_file(theirs / "config.json"));
    BOOST_TEST(!mine["process"]["capabilities"].contains("ambient"));
    runc["process"]["capabilities"].erase("ambient");
    for (const char* member : {"ociVersion", "hostname"}) {
      BOOST_TEST(mine.contains(member));
      mine.erase(member);
      runc.erase(member);
    }
    BOOST_TEST(mine == runc);
  }
}

BOOST_AUTO_TEST_CASE(spec_runs_as_it_is_and_without_a_warning, *needs::ocelot()) {
  Runtime runtime;
  Bundle bundle;
  const TempDir fresh;
  json config = spec(runtime, fresh);
  config["process"]["terminal"] = false;
  config["process"]["args"] = {"sh", "-c", "echo it runs"};
  config["linux"]["cgroupsPath"] = bundle.linux()["cgroupsPath"];
  bundle.config = config;
  const Output output = runtime.run(bundle);
  BOOST_TEST(output.status == 0);
  BOOST_TEST(output.out == "it runs\n");
  BOOST_TEST(output.err == "");
}

BOOST_AUTO_TEST_CASE(spec_does_not_replace_a_file) {
  const Runtime runtime;
  const TempDir bundle;
  write_file(bundle / "config.json", "mine");
  check_error(runtime.call({"spec", "-b", bundle.path()}),
              "File config.json exists. Remove it first");
  BOOST_TEST(read_file(bundle / "config.json") == "mine");
}

BOOST_AUTO_TEST_CASE(features_are_those_that_engines_ask_for,
                     *needs::ocelot("runc 1.1 lacks some")) {
  const Runtime runtime;
  const json all = features(runtime);
  BOOST_TEST(all["ociVersionMin"] == "1.0.0");
  BOOST_TEST(all["ociVersionMax"] == "1.3.0");
  BOOST_TEST(all["hooks"].size() == 6U);
  BOOST_TEST(holds(all["mountOptions"], "rro"));
  const json& linux_part = all["linux"];
  for (const char* type : {"user", "cgroup", "time"})
    BOOST_TEST(holds(linux_part["namespaces"], type));
  BOOST_TEST(linux_part["mountExtensions"]["idmap"]["enabled"] == true);
  BOOST_TEST(linux_part["netDevices"]["enabled"] == true);
  BOOST_TEST(holds(linux_part["capabilities"], "CAP_SYS_ADMIN"));
  const json& seccomp = linux_part["seccomp"];
  BOOST_TEST(holds(seccomp["actions"], "SCMP_ACT_NOTIFY"));
  BOOST_TEST(holds(seccomp["operators"], "SCMP_CMP_MASKED_EQ"));
  BOOST_TEST(holds(seccomp["archs"], "SCMP_ARCH_X86_64"));
  BOOST_TEST(holds(seccomp["supportedFlags"], "SECCOMP_FILTER_FLAG_LOG"));
  for (const json& flag : seccomp["supportedFlags"]) BOOST_TEST(holds(seccomp["knownFlags"], flag));
  for (const char* annotation : {"org.ocelot.", "org.systemd.property.", "run.oci."})
    BOOST_TEST(holds(all["potentiallyUnsafeConfigAnnotations"], annotation), annotation);
  for (const auto& [name, value] : all["annotations"].items()) {  // L23
    BOOST_TEST(value.get<std::string>().find('\n') == std::string::npos, name);
  }
}

BOOST_AUTO_TEST_CASE(every_mount_option_that_runc_knows_is_known,
                     *needs::file("/usr/sbin/runc") * needs::ocelot("compares with runc")) {
  const Runtime runtime;
  const json ours = features(runtime),
             theirs = json::parse(run({"/usr/sbin/runc", "features"}).out);
  for (const json& option : theirs["mountOptions"]) {
    if (option == "acl" || option == "noacl") continue;  // the file system's own words to us
    BOOST_TEST(holds(ours["mountOptions"], option), option);
  }
  for (const char* list : {"actions", "operators", "archs"})
    for (const json& word : theirs["linux"]["seccomp"][list])
      BOOST_TEST(holds(ours["linux"]["seccomp"][list], word), word);
}

BOOST_AUTO_TEST_CASE(stats_shows_containers_that_run, *needs::ocelot()) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["resources"]["pids"] = {{"limit", 20}};
  Container container = runtime.must_create(bundle.shell("echo ready; exec cat"));
  container.start();
  container.read_until("ready\n");
  for (const std::vector<std::string>& ids : {std::vector<std::string>{}, {"c"}}) {
    std::vector<std::string> words{"stats", "--no-stream", "--interval", "20ms", "-f", "json"};
    words.insert(words.end(), ids.begin(), ids.end());
    const Output output = runtime.call(words);
    BOOST_REQUIRE_MESSAGE(output.status == 0, output.err);
    const json rows = json::parse(output.out);
    BOOST_REQUIRE(rows.size() == 1U);
    BOOST_TEST(rows[0]["id"] == "c");
    BOOST_TEST(rows[0]["pids"] == 1);
    BOOST_TEST(rows[0]["pidsLimit"] == 20);
    BOOST_TEST(rows[0]["memory"].get<std::uint64_t>() > 0U);
    BOOST_TEST(rows[0].contains("pressure"));
  }
  const Output table = runtime.call({"stats", "--no-stream", "--interval", "20ms"});
  BOOST_TEST(table.out.starts_with("ID "), table.out);
  BOOST_TEST(contains(table.out, "1/20"), table.out);
  Command stream{runtime.command({"stats", "--interval", "20ms", "-f", "json", "c"})};
  stream.read_until("]\n[");  // a second one has begun
  container.close_input();
  container.wait();
  BOOST_TEST(stream.wait().status == 0);  // it ends with the last of those that were named
  check_error(runtime.call({"stats", "none"}), "does not exist");
  check_error(runtime.call({"stats", "c"}), "is not running");
}

BOOST_AUTO_TEST_SUITE_END()
