// update: limits of a container that is there already.
#include <signal.h>
#include <sys/resource.h>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

Container start_limited(Runtime& runtime, Bundle& bundle) {
  bundle.linux()["resources"]["memory"] = {{"limit", 64 << 20}};
  bundle.linux()["resources"]["pids"] = {{"limit", 20}};
  bundle.linux()["resources"]["cpu"] = {{"shares", 512}, {"quota", 50000}, {"period", 100000}};
  Container container = runtime.must_create(bundle.shell("echo ready; exec cat"));
  container.start();
  container.read_until("ready\n");
  return container;
}

Output change(const Runtime& runtime, std::vector<std::string> words) {
  words.insert(words.begin(), "update");
  words.push_back("c");
  return runtime.call(words);
}

Output update_from(const Runtime& runtime, const json& resources) {
  RunOptions options;
  options.input = resources.dump();
  return runtime.call({"update", "--resources", "-", "c"}, options);
}

json saved_resources(const Runtime& runtime) {
  return json::parse(read_file(runtime.root() + "/c/config.json"))["linux"]["resources"];
}

void check_succeeded(const Output& output) {
  BOOST_TEST(output.status == 0, output.err);
  BOOST_TEST(output.out == "");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(update, *needs::root() * needs::cgroup_v1())

BOOST_AUTO_TEST_CASE(flags_change_what_they_name_and_nothing_else) {
  Runtime runtime;
  Bundle bundle;
  Container container = start_limited(runtime, bundle);
  check_succeeded(change(runtime, {"--pids-limit", "10"}));
  BOOST_TEST(bundle.cgroup_file("pids", "pids.max") == "10");
  BOOST_TEST(bundle.cgroup_file("memory", "memory.limit_in_bytes") == std::to_string(64 << 20));
  check_succeeded(change(runtime, {"--memory", "32M", "--memory-reservation", "16777216"}));
  BOOST_TEST(bundle.cgroup_file("memory", "memory.limit_in_bytes") == std::to_string(32 << 20));
  BOOST_TEST(bundle.cgroup_file("memory", "memory.soft_limit_in_bytes") ==
             std::to_string(16 << 20));
  check_succeeded(change(runtime, {"--cpu-share", "100"}));
  BOOST_TEST(bundle.cgroup_file("cpu", "cpu.shares") == "100");
  check_succeeded(change(runtime, {"--cpu-quota", "40000"}));
  BOOST_TEST(bundle.cgroup_file("cpu", "cpu.cfs_quota_us") == "40000");
  BOOST_TEST(bundle.cgroup_file("cpu", "cpu.cfs_period_us") == "100000");
  check_succeeded(change(runtime, {"--cpu-period", "200000"}));
  BOOST_TEST(bundle.cgroup_file("cpu", "cpu.cfs_quota_us") == "40000");
  BOOST_TEST(bundle.cgroup_file("cpu", "cpu.cfs_period_us") == "200000");
  check_succeeded(change(runtime, {"--cpuset-cpus", "0", "--cpuset-mems", "0"}));
  BOOST_TEST(bundle.cgroup_file("cpuset", "cpuset.cpus") == "0");
  check_succeeded(change(runtime, {"--pids-limit=-1"}));
  BOOST_TEST(bundle.cgroup_file("pids", "pids.max") == "max");
  BOOST_TEST(runtime.status("c") == "running");
}

BOOST_AUTO_TEST_CASE(document_changes_what_it_holds_and_nothing_else) {
  Runtime runtime;
  Bundle bundle;
  Container container = start_limited(runtime, bundle);
  check_succeeded(update_from(runtime, {{"pids", {{"limit", 12}}}}));
  BOOST_TEST(bundle.cgroup_file("pids", "pids.max") == "12");
  BOOST_TEST(bundle.cgroup_file("cpu", "cpu.shares") == "512");
  check_succeeded(update_from(runtime, {{"cpu", {{"shares", 1000}}}, {"memory", json::object()}}));
  BOOST_TEST(bundle.cgroup_file("cpu", "cpu.shares") == "1000");
  BOOST_TEST(bundle.cgroup_file("cpu", "cpu.cfs_quota_us") == "50000");
  BOOST_TEST(bundle.cgroup_file("memory", "memory.limit_in_bytes") == std::to_string(64 << 20));
  const TempDir directory;
  write_file(directory / "limits.json", R"({"pids":{"limit":13}})");
  check_succeeded(change(runtime, {"-r", directory / "limits.json", "--cpu-share", "7"}));
  BOOST_TEST(bundle.cgroup_file("pids", "pids.max") == "13");
  BOOST_TEST(bundle.cgroup_file("cpu", "cpu.shares") == "1000");
}

BOOST_AUTO_TEST_CASE(memory_and_swap_go_up_and_down_together,
                     *needs::file("/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes")) {
  Runtime runtime;
  Bundle bundle;
  Container container = start_limited(runtime, bundle);
  for (const int size : {128, 32, 256, 64}) {
    const std::string limit = std::to_string(size << 20);
    check_succeeded(change(runtime, {"--memory", limit, "--memory-swap", limit}));
    BOOST_TEST(bundle.cgroup_file("memory", "memory.limit_in_bytes") == limit);
    BOOST_TEST(bundle.cgroup_file("memory", "memory.memsw.limit_in_bytes") == limit);
  }
  check_succeeded(change(runtime, {"--memory=-1", "--memory-swap=-1"}));
  BOOST_TEST(bundle.cgroup_file("memory", "memory.limit_in_bytes").size() > 15U);
}

BOOST_AUTO_TEST_CASE(lifting_the_limit_of_memory_lifts_that_of_swap,
                     *needs::file("/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes")) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["resources"]["memory"] = {{"limit", 64 << 20}, {"swap", 96 << 20}};
  Container container = runtime.must_create(bundle.args({"true"}));
  check_succeeded(change(runtime, {"--memory", "-1"}));
  for (const char* file : {"memory.limit_in_bytes", "memory.memsw.limit_in_bytes"})
    BOOST_TEST(std::stoull(bundle.cgroup_file("memory", file)) > std::uint64_t{1} << 60, file);
}

