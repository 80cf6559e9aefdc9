// Resources on a host whose controllers are on cgroup v1: what is written, and what it does.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

Container create_with(Runtime& runtime, Bundle& bundle, const std::string& kind,
                      const json& value) {
  bundle.linux()["resources"][kind] = value;
  return runtime.must_create(bundle.args({"true"}));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cgroup_v1, *needs::root() * needs::cgroup_v1())

BOOST_AUTO_TEST_CASE(process_is_in_the_cgroup_of_every_hierarchy) {
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args({"true"}));
  const std::string path = bundle.linux()["cgroupsPath"];
  std::istringstream lines{read_file("/proc/" + std::to_string(container.pid()) + "/cgroup")};
  for (std::string line; std::getline(lines, line);)
    if (!line.starts_with("0:")) BOOST_TEST(line.ends_with(":" + path), line);
}

BOOST_AUTO_TEST_CASE(cgroups_are_removed_at_delete) {
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args({"true"}));
  BOOST_TEST(std::filesystem::exists(bundle.cgroup("memory")));
  BOOST_TEST(container.del({"--force"}).status == 0);
  for (const char* controller :
       {"memory", "cpu", "pids", "devices", "freezer", "cpuset", "name=systemd"})
    BOOST_TEST(!std::filesystem::exists(bundle.cgroup(controller)), controller);
  container.wait();
}

BOOST_AUTO_TEST_CASE(missing_parents_are_made) {
  Runtime runtime;
  Bundle bundle;
  const std::string parent = bundle.linux()["cgroupsPath"].get<std::string>() + "-parent";
  bundle.linux()["cgroupsPath"] = parent + "/child";
  Container container = runtime.must_create(bundle.args({"true"}));
  BOOST_TEST(bundle.cgroup_file("memory", "cgroup.procs") == std::to_string(container.pid()));
  BOOST_TEST(bundle.cgroup_file("cpuset", "cpuset.cpus") ==
             bundle.cgroup_file("cpuset", "../../cpuset.cpus"));
  BOOST_TEST(container.del({"--force"}).status == 0);
  container.wait();
  for (const Hierarchy& hierarchy : hierarchies())
    std::filesystem::remove(hierarchy.mount_point + parent);
}

BOOST_AUTO_TEST_CASE(without_a_path_the_cgroup_bears_the_id) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux().erase("cgroupsPath");
  const std::string id = mark() + "-default";
  Container container = runtime.must_create(bundle.args({"true"}), id);
  std::string lines = read_file("/proc/" + std::to_string(container.pid()) + "/cgroup");
  BOOST_TEST(contains(lines, "/" + id + "\n"), lines);
  BOOST_TEST(container.del({"--force"}).status == 0);
  container.wait();
  BOOST_TEST(our_cgroups().empty());
}

BOOST_AUTO_TEST_CASE(relative_path_is_always_the_same_place) {
  Runtime runtime;
  std::vector<std::string> places;
  for (const char* id : {"one", "two"}) {
    Bundle bundle;
    bundle.linux()["cgroupsPath"] = mark() + "-relative";
    Container container = runtime.must_create(bundle.args({"true"}), id);
    places.push_back(read_file("/proc/" + std::to_string(container.pid()) + "/cgroup"));
    BOOST_TEST(container.del({"--force"}).status == 0);
    container.wait();
  }
  BOOST_TEST(places[0] == places[1]);
  BOOST_TEST(contains(places[0], mark() + "-relative"));
}

BOOST_AUTO_TEST_CASE(memory_limits_are_written, *needs::controller("memory")) {
  Runtime runtime;
  Bundle bundle;
  Container container =
      create_with(runtime, bundle, "memory",
                  {{"limit", 64 << 20}, {"reservation", 32 << 20}, {"swappiness", 37}});
  BOOST_TEST(bundle.cgroup_file("memory", "memory.limit_in_bytes") == std::to_string(64 << 20));
  BOOST_TEST(bundle.cgroup_file("memory", "memory.soft_limit_in_bytes") ==
             std::to_string(32 << 20));
  BOOST_TEST(bundle.cgroup_file("memory", "memory.swappiness") == "37");
}

BOOST_AUTO_TEST_CASE(memory_of_tcp_buffers_is_limited,
                     *needs::file("/sys/fs/cgroup/memory/memory.kmem.tcp.limit_in_bytes")) {
  Runtime runtime;
  Bundle bundle;
  Container container =
      create_with(runtime, bundle, "memory", {{"limit", 64 << 20}, {"kernelTCP", 8 << 20}});
  BOOST_TEST(bundle.cgroup_file("memory", "memory.kmem.tcp.limit_in_bytes") ==
             std::to_string(8 << 20));
}

