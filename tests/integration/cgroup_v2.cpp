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

// Of a container with a cgroup namespace and a writable cgroup mount.
struct Delegated : Bundle {
  explicit Delegated(const std::string& name = "payload") {
    add_namespace("cgroup");
    remove_mount("/sys/fs/cgroup");
    add_mount("/sys/fs/cgroup", "cgroup", "cgroup", {"nosuid", "noexec", "nodev"});
    config["annotations"]["run.oci.delegate-cgroup"] = name;
    linux()["resources"]["pids"] = {{"limit", 100}};
  }
  std::string below(const std::string& file) const {
    return cgroup("memory") + "/payload" + (file.empty() ? "" : "/" + file);
  }
};

BOOST_AUTO_TEST_CASE(process_is_moved_below_its_cgroup_and_sees_both,
                     *needs::ocelot("the annotation is crun's")) {
  Runtime runtime;
  Delegated bundle;
  Container container = runtime.must_create(bundle.shell(
      "cat /proc/self/cgroup; cd /sys/fs/cgroup; cat payload/cgroup.procs cgroup.procs pids.max "
      "payload/pids.max; mkdir other payload/inner && echo $$ > other/cgroup.procs; "
      "cat /proc/self/cgroup"));
  BOOST_TEST(read_file(bundle.below("cgroup.procs")) == std::to_string(container.pid()) + "\n");
  BOOST_TEST(file(bundle, "cgroup.procs") == "");
  BOOST_TEST(container.start().status == 0);
  // Its shell and the cat, which are processes 1 and 2 or so.
  const std::string seen = container.read_to_end();
  BOOST_TEST(seen.starts_with("0::/payload\n1\n"), seen);
  BOOST_TEST(contains(seen, "\n100\nmax\n0::/other\n"), seen);
  container.wait();
  BOOST_TEST(container.del().status == 0);
  BOOST_TEST(!std::filesystem::exists(bundle.cgroup("memory")));
}

BOOST_AUTO_TEST_CASE(cgroup_below_has_all_controllers_and_belongs_to_the_containers_root,
                     *needs::ocelot("the annotation is crun's")) {
  Runtime runtime;
  Delegated bundle;
  bundle.add_user_namespace();
  Container container = runtime.must_create(bundle.shell(
      "cd /sys/fs/cgroup/payload; mkdir leaf; echo $$ > leaf/cgroup.procs; "
      "cat cgroup.controllers; echo +pids > cgroup.subtree_control; cat leaf/cgroup.controllers"));
  for (const char* name : {"", "cgroup.procs", "cgroup.subtree_control"}) {
    struct stat facts {};
    checked(::stat(bundle.below(name).c_str(), &facts), "stat");
    BOOST_TEST(facts.st_uid == kHostId, name);
  }
  const std::string all = file(bundle, "cgroup.controllers") + "\n";
  BOOST_TEST(contains(all, "memory"));
  container.start();
  BOOST_TEST(container.read_to_end() == all + "pids\n");
  container.wait();
}

BOOST_AUTO_TEST_CASE(operations_reach_who_is_in_the_cgroup_below,
                     *needs::ocelot("the annotation is crun's")) {
  Runtime runtime;
  Delegated bundle;
  Container container = runtime.must_create(bundle.shell("echo ready; while :; do sleep 1; done"));
  container.start();
  container.read_until("ready\n");
  const std::string init = std::to_string(container.pid());
  BOOST_TEST(runtime.call({"exec", "c", "cat", "/proc/self/cgroup"}).out == "0::/payload\n");
  BOOST_TEST(contains(runtime.call({"ps", "--format", "json", "c"}).out, init));
  BOOST_TEST(runtime.call({"update", "--pids-limit", "50", "c"}).status == 0);
  BOOST_TEST(file(bundle, "pids.max") == "50");
  BOOST_TEST(read_file(bundle.below("pids.max")) == "max\n");
  BOOST_TEST(runtime.call({"pause", "c"}).status == 0);
  BOOST_TEST(contains(read_file(bundle.below("cgroup.events")), "frozen 1"));
  BOOST_TEST(runtime.status("c") == "paused");
  BOOST_TEST(runtime.call({"exec", "c", "true"}).status != 0);
  BOOST_TEST(runtime.call({"resume", "c"}).status == 0);
  BOOST_TEST(runtime.call({"kill", "--all", "c", "KILL"}).status == 0);
  container.wait();
  BOOST_TEST(container.del().status == 0);
  BOOST_TEST(!std::filesystem::exists(bundle.cgroup("memory")));
}

BOOST_AUTO_TEST_CASE(name_of_a_cgroup_below_leads_nowhere_else,
                     *needs::ocelot("the annotation is crun's")) {
  for (const std::string& name : {std::string{"."}, std::string{".."}, std::string{"../x"},
                                  std::string{"/x"}, std::string{"a/b"}, std::string{"a\nb"},
                                  std::string(256, 'x'), std::string{"cgroup.procs"}}) {
    Runtime runtime;
    Delegated bundle{name};
    const bool of_the_kernel = name == "cgroup.procs";
    BOOST_TEST_CONTEXT(name) {
      check_refused(
          runtime, bundle.args({"true"}),
          of_the_kernel ? "delegate cgroup cgroup.procs" : "/annotations/run.oci.delegate-cgroup");
    }
  }
}

BOOST_AUTO_TEST_CASE(empty_name_of_a_cgroup_below_is_none,
                     *needs::ocelot("the annotation is crun's")) {
  Runtime runtime;
  Delegated bundle{""};
  BOOST_TEST(runtime.run(bundle.args({"cat", "/proc/self/cgroup"})).out == "0::/\n");
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