BOOST_AUTO_TEST_CASE(update_that_fails_changes_nothing) {
  Runtime runtime;
  Bundle bundle;
  Container container = start_limited(runtime, bundle);
  // pids, memory and cpu are written before the processor that is not there.
  const Output output =
      update_from(runtime, {{"pids", {{"limit", 5}}},
                            {"memory", {{"limit", 48 << 20}}},
                            {"cpu", {{"shares", 99}, {"quota", 30000}, {"cpus", "0,1023"}}}});
  BOOST_TEST(output.status == 1);
  if (!Runtime::is_reference()) BOOST_TEST(contains(output.err, "cpuset.cpus"), output.err);
  BOOST_TEST(bundle.cgroup_file("pids", "pids.max") == "20");
  BOOST_TEST(bundle.cgroup_file("memory", "memory.limit_in_bytes") == std::to_string(64 << 20));
  BOOST_TEST(bundle.cgroup_file("cpu", "cpu.shares") == "512");
  BOOST_TEST(bundle.cgroup_file("cpu", "cpu.cfs_quota_us") == "50000");
}

// What is used are pages of a file, which the kernel would take back rather than refuse the limit.
BOOST_AUTO_TEST_CASE(limit_below_what_is_used_is_refused_when_that_was_asked) {  // E40
  Runtime runtime;
  Bundle bundle;
  bundle.config["root"]["readonly"] = false;
  bundle.linux()["resources"]["memory"] = {{"limit", 64 << 20}};
  Container container = runtime.must_create(
      bundle.shell("dd if=/dev/zero of=/file bs=1M count=32 conv=fsync; echo ready; exec cat"));
  container.start();
  container.read_until("ready\n");
  const json less = {{"limit", 16 << 20}, {"checkBeforeUpdate", true}};
  const Output output = update_from(runtime, {{"memory", less}});
  BOOST_TEST(output.status == 1);
  BOOST_TEST(contains(output.err, "unable to set memory limit to 16777216 (current usage: 3"),
             output.err);
  BOOST_TEST(bundle.cgroup_file("memory", "memory.limit_in_bytes") == std::to_string(64 << 20));
}

BOOST_AUTO_TEST_CASE(saved_configuration_has_what_is_in_force,
                     *needs::ocelot("runc has it in its state file")) {
  Runtime runtime;
  Bundle bundle;
  Container container = start_limited(runtime, bundle);
  json expected = saved_resources(runtime);
  check_succeeded(change(runtime, {"--pids-limit", "12", "--cpu-quota", "40000"}));
  expected["pids"]["limit"] = 12;
  expected["cpu"]["quota"] = 40000;
  BOOST_TEST(saved_resources(runtime) == expected);
  BOOST_TEST(
      update_from(runtime, {{"pids", {{"limit", 13}}}, {"cpu", {{"cpus", "1023"}}}}).status == 1);
  BOOST_TEST(saved_resources(runtime) == expected);
  BOOST_TEST(runtime.call({"exec", "c", "true"}).status == 0);
}