BOOST_AUTO_TEST_CASE(swap_is_memory_and_swap_together,
                     *needs::file("/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes")) {
  Runtime runtime;
  Bundle bundle;
  Container container =
      create_with(runtime, bundle, "memory", {{"limit", 64 << 20}, {"swap", 96 << 20}});
  BOOST_TEST(bundle.cgroup_file("memory", "memory.memsw.limit_in_bytes") ==
             std::to_string(96 << 20));
}

BOOST_AUTO_TEST_CASE(unlimited_memory_is_minus_one) {
  Runtime runtime;
  Bundle limited, unlimited;
  limited.linux().erase("resources");
  limited.args({"true"});
  Container first = runtime.must_create(limited, "first");
  unlimited.linux()["resources"]["memory"] = {{"limit", -1}};
  Container second = runtime.must_create(unlimited.args({"true"}), "second");
  BOOST_TEST(unlimited.cgroup_file("memory", "memory.limit_in_bytes") ==
             limited.cgroup_file("memory", "memory.limit_in_bytes"));
}

BOOST_AUTO_TEST_CASE(limits_of_zero_are_none) {
  Runtime runtime;
  Bundle plain, bundle;
  plain.linux().erase("resources");
  const Container first = runtime.must_create(plain.args({"true"}), "first");
  bundle.linux()["resources"]["memory"] = {{"limit", 0}, {"reservation", 0}, {"swap", 0}};
  bundle.linux()["resources"]["cpu"] = {{"shares", 0}, {"quota", 0}, {"period", 0}};
  const Container second = runtime.must_create(bundle.args({"true"}), "second");
  for (const char* file : {"memory.limit_in_bytes", "memory.soft_limit_in_bytes"})
    BOOST_TEST(bundle.cgroup_file("memory", file) == plain.cgroup_file("memory", file), file);
  for (const char* file : {"cpu.shares", "cpu.cfs_quota_us", "cpu.cfs_period_us"})
    BOOST_TEST(bundle.cgroup_file("cpu", file) == plain.cgroup_file("cpu", file), file);
}

BOOST_AUTO_TEST_CASE(oom_killer_can_be_left_enabled,
                     *needs::file("/sys/fs/cgroup/memory/memory.oom_control")) {
  Runtime runtime;
  Bundle bundle;
  Container container = create_with(runtime, bundle, "memory", {{"disableOOMKiller", false}});
  BOOST_TEST(contains(bundle.cgroup_file("memory", "memory.oom_control"), "oom_kill_disable 0"));
}

BOOST_AUTO_TEST_CASE(shares_that_the_kernel_would_change_are_an_error) {
  Runtime runtime;
  for (const auto& [shares, words] : {std::pair{1, "minimum"}, std::pair{262145, "maximum"}}) {
    Bundle bundle;
    bundle.linux()["resources"]["cpu"] = {{"shares", shares}};
    BOOST_TEST(contains(check_refused(runtime, bundle.args({"true"})),
                        std::string{"the "} + words + " allowed cpu-shares is"));
  }
}

BOOST_AUTO_TEST_CASE(oom_killer_can_be_disabled,
                     *needs::file("/sys/fs/cgroup/memory/memory.oom_control")) {
  Runtime runtime;
  Bundle bundle;
  Container container =
      create_with(runtime, bundle, "memory", {{"limit", 64 << 20}, {"disableOOMKiller", true}});
  BOOST_TEST(contains(bundle.cgroup_file("memory", "memory.oom_control"), "oom_kill_disable 1"));
}

BOOST_AUTO_TEST_CASE(process_that_exceeds_its_memory_is_killed) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["resources"]["memory"] = {{"limit", 32 << 20}, {"swap", 32 << 20}};
  bundle.args(probe_args({{"fill", std::to_string(8 << 20)}}));
  BOOST_TEST(runtime.run(bundle, "fits").status == 0);
  bundle.args(probe_args({{"fill", std::to_string(128 << 20)}}));
  BOOST_TEST(runtime.run(bundle, "exceeds").status == 137);
}

