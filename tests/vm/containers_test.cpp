// What the program itself does with cgroups where they are v2 alone.
#include <signal.h>
#include <unistd.h>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

constexpr const char* idle = "echo ready; while :; do sleep 1000; done";

std::string directory(const Bundle& bundle) {
  return bundle.cgroup("pids");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(containers_on_v2, *needs::root() * needs::cgroup_v2())

BOOST_AUTO_TEST_CASE(init_is_in_the_cgroup_and_its_limits_are_there_before_it_runs) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["resources"]["memory"] = {{"limit", 67108864}, {"swap", 134217728}};
  bundle.linux()["resources"]["cpu"] = {{"shares", 1024}, {"quota", 50000}, {"period", 100000}};
  bundle.linux()["resources"]["pids"] = {{"limit", 20}};
  Container container = runtime.must_create(bundle.args({"true"}));
  BOOST_TEST(contains(read_file("/proc/" + std::to_string(container.pid()) + "/cgroup"),
                      "0::" + bundle.linux()["cgroupsPath"].get<std::string>() + "\n"));
  BOOST_TEST(bundle.cgroup_file("memory", "memory.max") == "67108864");
  BOOST_TEST(bundle.cgroup_file("memory", "memory.swap.max") == "67108864");
  BOOST_TEST(bundle.cgroup_file("cpu", "cpu.weight") == "100");
  BOOST_TEST(bundle.cgroup_file("cpu", "cpu.max") == "50000 100000");
  BOOST_TEST(bundle.cgroup_file("pids", "pids.max") == "20");
  BOOST_TEST(container.del({"--force"}).status == 0);
  container.wait();
  BOOST_TEST(!fs::exists(directory(bundle)));
}

BOOST_AUTO_TEST_CASE(a_container_runs_and_leaves_no_cgroup) {
  Runtime runtime;
  Bundle bundle;
  const Output output = runtime.run(bundle.args({"cat", "/proc/self/cgroup"}));
  BOOST_TEST(output.status == 0);
  BOOST_TEST(output.out.starts_with("0::/"), output.out + output.err);
  BOOST_TEST(our_cgroups().empty());
}

BOOST_AUTO_TEST_CASE(unified_is_written) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["resources"]["unified"] = {{"memory.high", "33554432"}};
  Container container = runtime.must_create(bundle.args({"true"}));
  BOOST_TEST(bundle.cgroup_file("memory", "memory.high") == "33554432");
}

BOOST_AUTO_TEST_CASE(a_limit_that_v2_cannot_express_is_refused_and_leaves_nothing) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["resources"]["memory"] = {{"limit", 67108864}, {"swappiness", 60}};
  const Output output = runtime.run(bundle.args({"true"}));
  BOOST_TEST(output.status != 0);
  BOOST_TEST(contains(output.err, "swappiness"), output.err);
  BOOST_TEST(our_cgroups().empty());
}

BOOST_AUTO_TEST_CASE(a_device_that_no_rule_allows_cannot_be_opened) {
  Runtime runtime;
  Bundle bundle;
  bundle.capabilities({"CAP_MKNOD"});
  bundle.config["root"]["readonly"] = false;
  bundle.shell(
      "mknod /tmp/kmsg c 1 11 && mknod /tmp/null c 1 3 && head -c0 /tmp/null && ! head -c1 "
      "/tmp/kmsg");
  bundle.put_directory("tmp");
  const Output output = runtime.run(bundle);
  BOOST_TEST(output.status == 0, output.err);
  BOOST_TEST(contains(output.err, "/tmp/kmsg: Operation not permitted"), output.err);
}

BOOST_AUTO_TEST_CASE(kill_and_delete_end_all_that_the_container_started) {
  Runtime runtime;
  Bundle bundle;
  bundle.remove_namespace("pid");
  Container container =
      runtime.must_create(bundle.shell(std::string("sleep 1000 & sleep 1000 & ") + idle));
  BOOST_REQUIRE_EQUAL(container.start().status, 0);
  container.read_until("ready");
  BOOST_TEST(container.kill("KILL").status == 0);
  container.wait();
  BOOST_TEST(container.del().status == 0);
  BOOST_TEST(!fs::exists(directory(bundle)));
}

BOOST_AUTO_TEST_CASE(a_writable_cgroup_mount_in_a_user_namespace_is_the_containers_to_divide) {
  Runtime runtime;
  Bundle bundle;
  bundle.add_user_namespace().add_namespace("cgroup");
  json& mount = bundle.mount_at("/sys/fs/cgroup");
  mount["options"] = {"nosuid", "noexec", "nodev", "relatime", "rw"};
  bundle.shell(
      "cd /sys/fs/cgroup && mkdir leaf && echo 0 >leaf/cgroup.procs && echo +pids "
      ">cgroup.subtree_control && "
      "echo 7 >leaf/pids.max && cat leaf/pids.max && ! echo 9 >pids.max");
  const Output output = runtime.run(bundle);
  BOOST_TEST(output.status == 0, output.err);
  BOOST_TEST(output.out == "7\n");
  BOOST_TEST(our_cgroups().empty());
}

BOOST_AUTO_TEST_CASE(a_cgroup_that_is_not_empty_is_refused) {
  Runtime runtime;
  Bundle bundle;
  fs::create_directory(directory(bundle));
  Command sleeper{{"sleep", "1000"}};
  write_file(directory(bundle) + "/cgroup.procs", std::to_string(sleeper.pid()));
  const Output output = runtime.run(bundle.args({"true"}));
  BOOST_TEST(output.status != 0);
  BOOST_TEST(contains(output.err, "container's cgroup is not empty: 1 process(es)"), output.err);
  sleeper.send(SIGKILL);
  sleeper.wait();
  BOOST_TEST(::rmdir(directory(bundle).c_str()) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
