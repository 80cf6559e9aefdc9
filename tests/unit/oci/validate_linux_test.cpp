#include "tests/unit/oci/document.hpp"

// Namespaces, mappings, devices, paths and what else stands directly in `linux`.
using namespace ocelot::oci::test;
using ocelot::oci::HostFacts;

namespace {

json with_namespace(const char* type, json document = minimal()) {
  document["linux"]["namespaces"].push_back({{"type", type}});
  return document;
}

json with_user_namespace() {
  auto document = with_namespace("user");
  document["linux"]["uidMappings"] =
      json::parse(R"([{"containerID": 0, "hostID": 100000, "size": 65536}])");
  document["linux"]["gidMappings"] =
      json::parse(R"([{"containerID": 0, "hostID": 100000, "size": 65536}])");
  return document;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(validate_linux)

BOOST_AUTO_TEST_CASE(all_namespaces_pass) {
  auto document = with_user_namespace();
  for (const char* type : {"pid", "network", "ipc", "uts", "cgroup", "time"})
    document = with_namespace(type, document);
  expect_clean(document);
}

BOOST_AUTO_TEST_CASE(E21_an_unknown_namespace_is_refused) {
  expect_one(with("/linux/namespaces/1", R"({"type": "net"})"), "/linux/namespaces/1/type", "word",
             "network");
  expect_one(with("/linux/namespaces/1", "{}"), "/linux/namespaces/1/type", "required", "network");
}

BOOST_AUTO_TEST_CASE(E22_a_namespace_that_stands_twice_is_refused) {
  expect_one(with("/linux/namespaces/1", R"({"type": "mount"})"), "/linux/namespaces/1",
             "namespace-twice", "mount");
  expect_one(with_namespace("pid", with("/linux/namespaces/1",
                                        R"({"type": "pid", "path": "/proc/1/ns/pid"})")),
             "/linux/namespaces/2", "namespace-twice", "pid");
}

BOOST_AUTO_TEST_CASE(E24_the_path_of_a_namespace_must_be_absolute) {
  expect_one(with("/linux/namespaces/1", R"({"type": "network", "path": "netns/a"})"),
             "/linux/namespaces/1/path", "namespace-path-absolute", "/proc/PID/ns/net");
  expect_clean(with("/linux/namespaces/1", R"({"type": "network", "path": "/run/netns/a"})"));
}

BOOST_AUTO_TEST_CASE(a_container_needs_a_mount_namespace) {
  expect_one(without("/linux"), "/linux/namespaces", "namespace-mount");
  expect_one(with("/linux/namespaces", "[]"), "/linux/namespaces", "namespace-mount",
             "{\"type\": \"mount\"}");
  const auto joined = with("/linux/namespaces/0/path", R"("/proc/1/ns/mnt")");
  expect_clean(joined);
  expect_one(joined, "/linux/namespaces", "namespace-mount", "", caller_is_in({"/proc/1/ns/mnt"}));
}

BOOST_AUTO_TEST_CASE(E25_mappings_need_a_user_namespace) {
  expect_one(with("/linux/uidMappings", R"([{"containerID": 0, "hostID": 1, "size": 1}])"),
             "/linux/uidMappings", "mappings-user-namespace");
  expect_one(with("/linux/gidMappings", R"([{"containerID": 0, "hostID": 1, "size": 1}])"),
             "/linux/gidMappings", "mappings-user-namespace");
}

BOOST_AUTO_TEST_CASE(E26_a_new_user_namespace_needs_mappings) {
  expect_one(without("/linux/uidMappings", with_user_namespace()), "/linux/uidMappings",
             "mappings-required", "containerID");
  expect_one(without("/linux/gidMappings", with_user_namespace()), "/linux/gidMappings",
             "mappings-required");
  expect_clean(with("/linux/namespaces/1", R"({"type": "user", "path": "/proc/1/ns/user"})"));
}

BOOST_AUTO_TEST_CASE(a_mapping_has_a_size_does_not_overflow_and_overlaps_with_no_other) {
  const auto uids = [](const char* value) {
    return with("/linux/uidMappings", value, with_user_namespace());
  };
  expect_one(
      uids(
          R"([{"containerID": 0, "hostID": 1, "size": 1}, {"containerID": 1, "hostID": 2, "size": 0}])"),
      "/linux/uidMappings/1/size", "mapping-size");
  expect_one(uids(R"([{"containerID": 0, "hostID": 4294967295, "size": 1}])"),
             "/linux/uidMappings/0/size", "mapping-overflow");
  expect_one(uids(R"([{"containerID": 0, "hostID": 1, "size": 4294967295}])"),
             "/linux/uidMappings/0/size", "mapping-overflow");
  expect_clean(uids(R"([{"containerID": 0, "hostID": 0, "size": 4294967295}])"));
  expect_one(
      uids(
          R"([{"containerID": 0, "hostID": 1000, "size": 10}, {"containerID": 9, "hostID": 2000, "size": 10}])"),
      "/linux/uidMappings/1/containerID", "mapping-overlap", "mapping 0");
  expect_one(
      uids(
          R"([{"containerID": 0, "hostID": 1000, "size": 10}, {"containerID": 10, "hostID": 991, "size": 10}])"),
      "/linux/uidMappings/1/hostID", "mapping-overlap");
  expect_clean(uids(
      R"([{"containerID": 0, "hostID": 1000, "size": 10}, {"containerID": 10, "hostID": 990, "size": 10}])"));
}

BOOST_AUTO_TEST_CASE(more_mappings_than_the_kernel_takes_are_refused) {
  auto document = with_user_namespace();
  auto& uids = document["linux"]["uidMappings"] = json::array();
  for (unsigned i = 0; i < 340; ++i)
    uids.push_back({{"containerID", i}, {"hostID", 1000 + i}, {"size", 1}});
  expect_clean(document);
  uids.push_back({{"containerID", 340}, {"hostID", 1340}, {"size", 1}});
  expect_one(document, "/linux/uidMappings", "mappings-number", "340");
}

BOOST_AUTO_TEST_CASE(E28_time_offsets_need_a_new_time_namespace_and_a_known_clock) {
  constexpr const char* offsets =
      R"({"monotonic": {"secs": -5, "nanosecs": 999999999}, "boottime": {"secs": 5}})";
  expect_clean(with("/linux/timeOffsets", offsets, with_namespace("time")));
  expect_one(with("/linux/timeOffsets", offsets), "/linux/timeOffsets", "time-namespace");
  expect_one(with("/linux/timeOffsets", offsets,
                  with("/linux/namespaces/1", R"({"type": "time", "path": "/proc/1/ns/time"})")),
             "/linux/timeOffsets", "time-namespace-joined");
  expect_one(with("/linux/timeOffsets", R"({"realtime": {"secs": 1}})", with_namespace("time")),
             "/linux/timeOffsets/realtime", "time-clock");
  expect_one(with("/linux/timeOffsets", R"({"monotonic": {"nanosecs": 1000000000}})",
                  with_namespace("time")),
             "/linux/timeOffsets/monotonic/nanosecs", "time-nanosecs");
}

BOOST_AUTO_TEST_CASE(E30_masked_and_readonly_paths_need_a_mount_namespace) {
  expect_one(with("/linux", R"({"maskedPaths": ["/a"], "readonlyPaths": ["/b"]})"),
             "/linux/namespaces", "namespace-mount");
}

BOOST_AUTO_TEST_CASE(E32_an_unknown_device_type_is_refused) {
  expect_one(with("/linux/devices", R"([{"type": "x", "path": "/dev/x", "major": 1, "minor": 1}])"),
             "/linux/devices/0/type", "word", "\"x\"");
  for (const char* type : {"c", "b", "u"}) {
    expect_clean(
        with("/linux/devices",
             fmt::format(R"([{{"type": "{}", "path": "/dev/x", "major": 1, "minor": 1}}])", type)
                 .c_str()));
  }
  expect_clean(with("/linux/devices", R"([{"type": "p", "path": "/dev/x"}])"));
}

BOOST_AUTO_TEST_CASE(a_device_has_an_absolute_path_and_numbers) {
  const auto device = [](const char* value) { return with("/linux/devices", value); };
  expect_one(device(R"([{"type": "c", "path": "dev/x", "major": 1, "minor": 1}])"),
             "/linux/devices/0/path", "device-path-absolute");
  expect_one(device(R"([{"type": "c", "major": 1, "minor": 1}])"), "/linux/devices/0/path",
             "required");
  expect_one(device(R"([{"type": "c", "path": "/dev/x", "minor": 1}])"), "/linux/devices/0/major",
             "required");
  expect_one(device(R"([{"type": "b", "path": "/dev/x", "major": 1}])"), "/linux/devices/0/minor",
             "required");
  expect_one(device(R"([{"type": "c", "path": "/dev/x", "major": -1, "minor": 1}])"),
             "/linux/devices/0/major", "device-number");
  expect_one(device(R"([{"type": "c", "path": "/dev/x", "major": 1, "minor": 1048576}])"),
             "/linux/devices/0/minor", "device-number");
}

BOOST_AUTO_TEST_CASE(
    E33_network_devices_need_a_network_namespace_privilege_and_names_that_the_kernel_takes) {
  const auto devices = [](const char* value) {
    return with("/linux/netDevices", value, with_namespace("network"));
  };
  expect_clean(devices(R"({"eth1": {}, "eth2": {"name": "lan%d"}, "eth3": {"name": "lan%d"}})"));
  expect_one(with("/linux/netDevices", R"({"eth1": {}})"), "/linux/netDevices",
             "net-device-namespace", "private NET namespace");
  HostFacts rootless = cgroup_v1();
  rootless.privileged = false;
  expect_one(devices(R"({"eth1": {}})"), "/linux/netDevices", "net-device-privilege", "rootless",
             rootless);
  for (const char* name : {"", "a/b", "a:b", "a b", ".", "..", "a234567890123456"}) {
    const std::string key = name == std::string("a/b") ? "a~1b" : name;
    expect_one(devices(fmt::format(R"({{"{}": {{"name": "lan0"}}}})", name).c_str()),
               "/linux/netDevices/" + key, "net-device-name");
    if (*name == 0) continue;  // an empty name is the name on the host
    expect_one(devices(fmt::format(R"({{"eth1": {{"name": "{}"}}}})", name).c_str()),
               "/linux/netDevices/eth1/name", "net-device-name");
  }
  for (const char* name : {"a%s", "%", "a%d%d"}) {
    expect_one(devices(fmt::format(R"({{"eth1": {{"name": "{}"}}}})", name).c_str()),
               "/linux/netDevices/eth1/name", "net-device-name");
  }
  expect_one(devices(R"({"eth1": {"name": "eth2"}, "eth2": {}})"), "/linux/netDevices/eth2/name",
             "net-device-twice", "eth1");
}

BOOST_AUTO_TEST_CASE(E36_cgroupsPath_has_the_form_of_its_driver) {
  HostFacts systemd = cgroup_v1();
  systemd.systemd_cgroup = true;
  const auto path = [](const char* value) {
    return with("/linux/cgroupsPath", fmt::format("\"{}\"", value).c_str());
  };
  for (const char* good : {"", "/a", "/default/web-1", "a/b", "web", "/kubepods/pod-1/x:y:z"})
    expect_clean(path(good));
  for (const char* bad : {"/a/../b", "../b", "/a/./b", "/a//b", "/a/", "/", "a\\nb"}) {
    expect_one(path(bad), "/linux/cgroupsPath", "cgroups-path");
  }
  expect_one(path("system.slice:runc:web"), "/linux/cgroupsPath", "cgroups-path-systemd",
             "--systemd-cgroup");
  for (const char* good : {"", "system.slice:runc:web", ":runc:web", "-.slice:p:web"})
    expect_clean(path(good), systemd);
  for (const char* bad : {"/a/b", "a:b", "system.slice:runc:", "system:runc:web", "a/b.slice:c:d",
                          ".slice:a:b", "a.slice:b:c:d"}) {
    expect_one(path(bad), "/linux/cgroupsPath", "cgroups-path-systemd", "slice:prefix:name",
               systemd);
  }
}

BOOST_AUTO_TEST_CASE(E48_E51_E53_intelRdt_needs_resctrl_and_lines_of_its_form) {
  HostFacts rdt = cgroup_v1();
  rdt.resctrl = "/sys/fs/resctrl";
  const auto with_rdt = [](const char* value) { return with("/linux/intelRdt", value); };
  expect_clean(
      with_rdt(R"({"closID": "a", "memBwSchema": "MB:0=20", "schemata": ["L3:0=f", "MB:0=20"]})"),
      rdt);
  expect_clean(with_rdt(R"({"closID": "/"})"), rdt);
  expect_one(with_rdt("{}"), "/linux/intelRdt", "rdt-unavailable", "resctrl");
  for (const char* bad : {"a/b", ".", "..", "/a"}) {
    expect_one(with_rdt(fmt::format(R"({{"closID": "{}"}})", bad).c_str()),
               "/linux/intelRdt/closID", "rdt-clos-id", "", rdt);
  }
  expect_one(with_rdt(R"({"memBwSchema": "L3:0=f"})"), "/linux/intelRdt/memBwSchema", "rdt-mem-bw",
             "MB:", rdt);
  expect_one(with_rdt(R"({"memBwSchema": "MB:0=20\nL3:0=f"})"), "/linux/intelRdt/memBwSchema",
             "rdt-mem-bw", "", rdt);
  expect_one(with_rdt(R"({"schemata": ["L3:0=f", "MB:0=20\nL3:0=f"]})"),
             "/linux/intelRdt/schemata/1", "rdt-schemata", "", rdt);
}

BOOST_AUTO_TEST_CASE(E54_memoryPolicy_is_what_set_mempolicy_accepts) {
  const auto policy = [](const char* value) { return with("/linux/memoryPolicy", value); };
  const std::string at = "/linux/memoryPolicy";
  expect_one(policy("{}"), at + "/mode", "required");
  expect_one(policy(R"({"mode": "MPOL_X", "nodes": "0"})"), at + "/mode", "memory-policy-mode",
             "MPOL_BIND");
  expect_one(policy(R"({"mode": "MPOL_BIND", "nodes": "0", "flags": ["MPOL_F_X"]})"),
             at + "/flags/0", "memory-policy-flag");
  expect_one(policy(R"({"mode": "MPOL_BIND"})"), at + "/nodes", "memory-policy-nodes",
             "needs nodes");
  expect_one(policy(R"({"mode": "MPOL_BIND", "nodes": "0-"})"), at + "/nodes",
             "memory-policy-nodes", "0-1,3");
  expect_one(policy(R"({"mode": "MPOL_DEFAULT", "nodes": "0"})"), at + "/nodes",
             "memory-policy-nodes", "takes no nodes");
  expect_one(policy(R"({"mode": "MPOL_LOCAL", "nodes": "0"})"), at + "/nodes",
             "memory-policy-nodes", "takes no nodes");
  expect_one(
      policy(
          R"({"mode": "MPOL_BIND", "nodes": "0", "flags": ["MPOL_F_STATIC_NODES", "MPOL_F_RELATIVE_NODES"]})"),
      at + "/flags", "memory-policy-flag", "exclude");
  expect_one(policy(R"({"mode": "MPOL_PREFERRED", "flags": ["MPOL_F_STATIC_NODES"]})"),
             at + "/flags", "memory-policy-flag", "need nodes");
  expect_one(
      policy(R"({"mode": "MPOL_INTERLEAVE", "nodes": "0", "flags": ["MPOL_F_NUMA_BALANCING"]})"),
      at + "/flags", "memory-policy-flag");
  for (
      const char* good :
      {R"({"mode": "MPOL_DEFAULT"})", R"({"mode": "MPOL_LOCAL"})", R"({"mode": "MPOL_PREFERRED"})",
       R"({"mode": "MPOL_WEIGHTED_INTERLEAVE", "nodes": "0"})",
       R"({"mode": "MPOL_BIND", "nodes": "0-1,3", "flags": ["MPOL_F_NUMA_BALANCING", "MPOL_F_STATIC_NODES"]})"}) {
    expect_clean(policy(good));
  }
}

BOOST_AUTO_TEST_CASE(E60_masked_and_readonly_paths_must_be_absolute) {
  expect_clean(with("/linux/readonlyPaths", R"(["/a"])", with("/linux/maskedPaths", R"(["/a"])")));
  expect_one(with("/linux/maskedPaths", R"(["/a", "proc/kcore"])"), "/linux/maskedPaths/1",
             "path-absolute");
  expect_one(with("/linux/readonlyPaths", R"([""])"), "/linux/readonlyPaths/0", "path-absolute");
}

BOOST_AUTO_TEST_CASE(E61_an_unknown_rootfsPropagation_is_refused) {
  for (const char* good : {"", "shared", "slave", "private", "unbindable", "rshared", "rslave",
                           "rprivate", "runbindable"}) {
    expect_clean(with("/linux/rootfsPropagation", fmt::format("\"{}\"", good).c_str()));
  }
  expect_one(with("/linux/rootfsPropagation", R"("rw")"), "/linux/rootfsPropagation",
             "rootfs-propagation", "shared");
}

BOOST_AUTO_TEST_CASE(E62_E63_personality_is_a_known_domain_without_flags) {
  expect_clean(with("/linux/personality", R"({"domain": "LINUX32", "flags": []})"));
  expect_one(with("/linux/personality", R"({"domain": "BSD"})"), "/linux/personality/domain",
             "personality-domain", "LINUX32");
  expect_one(with("/linux/personality", R"({"domain": "LINUX", "flags": ["X"]})"),
             "/linux/personality/flags", "personality-flags");
}

BOOST_AUTO_TEST_CASE(E72_mountLabel_needs_selinux) {
  HostFacts selinux = cgroup_v1();
  selinux.selinux = true;
  const auto document = with("/linux/mountLabel", R"("a:b:c:s0")");
  expect_one(document, "/linux/mountLabel", "selinux-disabled");
  expect_clean(document, selinux);
}

BOOST_AUTO_TEST_CASE(the_option_that_has_the_mountLabel_is_one_of_four) {
  const auto with_type = [](const std::string& type) {
    return with("/annotations", (R"({"run.oci.mount_context_type": ")" + type + "\"}").c_str());
  };
  for (const char* type : {"context", "fscontext", "defcontext", "rootcontext"})
    expect_clean(with_type(type));
  for (const char* type : {"", "Context", "seclabel", "context=a", "size=1,rootcontext"})
    expect_one(with_type(type), "/annotations/run.oci.mount_context_type", "mount-context-type",
               "rootcontext");
}

BOOST_AUTO_TEST_SUITE_END()