#ifndef __SANITIZE_ADDRESS__  // which needs megabytes, too
BOOST_AUTO_TEST_CASE(small_memory_limit_is_enough_to_start,
                     *needs::ocelot("runc needs megabytes")) {  // L45
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["resources"]["memory"] = {{"limit", 1 << 20}};
  Output output = runtime.run(bundle.args(probe_args({{"say", "x"}})));
  BOOST_TEST(output.status == 0, output.err);
}
#endif

BOOST_AUTO_TEST_CASE(swap_below_the_limit_is_an_error) {  // E39
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["resources"]["memory"] = {{"limit", 64 << 20}, {"swap", 32 << 20}};
  check_refused(runtime, bundle, "/linux/resources/memory/swap");
}

BOOST_AUTO_TEST_CASE(cpu_limits_are_written) {
  Runtime runtime;
  Bundle bundle;
  Container container =
      create_with(runtime, bundle, "cpu", {{"shares", 512}, {"quota", 50000}, {"period", 200000}});
  BOOST_TEST(bundle.cgroup_file("cpu", "cpu.shares") == "512");
  BOOST_TEST(bundle.cgroup_file("cpu", "cpu.cfs_quota_us") == "50000");
  BOOST_TEST(bundle.cgroup_file("cpu", "cpu.cfs_period_us") == "200000");
}

BOOST_AUTO_TEST_CASE(quota_of_minus_one_is_none) {  // L32
  Runtime runtime;
  Bundle bundle;
  Container container = create_with(runtime, bundle, "cpu", {{"quota", -1}, {"period", 200000}});
  BOOST_TEST(bundle.cgroup_file("cpu", "cpu.cfs_quota_us") == "-1");
}

BOOST_AUTO_TEST_CASE(cpu_burst_is_written, *needs::file("/sys/fs/cgroup/cpu/cpu.cfs_burst_us")) {
  Runtime runtime;
  Bundle bundle;
  Container container =
      create_with(runtime, bundle, "cpu", {{"quota", 50000}, {"period", 100000}, {"burst", 20000}});
  BOOST_TEST(bundle.cgroup_file("cpu", "cpu.cfs_burst_us") == "20000");
}

BOOST_AUTO_TEST_CASE(burst_above_the_quota_is_an_error) {  // E41
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["resources"]["cpu"] = {{"quota", 50000}, {"period", 100000}, {"burst", 60000}};
  check_refused(runtime, bundle, "/linux/resources/cpu/burst");
}

BOOST_AUTO_TEST_CASE(cpu_idle_is_written, *needs::file("/sys/fs/cgroup/cpu/cpu.idle")) {
  Runtime runtime;
  Bundle bundle;
  Container container = create_with(runtime, bundle, "cpu", {{"idle", 1}});
  BOOST_TEST(bundle.cgroup_file("cpu", "cpu.idle") == "1");
}

BOOST_AUTO_TEST_CASE(cpus_and_memory_nodes_are_those_of_the_cpuset, *needs::cpus(2)) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["resources"]["cpu"] = {{"cpus", "1"}, {"mems", "0"}};
  BOOST_TEST(report(runtime, bundle)["affinity"] == json{1});
  Container container = runtime.must_create(bundle.args({"true"}));
  BOOST_TEST(bundle.cgroup_file("cpuset", "cpuset.cpus") == "1");
  BOOST_TEST(bundle.cgroup_file("cpuset", "cpuset.mems") == "0");
}

BOOST_AUTO_TEST_CASE(cpu_that_does_not_exist_is_an_error) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["resources"]["cpu"] = {{"cpus", "4000"}};
  const std::string error = check_refused(runtime, bundle, "cpuset.cpus");
  if (!Runtime::is_reference()) BOOST_TEST(contains(error, "the processors there are 0"), error);
  bundle.linux()["resources"]["cpu"] = {{"cpus", "9999"}};
  check_refused(runtime, bundle, "from 0 to 8191");
}

BOOST_AUTO_TEST_CASE(number_of_processes_is_limited) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["resources"]["pids"] = {{"limit", 5}};
  json outcome = act(runtime, bundle, {{"fork", "10"}})[0];
  BOOST_TEST(outcome["errno"] == "EAGAIN");
  BOOST_TEST(outcome["count"] == 4);
  Container container = runtime.must_create(bundle);
  BOOST_TEST(bundle.cgroup_file("pids", "pids.max") == "5");
}

