// Resources on a host whose controllers are on cgroup v2: what is written, and what it does. A
// program of its own, for the guests of tests/vm: the machine itself may be another.
#include <sys/stat.h>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

Container create_with(Runtime& runtime, Bundle& bundle, const std::string& kind,
                      const json& value) {
  bundle.linux()["resources"][kind] = value;
  return runtime.must_create(bundle.args({"true"}));
}

// A file of the container's cgroup, which is in the one hierarchy there is.
std::string file(const Bundle& bundle, const std::string& name) {
  return bundle.cgroup_file("memory", name);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cgroup_v2, *needs::root() * needs::cgroup_v2())

BOOST_AUTO_TEST_CASE(process_is_born_in_its_cgroup) {
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args({"true"}));
  BOOST_TEST(file(bundle, "cgroup.procs") == std::to_string(container.pid()));
  BOOST_TEST(container.del({"--force"}).status == 0);
  BOOST_TEST(!std::filesystem::exists(bundle.cgroup("memory")));
  container.wait();
}

BOOST_AUTO_TEST_CASE(memory_limits_are_converted) {
  Runtime runtime;
  Bundle bundle;
  Container container =
      create_with(runtime, bundle, "memory",
                  {{"limit", 64 << 20}, {"reservation", 32 << 20}, {"swap", 96 << 20}});
  BOOST_TEST(file(bundle, "memory.max") == std::to_string(64 << 20));
  BOOST_TEST(file(bundle, "memory.low") == std::to_string(32 << 20));
  if (std::filesystem::exists(bundle.cgroup("memory") + "/memory.swap.max"))
    BOOST_TEST(file(bundle, "memory.swap.max") == std::to_string(32 << 20));
}

BOOST_AUTO_TEST_CASE(process_that_exceeds_its_memory_is_killed) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["resources"]["memory"] = {{"limit", 32 << 20}, {"swap", 32 << 20}};
  bundle.args(probe_args({{"fill", std::to_string(128 << 20)}}));
  BOOST_TEST(runtime.run(bundle).status == 137);
}

BOOST_AUTO_TEST_CASE(cpu_limits_are_converted) {
  Runtime runtime;
  Bundle bundle;
  Container container =
      create_with(runtime, bundle, "cpu", {{"shares", 1024}, {"quota", 50000}, {"period", 200000}});
  BOOST_TEST(file(bundle, "cpu.weight") == "100");
  BOOST_TEST(file(bundle, "cpu.max") == "50000 200000");
}

BOOST_AUTO_TEST_CASE(quota_of_minus_one_is_max) {  // L32
  Runtime runtime;
  Bundle bundle;
  Container container = create_with(runtime, bundle, "cpu", {{"quota", -1}, {"period", 200000}});
  BOOST_TEST(file(bundle, "cpu.max") == "max 200000");
}

BOOST_AUTO_TEST_CASE(number_of_processes_is_limited) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["resources"]["pids"] = {{"limit", 5}};
  json outcome = act(runtime, bundle, {{"fork", "10"}})[0];
  BOOST_TEST(outcome["errno"] == "EAGAIN");
  BOOST_TEST(outcome["count"] == 4);
}

BOOST_AUTO_TEST_CASE(devices_are_denied_unless_they_are_allowed, *needs::filesystem("fuse")) {
  Runtime runtime;
  Bundle bundle;
  bundle.config["root"]["readonly"] = false;
  bundle.capabilities({"CAP_MKNOD"});
  const std::vector<Action> actions{{"mknod", "/dev/fuse", "c", "10", "229"},
                                    {"open", "/dev/fuse"},
                                    {"open-write", "/dev/fuse"},
                                    {"write", "/dev/null", "x"}};
  json denied = act(runtime, bundle, actions);
  BOOST_TEST(denied[0]["ok"] == true);
  BOOST_TEST(denied[1]["errno"] == "EPERM");
  BOOST_TEST(denied[3]["ok"] == true);
  bundle.linux()["resources"]["devices"].push_back(
      {{"allow", true}, {"type", "c"}, {"major", 10}, {"minor", 229}, {"access", "r"}});
  json allowed = act(runtime, bundle, actions);
  BOOST_TEST(allowed[1]["ok"] == true);
  BOOST_TEST(allowed[2]["errno"] == "EPERM");
}

BOOST_AUTO_TEST_CASE(unified_is_written_verbatim_and_last) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["resources"]["pids"] = {{"limit", 5}};
  Container container =
      create_with(runtime, bundle, "unified", {{"pids.max", "7"}, {"memory.high", "33554432"}});
  BOOST_TEST(file(bundle, "pids.max") == "7");
  BOOST_TEST(file(bundle, "memory.high") == "33554432");
}

BOOST_AUTO_TEST_CASE(unified_of_a_controller_that_is_not_there_is_an_error) {  // E46
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["resources"]["unified"] = {{"nosuch.max", "1"}};
  check_refused(runtime, bundle, "nosuch");
}

BOOST_AUTO_TEST_CASE(resource_without_a_counterpart_is_an_error) {  // E47
  Runtime runtime;
  for (const json& resources :
       {json{{"memory", {{"swappiness", 10}}}}, json{{"memory", {{"disableOOMKiller", true}}}},
        json{{"cpu", {{"realtimeRuntime", 1000}}}}, json{{"network", {{"classID", 1}}}}}) {
    Bundle bundle;
    bundle.linux()["resources"].update(resources);
    check_refused(runtime, bundle, "/linux/resources/" + resources.begin().key());
  }
}

BOOST_AUTO_TEST_CASE(delegated_cgroup_belongs_to_the_root_of_the_container) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_user_namespace();
  bundle.add_namespace("cgroup");
  bundle.remove_mount("/sys/fs/cgroup");
  bundle.add_mount("/sys/fs/cgroup", "cgroup", "cgroup", {"nosuid", "noexec", "nodev"});
  json outcomes =
      act(runtime, bundle, {{"mkdir", "/sys/fs/cgroup/child"}, {"stat", "/sys/fs/cgroup"}});
  BOOST_TEST(outcomes[0]["ok"] == true);
  BOOST_TEST(outcomes[1]["uid"] == 0);
}

BOOST_AUTO_TEST_CASE(every_process_is_killed_at_delete_by_force) {
  Runtime runtime;
  Bundle bundle;
  bundle.remove_namespace("pid");
  const Leftovers before;
  Container container = runtime.must_create(bundle.shell("sleep 1000 & echo ready; wait"));
  container.start();
  container.read_until("ready\n");
  BOOST_TEST(container.del({"--force"}).status == 0);
  container.wait();
  for (const std::string& item : before.since()) BOOST_TEST(item == "", item);
}

BOOST_AUTO_TEST_SUITE_END()
