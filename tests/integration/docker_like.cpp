// tests/data/docker-like: what Docker would ask for, all of it in one container.
#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

// The bundle of tests/data/docker-like, with the files that an engine would put beside it.
void make_docker_like(Bundle& bundle) {
  const json cgroups_path = bundle.linux()["cgroupsPath"];
  bundle.config = json::parse(read_file(OCELOT_TEST_DATA "/docker-like/config.json"));
  bundle.linux()["cgroupsPath"] = cgroups_path;
  const std::string files = bundle.path() + "/files";
  std::filesystem::create_directories(files + "/data");
  for (const char* name : {"resolv.conf", "hostname", "hosts", "data/file"})
    write_file(files + "/" + name, std::string{"content of "} + name + "\n");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(docker_like, *needs::root())

BOOST_AUTO_TEST_CASE(container_runs) {
  Runtime runtime;
  Bundle bundle;
  make_docker_like(bundle);
  Output output = runtime.run(bundle);
  BOOST_TEST(output.out == "started\n");
  BOOST_TEST(output.status == 0, output.err);
}

BOOST_AUTO_TEST_CASE(process_sees_all_that_was_asked_for) {
  Runtime runtime;
  Bundle bundle;
  make_docker_like(bundle);
  json seen = report(runtime, bundle, {"net.ipv4.ping_group_range"});
  BOOST_TEST(seen["seccomp"] == "2");
  BOOST_TEST(seen["capabilities"]["effective"].size() == 14U);
  BOOST_TEST(seen["capabilities"]["ambient"] == json::array());
  BOOST_TEST(seen["rlimits"]["RLIMIT_NOFILE"] == (json{1024, 4096}));
  BOOST_TEST(seen["groups"] == json{10});
  BOOST_TEST(seen["hostname"] == "4f1e7d3a9c20");
  BOOST_TEST(seen["sysctls"]["net.ipv4.ping_group_range"] == "0\t2147483647");
  for (const json& mount : bundle.config["mounts"])
    BOOST_TEST(!mount_in(seen, mount["destination"]).is_null(), mount.dump());
  BOOST_TEST(has_option(mount_in(seen, "/var/lib/readonly"), "ro"));
  BOOST_TEST(has_option(mount_in(seen, "/proc/sys"), "ro"));
}

BOOST_AUTO_TEST_CASE(what_is_forbidden_fails) {
  Runtime runtime;
  Bundle bundle;
  make_docker_like(bundle);
  json outcomes = act(runtime, bundle,
                      {{"mount", "none", "/tmp", "tmpfs"},
                       {"write", "/proc/sys/kernel/hostname", "x"},
                       {"mknod", "/tmp/sda", "b", "8", "0"},
                       {"open", "/tmp/sda"},
                       {"mknod", "/tmp/null", "c", "1", "3"},
                       {"open", "/tmp/null"},
                       {"create", "/var/lib/readonly/new"},
                       {"create", "/var/lib/data/new"},
                       {"read", "/etc/hosts"},
                       {"read", "/proc/keys"},
                       {"socket", "40", "1", "0"}});
  BOOST_TEST(outcomes[0]["errno"] == "EPERM");
  BOOST_TEST(outcomes[1]["errno"] == "EROFS");
  BOOST_TEST(outcomes[2]["ok"] == true);         // any node can be made,
  BOOST_TEST(outcomes[3]["errno"] == "EACCES");  // but on /tmp, nodev, not opened
  BOOST_TEST(outcomes[5]["errno"] == "EACCES");
  BOOST_TEST(outcomes[6]["errno"] == "EROFS");
  BOOST_TEST(outcomes[7]["ok"] == true);
  BOOST_TEST(outcomes[8]["text"] == "content of hosts\n");
  BOOST_TEST(outcomes[9]["text"] == "");
  BOOST_TEST(outcomes[10]["errno"] == "EPERM");
}

BOOST_AUTO_TEST_CASE(limits_are_those_of_the_cgroup, *needs::cgroup_v1()) {
  Runtime runtime;
  Bundle bundle;
  make_docker_like(bundle);
  Container container = runtime.must_create(bundle);
  BOOST_TEST(bundle.cgroup_file("memory", "memory.limit_in_bytes") == "134217728");
  BOOST_TEST(bundle.cgroup_file("memory", "memory.soft_limit_in_bytes") == "67108864");
  BOOST_TEST(bundle.cgroup_file("cpu", "cpu.shares") == "512");
  BOOST_TEST(bundle.cgroup_file("cpu", "cpu.cfs_quota_us") == "50000");
  BOOST_TEST(bundle.cgroup_file("pids", "pids.max") == "100");
  BOOST_TEST(contains(bundle.cgroup_file("devices", "devices.list"), "c 1:3 rwm"));
  BOOST_TEST(!contains(bundle.cgroup_file("devices", "devices.list"), "a *:*"));
}

BOOST_AUTO_TEST_SUITE_END()