BOOST_AUTO_TEST_CASE(one_process_may_be_all) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["resources"]["pids"] = {{"limit", 1}};
  const json outcome = act(runtime, bundle, {{"fork", "1"}})[0];
  BOOST_TEST(outcome["errno"] == "EAGAIN");
  Container container = runtime.must_create(bundle);
  BOOST_TEST(bundle.cgroup_file("pids", "pids.max") == "1");
}

// podman writes 0 for "unlimited", in documents of 1.0.
BOOST_AUTO_TEST_CASE(number_of_processes_of_zero_is_no_limit_before_version_1_3) {
  Runtime runtime;
  Bundle bundle;
  bundle.config["ociVersion"] = "1.0.2-dev";
  bundle.linux()["resources"]["pids"] = {{"limit", 0}};
  Container container = runtime.must_create(bundle);
  BOOST_TEST(bundle.cgroup_file("pids", "pids.max") == "max");
}

BOOST_AUTO_TEST_CASE(number_of_processes_of_zero_leaves_one,
                     *needs::ocelot("runc does so from 1.4 on")) {
  Runtime runtime;
  Bundle bundle;
  bundle.config["ociVersion"] = "1.3.0";
  bundle.linux()["resources"]["pids"] = {{"limit", 0}};
  Container container = runtime.must_create(bundle);
  BOOST_TEST(bundle.cgroup_file("pids", "pids.max") == "1");
}

BOOST_AUTO_TEST_CASE(number_of_processes_of_minus_one_is_unlimited) {
  Runtime runtime;
  Bundle bundle;
  Container container = create_with(runtime, bundle, "pids", {{"limit", -1}});
  BOOST_TEST(bundle.cgroup_file("pids", "pids.max") == "max");
}

BOOST_AUTO_TEST_CASE(block_devices_are_throttled, *needs::controller("blkio")) {
  Runtime runtime;
  Bundle bundle;
  // A whole disk of this machine.
  std::string disk;
  for (const auto& entry : std::filesystem::directory_iterator{"/sys/block"})
    if (std::filesystem::exists(entry.path() / "device")) disk = read_file(entry.path() / "dev");
  BOOST_REQUIRE(!disk.empty());
  disk.pop_back();
  auto device = [&](int rate) {
    return json::array({{{"major", std::stoi(disk)},
                         {"minor", std::stoi(disk.substr(disk.find(':') + 1))},
                         {"rate", rate}}});
  };
  Container container = create_with(runtime, bundle, "blockIO",
                                    {{"throttleReadBpsDevice", device(1000001)},
                                     {"throttleWriteBpsDevice", device(1000002)},
                                     {"throttleReadIOPSDevice", device(1003)},
                                     {"throttleWriteIOPSDevice", device(1004)}});
  for (auto [file, rate] : {std::pair{"blkio.throttle.read_bps_device", "1000001"},
                            std::pair{"blkio.throttle.write_bps_device", "1000002"},
                            std::pair{"blkio.throttle.read_iops_device", "1003"},
                            std::pair{"blkio.throttle.write_iops_device", "1004"}})
    BOOST_TEST(bundle.cgroup_file("blkio", file) == disk + " " + rate);
}

BOOST_AUTO_TEST_CASE(weight_device_without_a_weight_is_an_error) {  // E42
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["resources"]["blockIO"]["weightDevice"] =
      json::array({{{"major", 8}, {"minor", 0}}});
  check_refused(runtime, bundle, "/linux/resources/blockIO/weightDevice/0");
}

BOOST_AUTO_TEST_CASE(malformed_huge_page_size_is_an_error) {  // E43
  Runtime runtime;
  for (const char* size : {"2", "2MiB", "big", "3MB"}) {
    Bundle bundle;
    bundle.linux()["resources"]["hugepageLimits"] =
        json::array({{{"pageSize", size}, {"limit", 0}}});
    check_refused(runtime, bundle, "/linux/resources/hugepageLimits/0");
  }
}

BOOST_AUTO_TEST_CASE(rdma_entry_without_a_number_is_an_error) {  // E44
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["resources"]["rdma"] = {{"mlx5_0", json::object()}};
  check_refused(runtime, bundle, "/linux/resources/rdma/mlx5_0");
}