BOOST_AUTO_TEST_CASE(update_that_cannot_be_saved_changes_nothing, *needs::ocelot()) {
  Runtime runtime;
  Bundle bundle;
  Container container = start_limited(runtime, bundle);
  RunOptions options;
  options.in_child = [] {  // the lock file that names the holder is shorter than that
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{.rlim_cur = 64, .rlim_max = 64};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  };
  const Output output = runtime.call({"update", "--pids-limit", "12", "c"}, options);
  BOOST_TEST(output.status == 1);
  BOOST_TEST(contains(output.err, "saved config.json"), output.err);
  BOOST_TEST(bundle.cgroup_file("pids", "pids.max") == "20");
}

BOOST_AUTO_TEST_CASE(paused_and_created_containers_can_be_updated) {
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args({"cat"}));
  check_succeeded(change(runtime, {"--pids-limit", "7"}));
  BOOST_TEST(runtime.status("c") == "created");
  BOOST_TEST(runtime.call({"pause", "c"}).status == 0);
  check_succeeded(change(runtime, {"--pids-limit", "8", "--memory", "96m"}));
  BOOST_TEST(bundle.cgroup_file("pids", "pids.max") == "8");
  BOOST_TEST(runtime.status("c") == "paused");
  BOOST_TEST(runtime.call({"resume", "c"}).status == 0);
}

BOOST_AUTO_TEST_CASE(device_rules_are_left_alone) {
  Runtime runtime;
  Bundle bundle;
  Container container = start_limited(runtime, bundle);
  const std::string before = bundle.cgroup_file("devices", "devices.list");
  check_succeeded(update_from(
      runtime, {{"devices", {{{"allow", true}, {"access", "rwm"}}}}, {"pids", {{"limit", 9}}}}));
  BOOST_TEST(bundle.cgroup_file("devices", "devices.list") == before);
  BOOST_TEST(bundle.cgroup_file("pids", "pids.max") == "9");
}

BOOST_AUTO_TEST_CASE(what_is_passed_over_is_told,
                     *needs::ocelot("runc passes over it in silence")) {
  Runtime runtime;
  Bundle bundle;
  Container container = start_limited(runtime, bundle);
  const Output output =
      update_from(runtime, {{"pids", {{"limit", 11}}}, {"Memory", json::object()}});
  check_succeeded(output);
  BOOST_TEST(contains(output.err, "resources: /Memory: is ignored: did you mean \"memory\"?"),
             output.err);
}

BOOST_AUTO_TEST_CASE(container_must_not_have_stopped, *needs::ocelot("runc says cgroup missing")) {
  Runtime runtime;
  Bundle bundle;
  Container container = start_limited(runtime, bundle);
  container.close_input();
  container.wait();
  check_error(change(runtime, {"--pids-limit", "7"}), "container not running");
}

BOOST_AUTO_TEST_CASE(schemata_need_a_group_of_resctrl) {
  Runtime runtime;
  Bundle bundle;
  Container container = start_limited(runtime, bundle);
  for (const char* option : {"--l3-cache-schema=L3:0=f", "--mem-bw-schema=MB:0=20"}) {
    const Output output = change(runtime, {"--pids-limit", "7", option});
    BOOST_TEST(output.status == 1);
    BOOST_TEST(contains(output.err, "Intel RDT"), output.err);
  }
  BOOST_TEST(bundle.cgroup_file("pids", "pids.max") == "20");
}

BOOST_AUTO_TEST_CASE(nonsense_is_an_error_and_changes_nothing) {
  Runtime runtime;
  Bundle bundle;
  Container container = start_limited(runtime, bundle);
  for (const std::vector<std::string>& words : {std::vector<std::string>{"--memory", "lots"},
                                                {"--memory-swap", "12x"},
                                                {"--cpu-quota", "much"},
                                                {"--resources", "/does/not/exist"}})
    BOOST_TEST(change(runtime, words).status == 1, words[0] << " " << words[1]);
  RunOptions broken;
  broken.input = "{\"pids\":";
  BOOST_TEST(runtime.call({"update", "--resources", "-", "c"}, broken).status == 1);
  check_error(runtime.call({"update", "--pids-limit", "3", "none"}), "does not exist");
  BOOST_TEST(bundle.cgroup_file("pids", "pids.max") == "20");
}

BOOST_AUTO_TEST_SUITE_END()