BOOST_AUTO_TEST_CASE(devices_are_denied_unless_they_are_allowed, *needs::filesystem("fuse")) {
  Runtime runtime;
  Bundle bundle;
  bundle.config["root"]["readonly"] = false;
  bundle.capabilities({"CAP_MKNOD", "CAP_DAC_OVERRIDE"});
  const std::vector<Action> actions{{"mknod", "/dev/mem", "c", "1", "1"},
                                    {"open", "/dev/mem"},
                                    {"mknod", "/dev/fuse", "c", "10", "229"},
                                    {"open", "/dev/fuse"},
                                    {"open-write", "/dev/fuse"}};
  json denied = act(runtime, bundle, actions);
  BOOST_TEST(denied[0]["ok"] == true);  // making a node is not using it
  BOOST_TEST(denied[1]["errno"] == "EPERM");
  BOOST_TEST(denied[3]["errno"] == "EPERM");
  bundle.linux()["resources"]["devices"].push_back(
      {{"allow", true}, {"type", "c"}, {"major", 10}, {"minor", 229}, {"access", "r"}});
  json allowed = act(runtime, bundle, actions);
  BOOST_TEST(allowed[1]["errno"] == "EPERM");
  BOOST_TEST(allowed[3]["ok"] == true);
  BOOST_TEST(allowed[4]["errno"] == "EPERM");
}

BOOST_AUTO_TEST_CASE(device_rules_are_taken_in_order) {
  Runtime runtime;
  Bundle bundle;
  const json allow{{"allow", true}, {"type", "c"}, {"major", 1}, {"minor", 11}, {"access", "rw"}};
  json deny = allow;
  deny["allow"] = false;
  const json all{{"allow", false}, {"access", "rwm"}};
  auto list = [&](const json& rules) {
    bundle.linux()["resources"]["devices"] = rules;
    Container container = runtime.must_create(bundle.args({"true"}));
    std::string text = bundle.cgroup_file("devices", "devices.list");
    container.del({"--force"});
    container.wait();
    return text;
  };
  BOOST_TEST(contains(list({all, deny, allow}), "c 1:11 rw"));
  BOOST_TEST(!contains(list({all, allow, deny}), "c 1:11"));
  BOOST_TEST(!contains(list({allow, all}), "c 1:11"));
}

BOOST_AUTO_TEST_CASE(devices_of_the_config_are_allowed_whatever_the_rules_say,
                     *needs::ocelot("runc allows what the rules allow")) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["resources"]["devices"] = json::array({{{"allow", false}, {"access", "rwm"}}});
  bundle.linux()["devices"] = {
      {{"path", "/dev/fuse"}, {"type", "c"}, {"major", 10}, {"minor", 229}},
      {{"path", "/dev/loop"}, {"type", "b"}, {"major", 7}, {"minor", 0}},
      {{"path", "/dev/pipe"}, {"type", "p"}}};
  Container container = runtime.must_create(bundle.args({"true"}));
  const std::string list = bundle.cgroup_file("devices", "devices.list");
  for (const char* rule : {"c 10:229 rwm", "b 7:0 rwm"})
    BOOST_TEST(contains(list, rule), rule << " is not in " << list);
  BOOST_TEST(!contains(list, "c *:* r"), list);
}

BOOST_AUTO_TEST_CASE(device_rules_for_one_range_add_up) {
  Runtime runtime;
  Bundle bundle;
  const auto rule = [](bool allow, const char* type, const json& minor, const char* access) {
    json made{{"allow", allow}, {"type", type}, {"major", 10}, {"access", access}};
    if (!minor.is_null()) made["minor"] = minor;
    return made;
  };
  bundle.linux()["resources"]["devices"] = {{{"allow", false}, {"access", "rwm"}},
                                            rule(true, "c", 229, "r"),
                                            rule(true, "c", 229, "w"),
                                            rule(true, "c", 230, "rw"),
                                            rule(true, "b", 230, "rw"),
                                            rule(false, "c", 230, "w")};
  Container container = runtime.must_create(bundle.args({"true"}));
  const std::string list = bundle.cgroup_file("devices", "devices.list");
  for (const char* line : {"c 10:229 rw\n", "c 10:230 r\n", "b 10:230 rw\n"})
    BOOST_TEST(contains(list + "\n", line), line << " is not in " << list);
}

BOOST_AUTO_TEST_CASE(device_rule_for_part_of_an_exception_is_an_error,
                     *needs::ocelot("runc leaves the part allowed")) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["resources"]["devices"] = {
      {{"allow", false}, {"access", "rwm"}},
      {{"allow", true}, {"type", "c"}, {"major", 10}, {"access", "rw"}},
      {{"allow", false}, {"type", "c"}, {"major", 10}, {"minor", 229}, {"access", "w"}}};
  check_refused(runtime, bundle.args({"true"}), "cgroup v1 cannot deny c 10:229 w");
}

BOOST_AUTO_TEST_CASE(default_devices_may_be_used_whatever_the_rules_say) {  // L28
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args({"true"}));
  std::string list = bundle.cgroup_file("devices", "devices.list");
  for (const char* rule : {"c 1:3 rwm", "c 1:5 rwm", "c 1:7 rwm", "c 1:8 rwm", "c 1:9 rwm",
                           "c 5:0 rwm", "c 5:2 rwm", "c 136:* rwm", "c *:* m", "b *:* m"})
    BOOST_TEST(contains(list, rule), rule << " is not in " << list);
}

BOOST_AUTO_TEST_CASE(device_rule_that_cannot_be_is_an_error) {  // E38
  Runtime runtime;
  auto refused = [&](const json& rule, const std::string& place) {
    Bundle bundle;
    bundle.linux()["resources"]["devices"] = json::array({rule});
    check_refused(runtime, bundle, "/linux/resources/devices/0" + place);
  };
  refused({{"allow", true}, {"type", "x"}, {"access", "r"}}, "/type");
  refused({{"allow", true}, {"type", "c"}, {"access", "q"}}, "/access");
  refused({{"allow", true}, {"type", "c"}, {"access", ""}}, "/access");
}

BOOST_AUTO_TEST_CASE(key_of_unified_with_a_slash_is_an_error) {  // E45
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["resources"]["unified"] = {{"../memory.max", "1"}};
  check_refused(runtime, bundle, "/linux/resources/unified");
}

BOOST_AUTO_TEST_CASE(limits_are_in_place_before_the_process_is) {
  Runtime runtime;
  Bundle bundle;
  TempDir log;
  bundle.linux()["resources"]["pids"] = {{"limit", 77}};
  bundle.config["hooks"]["createRuntime"] = json::array(
      {{{"path", "/bin/sh"},
        {"args", {"sh", "-c", "cat " + bundle.cgroup("pids") + "/pids.max > " + log / "max"}}}});
  BOOST_TEST(runtime.run(bundle.args({"true"})).status == 0);
  BOOST_TEST(read_file(log / "max") == "77\n");
}

BOOST_AUTO_TEST_CASE(container_sees_its_own_cgroup) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["resources"]["pids"] = {{"limit", 77}};
  json outcomes = act(runtime, bundle,
                      {{"read", "/sys/fs/cgroup/pids/pids.max"},
                       {"list", "/sys/fs/cgroup"},
                       {"write", "/sys/fs/cgroup/pids/pids.max", "99"}});
  BOOST_TEST(outcomes[0]["text"] == "77\n");
  for (const char* controller : {"memory", "cpu", "pids", "devices"})
    BOOST_TEST(contains(outcomes[1]["names"].dump(), std::string{"\""} + controller + "\""),
               controller);
  BOOST_TEST(outcomes[2]["errno"] == "EROFS");
}

BOOST_AUTO_TEST_CASE(directory_of_the_cgroups_is_as_the_mount_has_it) {
  Runtime runtime;
  Bundle bundle;
  bundle.mount_at("/sys/fs/cgroup")["options"] = {"nosuid", "noexec", "nodev", "ro"};
  const json outcomes = act(
      runtime, bundle, {{"report"}, {"stat", "/sys/fs/cgroup"}, {"mkdir", "/sys/fs/cgroup/new"}});
  const json mount = mount_in(outcomes[0], "/sys/fs/cgroup");
  BOOST_TEST(mount["type"] == "tmpfs");
  for (const char* flag : {"ro", "nosuid", "noexec", "nodev"})
    BOOST_TEST(has_option(mount, flag), flag);
  BOOST_TEST(outcomes[1]["mode"] == 0755);
  BOOST_TEST(outcomes[2]["errno"] == "EROFS");
}

BOOST_AUTO_TEST_CASE(cgroup_mount_in_a_cgroup_namespace_shows_the_same) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_namespace("cgroup");
  bundle.linux()["resources"]["pids"] = {{"limit", 77}};
  json outcomes = act(runtime, bundle, {{"read", "/sys/fs/cgroup/pids/pids.max"}, {"report"}});
  BOOST_TEST(outcomes[0]["text"] == "77\n");
  BOOST_TEST(mount_in(outcomes[1], "/sys/fs/cgroup/pids")["type"] == "cgroup");
}

BOOST_AUTO_TEST_SUITE_END()
