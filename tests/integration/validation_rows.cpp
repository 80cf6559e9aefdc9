// What document and host facts decide: each row is told by `check` with its place, rule and section
// of the specification, refused (or warned of) by `create`, and told together with all others.
//
// Elsewhere, since only a run shows them: another mapping than the joined user namespace has (E27,
// id_maps), a file where a device goes (E31, devices), a network device that is missing or whose
// name is taken (E34, E35, net_devices), a cgroup that is frozen or not empty (E37) or uses more
// than its new limit (E40: tests/kernel/cgroups), resctrl groups (E49, E50, E52:
// tests/unit/runtime), who listens for seccomp (E59, seccomp), hooks (E67, E68, hooks), operations
// (E69 to E71, E73, lifecycle, exec). What cgroup v2 has no file for (E46, E47) is in
// tests/unit/oci and cgroup_v2.
#include <set>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

struct Row {
  const char* id;
  const char* changes;  // of the bundle's config.json: {pointer: value, ...}; null erases
  const char *path, *rule, *section;
  bool warning = false;
};

constexpr Row rows[] = {
    {"E01", R"({"/ociVersion": null})", "/ociVersion", "required",
     "config.md#specification-version"},
    {"E01", R"({"/ociVersion": "1.x"})", "/ociVersion", "version-semver",
     "config.md#specification-version"},
    {"E01", R"({"/ociVersion": "2.0.0"})", "/ociVersion", "version-major",
     "config.md#specification-version"},
    {"E01", R"({"/ociVersion": "1.9.0"})", "/ociVersion", "version-newer",
     "config.md#specification-version", true},
    {"E02", R"({"/root": null})", "/root", "required", "config.md#root"},
    {"E03", R"({"/root/path": "missing"})", "/root/path", "root-directory", "config.md#root"},
    {"E03", R"({"/root/path": "/etc/passwd"})", "/root/path", "root-directory", "config.md#root"},
    {"E04", R"({"/process": null})", "/process", "required", "config.md#process"},
    {"E05", R"({"/process/args": []})", "/process/args", "required", "config.md#process"},
    {"E06", R"({"/process/cwd": "relative"})", "/process/cwd", "cwd-absolute", "config.md#process"},
    {"E06", R"({"/process/cwd": ""})", "/process/cwd", "required", "config.md#process"},
    {"E07",
     R"({"/mounts/7": {"destination": "/a", "source": "/etc", "options": ["bind"],
         "gidMappings": [{"containerID": 0, "hostID": 1000, "size": 1}]}})",
     "/mounts/7/uidMappings", "mount-mappings-both", "config.md#mounts"},
    {"E08",
     R"({"/mounts/7": {"destination": "/a", "source": "/etc", "options": ["bind", "ridmap"]}})",
     "/mounts/7/options", "mount-idmap-mappings", "config.md#mounts"},
    {"E09",
     R"({"/mounts/7": {"destination": "/a", "type": "mqueue", "source": "mqueue",
         "uidMappings": [{"containerID": 0, "hostID": 1000, "size": 1}],
         "gidMappings": [{"containerID": 0, "hostID": 1000, "size": 1}]}})",
     "/mounts/7", "mount-idmap-type", "config.md#mounts"},
    {"E10",
     R"({"/mounts/7": {"destination": "/a", "source": "/etc", "options": ["bind", "size=1m"]}})",
     "/mounts/7/options", "mount-bind-data", "config.md#mounts"},
    {"E12", R"({"/mounts/7": {"destination": "data", "type": "tmpfs", "source": "tmpfs"}})",
     "/mounts/7/destination", "mount-destination-absolute", "config.md#mounts", true},
    {"E13", R"({"/mounts/7": {"destination": "/proc", "type": "tmpfs"}})", "/mounts/7/destination",
     "mount-over-proc", "config.md#mounts"},
    {"E13",
     R"({"/mounts/7": {"destination": "/proc/self/attr", "source": "/etc", "options": ["bind"]}})",
     "/mounts/7/destination", "mount-inside-proc", "config.md#mounts"},
    {"E14", R"({"/process/rlimits": [{"type": "RLIMIT_X", "soft": 1, "hard": 1}]})",
     "/process/rlimits/0/type", "rlimit-type", "config.md#posix-process"},
    {"E15",
     R"({"/process/rlimits": [{"type": "RLIMIT_CORE", "soft": 0, "hard": 0},
                              {"type": "RLIMIT_CORE", "soft": 0, "hard": 0}]})",
     "/process/rlimits/1/type", "rlimit-twice", "config.md#posix-process"},
    {"E16", R"({"/process/capabilities/bounding": ["CAP_X"]})", "/process/capabilities/bounding",
     "capability-unknown", "config.md#linux-process", true},
    {"E17", R"({"/process/scheduler": {"policy": "SCHED_X"}})", "/process/scheduler/policy",
     "scheduler-policy", "config.md#linux-process"},
    {"E17", R"({"/process/scheduler": {"policy": "SCHED_OTHER", "flags": ["SCHED_FLAG_X"]}})",
     "/process/scheduler/flags/0", "scheduler-flag", "config.md#linux-process"},
    {"E18", R"({"/process/scheduler": {"policy": "SCHED_OTHER", "nice": 20}})",
     "/process/scheduler/nice", "scheduler-nice", "config.md#linux-process"},
    {"E18", R"({"/process/scheduler": {"policy": "SCHED_OTHER", "priority": 5}})",
     "/process/scheduler/priority", "scheduler-priority", "config.md#linux-process"},
    {"E18", R"({"/process/scheduler": {"policy": "SCHED_OTHER", "runtime": 5000}})",
     "/process/scheduler", "scheduler-deadline", "config.md#linux-process"},
    {"E19", R"({"/process/ioPriority": {"class": "IOPRIO_CLASS_X", "priority": 0}})",
     "/process/ioPriority/class", "io-priority-class", "config.md#linux-process"},
    {"E19", R"({"/process/ioPriority": {"class": "IOPRIO_CLASS_BE", "priority": 8}})",
     "/process/ioPriority/priority", "io-priority-range", "config.md#linux-process"},
    {"E20", R"({"/process/execCPUAffinity": {"initial": "0-"}})",
     "/process/execCPUAffinity/initial", "cpu-list", "config.md#linux-process"},
    {"E21", R"({"/linux/namespaces/5": {"type": "space"}})", "/linux/namespaces/5/type", "word",
     "config-linux.md#namespaces"},
    {"E22", R"({"/linux/namespaces/5": {"type": "pid"}})", "/linux/namespaces/5", "namespace-twice",
     "config-linux.md#namespaces"},
    {"E23", R"({"/linux/namespaces/5": {"type": "cgroup", "path": "/proc/self/ns/uts"}})",
     "/linux/namespaces/5/path", "namespace-file", "config-linux.md#namespaces"},
    {"E23", R"({"/linux/namespaces/5": {"type": "cgroup", "path": "/dev/null"}})",
     "/linux/namespaces/5/path", "namespace-file", "config-linux.md#namespaces"},
    {"E23", R"({"/linux/namespaces/5": {"type": "cgroup", "path": "/does/not/exist"}})",
     "/linux/namespaces/5/path", "namespace-file", "config-linux.md#namespaces"},
    {"E24", R"({"/linux/namespaces/5": {"type": "cgroup", "path": "proc/self/ns/cgroup"}})",
     "/linux/namespaces/5/path", "namespace-path-absolute", "config-linux.md#namespaces"},
    {"E25", R"({"/linux/uidMappings": [{"containerID": 0, "hostID": 1, "size": 1}]})",
     "/linux/uidMappings", "mappings-user-namespace", "config-linux.md#user-namespace-mappings"},
    {"E26",
     R"({"/linux/namespaces/5": {"type": "user"},
         "/linux/uidMappings": [{"containerID": 0, "hostID": 1, "size": 1}]})",
     "/linux/gidMappings", "mappings-required", "config-linux.md#user-namespace-mappings"},
    {"E28", R"({"/linux/timeOffsets": {"monotonic": {"secs": 1}}})", "/linux/timeOffsets",
     "time-namespace", "config-linux.md#offset-for-time-namespace"},
    {"E28",
     R"({"/linux/namespaces/5": {"type": "time", "path": "/proc/self/ns/time"},
         "/linux/timeOffsets": {"monotonic": {"secs": 1}}})",
     "/linux/timeOffsets", "time-namespace-joined", "config-linux.md#offset-for-time-namespace"},
    {"E29",
     R"({"/linux/namespaces": [{"type": "mount"}, {"type": "pid"}], "/hostname": "name",
         "/domainname": null})",
     "/hostname", "name-uts-namespace", "config.md#hostname"},
    {"E29",
     R"({"/linux/namespaces": [{"type": "mount"}, {"type": "pid"}], "/hostname": null,
         "/domainname": "name"})",
     "/domainname", "name-uts-namespace", "config.md#domainname"},
    {"E30", R"({"/linux/namespaces": [{"type": "pid"}, {"type": "uts"}]})", "/linux/namespaces",
     "namespace-mount", "config-linux.md#namespaces"},
    {"E32", R"({"/linux/devices": [{"path": "/dev/x", "type": "x"}]})", "/linux/devices/0/type",
     "word", "config-linux.md#devices"},
    {"E33",
     R"({"/linux/namespaces": [{"type": "mount"}, {"type": "uts"}],
         "/linux/netDevices": {"eth7": {}}})",
     "/linux/netDevices", "net-device-namespace", "config-linux.md#network-devices"},
    {"E33", R"({"/linux/netDevices": {"eth7": {"name": "a/b"}}})", "/linux/netDevices/eth7/name",
     "net-device-name", "config-linux.md#network-devices"},
    {"E36", R"({"/linux/cgroupsPath": "/a/../b"})", "/linux/cgroupsPath", "cgroups-path",
     "config-linux.md#cgroups-path"},
    {"E36", R"({"/linux/cgroupsPath": "a.slice:b:c"})", "/linux/cgroupsPath",
     "cgroups-path-systemd", "config-linux.md#cgroups-path"},
    {"E38", R"({"/linux/resources/devices": [{"allow": true, "type": "x", "access": "r"}]})",
     "/linux/resources/devices/0/type", "word", "config-linux.md#allowed-device-list"},
    {"E38", R"({"/linux/resources/devices": [{"allow": true, "type": "c", "access": ""}]})",
     "/linux/resources/devices/0/access", "device-access", "config-linux.md#allowed-device-list"},
    {"E39", R"({"/linux/resources/memory": {"limit": 8000000, "swap": 4000000}})",
     "/linux/resources/memory/swap", "memory-swap-limit", "config-linux.md#memory"},
    {"E39", R"({"/linux/resources/memory": {"swap": 4000000}})", "/linux/resources/memory/swap",
     "memory-swap-alone", "config-linux.md#memory"},
    {"E41", R"({"/linux/resources/cpu": {"quota": 5000, "burst": 6000}})",
     "/linux/resources/cpu/burst", "cpu-burst", "config-linux.md#cpu"},
    {"E42", R"({"/linux/resources/blockIO": {"weightDevice": [{"major": 8, "minor": 0}]}})",
     "/linux/resources/blockIO/weightDevice/0", "block-io-weight-device",
     "config-linux.md#block-io"},
    {"E43", R"({"/linux/resources/hugepageLimits": [{"pageSize": "3XB", "limit": 0}]})",
     "/linux/resources/hugepageLimits/0/pageSize", "hugepage-size",
     "config-linux.md#huge-page-limits"},
    {"E44", R"({"/linux/resources/rdma": {"mlx5_0": {}}})", "/linux/resources/rdma/mlx5_0",
     "rdma-limit", "config-linux.md#rdma"},
    {"E48", R"({"/linux/intelRdt": {"l3CacheSchema": "L3:0=f"}})", "/linux/intelRdt",
     "rdt-unavailable", "config-linux.md#intelrdt"},
    {"E51", R"({"/linux/intelRdt": {"memBwSchema": "L3:0=f"}})", "/linux/intelRdt/memBwSchema",
     "rdt-mem-bw", "config-linux.md#intelrdt"},
    {"E51", R"({"/linux/intelRdt": {"schemata": ["MB:0=70\nL3:0=f"]}})",
     "/linux/intelRdt/schemata/0", "rdt-schemata", "config-linux.md#intelrdt"},
    {"E53", R"({"/linux/intelRdt": {"closID": ".."}})", "/linux/intelRdt/closID", "rdt-clos-id",
     "config-linux.md#intelrdt"},
    {"E54", R"({"/linux/memoryPolicy": {"mode": "MPOL_X"}})", "/linux/memoryPolicy/mode",
     "memory-policy-mode", "config-linux.md#memory-policy"},
    {"E54", R"({"/linux/memoryPolicy": {"mode": "MPOL_BIND"}})", "/linux/memoryPolicy/nodes",
     "memory-policy-nodes", "config-linux.md#memory-policy"},
    {"E54",
     R"({"/linux/memoryPolicy": {"mode": "MPOL_BIND", "nodes": "0", "flags": ["MPOL_F_X"]}})",
     "/linux/memoryPolicy/flags/0", "memory-policy-flag", "config-linux.md#memory-policy"},
    {"E55", R"({"/linux/seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "defaultErrnoRet": 1}})",
     "/linux/seccomp/defaultErrnoRet", "seccomp-errno-action", "config-linux.md#seccomp"},
    {"E55",
     R"({"/linux/seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "syscalls":
         [{"names": ["bind"], "action": "SCMP_ACT_KILL", "errnoRet": 1}]}})",
     "/linux/seccomp/syscalls/0/errnoRet", "seccomp-errno-action", "config-linux.md#seccomp"},
    {"E56",
     R"({"/linux/seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "syscalls":
         [{"names": [], "action": "SCMP_ACT_KILL"}]}})",
     "/linux/seccomp/syscalls/0/names", "seccomp-names", "config-linux.md#seccomp"},
    {"E57", R"({"/linux/seccomp": {"defaultAction": "SCMP_ACT_X"}})",
     "/linux/seccomp/defaultAction", "word", "config-linux.md#seccomp"},
    {"E57",
     R"({"/linux/seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X"]}})",
     "/linux/seccomp/architectures/0", "seccomp-architecture", "config-linux.md#seccomp"},
    {"E57", R"({"/linux/seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "flags": ["SECCOMP_X"]}})",
     "/linux/seccomp/flags/0", "seccomp-flag", "config-linux.md#seccomp"},
    {"E57",
     R"({"/linux/seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "syscalls":
         [{"names": ["bind"], "action": "SCMP_ACT_KILL",
           "args": [{"index": 6, "value": 0, "op": "SCMP_CMP_EQ"}]}]}})",
     "/linux/seccomp/syscalls/0/args/0/index", "seccomp-argument-index", "config-linux.md#seccomp"},
    {"E57",
     R"({"/linux/seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "syscalls":
         [{"names": ["bind"], "action": "SCMP_ACT_KILL",
           "args": [{"index": 0, "value": 0, "op": "SCMP_CMP_X"}]}]}})",
     "/linux/seccomp/syscalls/0/args/0/op", "word", "config-linux.md#seccomp"},
    {"E58", R"({"/linux/seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "listenerMetadata": "x"}})",
     "/linux/seccomp/listenerMetadata", "seccomp-metadata", "config-linux.md#seccomp"},
    {"E60", R"({"/linux/maskedPaths": ["relative"]})", "/linux/maskedPaths/0", "path-absolute",
     "config-linux.md#masked-paths"},
    {"E60", R"({"/linux/readonlyPaths": ["relative"]})", "/linux/readonlyPaths/0", "path-absolute",
     "config-linux.md#readonly-paths"},
    {"E61", R"({"/linux/rootfsPropagation": "x"})", "/linux/rootfsPropagation",
     "rootfs-propagation", "config-linux.md#rootfs-mount-propagation"},
    {"E62", R"({"/linux/personality": {"domain": "x"}})", "/linux/personality/domain",
     "personality-domain", "config-linux.md#personality"},
    {"E63", R"({"/linux/personality": {"domain": "LINUX", "flags": ["x"]}})",
     "/linux/personality/flags", "personality-flags", "config-linux.md#personality"},
    {"E64", R"({"/linux/sysctl": {"vm.swappiness": "1"}})", "/linux/sysctl/vm.swappiness",
     "sysctl-namespaced", "config-linux.md#sysctl"},
    {"E64", R"({"/linux/sysctl": {"kernel.hostname": "x"}})", "/linux/sysctl/kernel.hostname",
     "sysctl-hostname", "config-linux.md#sysctl"},
    {"E64",
     R"({"/linux/namespaces": [{"type": "mount"}, {"type": "uts"}],
         "/linux/sysctl": {"net.ipv4.ip_forward": "1"}})",
     "/linux/sysctl/net.ipv4.ip_forward", "sysctl-private-namespace", "config-linux.md#sysctl"},
    {"E65", R"({"/hooks": {"poststop": [{"path": "relative"}]}})", "/hooks/poststop/0/path",
     "hook-path-absolute", "config.md#posix-platform-hooks"},
    {"E66", R"({"/hooks": {"prestart": [{"path": "/bin/true", "timeout": 0}]}})",
     "/hooks/prestart/0/timeout", "hook-timeout", "config.md#posix-platform-hooks"},
    {"E72", R"({"/process/apparmorProfile": "profile"})", "/process/apparmorProfile",
     "apparmor-disabled", "config.md#linux-process"},
    {"E72", R"({"/process/selinuxLabel": "label"})", "/process/selinuxLabel", "selinux-disabled",
     "config.md#linux-process"},
    {"E72", R"({"/linux/mountLabel": "label"})", "/linux/mountLabel", "selinux-disabled",
     "config-linux.md#mount-label"},
    {"E75", R"({"/process/args": "sh"})", "/process/args", "type", "config.md#process"},
    {"E75", R"({"/mounts/0/options": "ro"})", "/mounts/0/options", "type", "config.md#mounts"},
    {"E76", R"({"/annotations": {"key": 1}})", "/annotations/key", "type", "config.md#annotations"},
    {"E76", R"({"/annotations": {"": "value"}})", "/annotations/", "annotation-key",
     "config.md#annotations"},
    {"E76", R"({"/annotations": {"run.oci.hooks.stdout": "log"}})",
     "/annotations/run.oci.hooks.stdout", "hook-output-absolute", "config.md#annotations"},
    {"E76", R"({"/annotations": {"run.oci.hooks.stderr": ""}})",
     "/annotations/run.oci.hooks.stderr", "hook-output-absolute", "config.md#annotations"},
    {"E76", R"({"/annotations": {"run.oci.mount_context_type": "seclabel"}})",
     "/annotations/run.oci.mount_context_type", "mount-context-type",
     "config-linux.md#mount-label"},
};

// The host has what the row wants missing.
bool is_there(const Row& row) {
  const std::string rule = row.rule;
  const auto exists = [](const char* path) { return std::filesystem::exists(path); };
  return (rule == "rdt-unavailable" && exists("/sys/fs/resctrl/schemata")) ||
         (rule == "apparmor-disabled" && exists("/sys/module/apparmor/parameters/enabled")) ||
         (rule == "selinux-disabled" && exists("/sys/fs/selinux/enforce"));
}

void change(Bundle& bundle, const json& changes) {
  for (const auto& [pointer, value] : changes.items()) {
    const json::json_pointer place{pointer};
    if (value.is_null()) {
      bundle.config[place.parent_pointer()].erase(place.back());
    } else {
      bundle.config[place] = value;
    }
  }
}

json told(const Runtime& runtime, const Bundle& bundle) {
  bundle.write();
  const Output output = runtime.call({"check", "--bundle", bundle.path(), "--format", "json"});
  return json::parse(output.out);
}

bool tells(const json& violations, const Row& row) {
  return std::any_of(violations.begin(), violations.end(), [&](const json& violation) {
    return violation["path"] == row.path && violation["rule"] == row.rule &&
           violation["spec"] == row.section && violation["warning"] == row.warning &&
           !violation["message"].get<std::string>().empty();
  });
}

// Whether a change is of, above or below what one of `others` changes.
bool meets(const json& changes, const std::set<std::string>& others) {
  return std::any_of(others.begin(), others.end(), [&](const std::string& other) {
    return std::any_of(changes.items().begin(), changes.items().end(), [&](const auto& item) {
      const std::string mine = item.key() + "/", theirs = other + "/";
      return mine.starts_with(theirs) || theirs.starts_with(mine);
    });
  });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(validation_rows, *needs::root() * needs::ocelot())

BOOST_AUTO_TEST_CASE(bundle_without_changes_is_told_nothing_of) {  // the control of all below
  Runtime runtime;
  Bundle bundle;
  BOOST_TEST(told(runtime, bundle) == json::array());
}

BOOST_AUTO_TEST_CASE(check_tells_each_row_with_its_place_rule_and_section) {
  Runtime runtime;
  for (const Row& row : rows) {
    if (is_there(row)) continue;
    Bundle bundle;
    change(bundle, json::parse(row.changes));
    const json all = told(runtime, bundle);
    BOOST_TEST(tells(all, row), row.id << " " << row.changes << " told " << all.dump());
    // Nothing is blamed twice: neither the same place by another rule, nor what is right.
    for (const json& one : all) {
      const bool same = one["path"] == row.path && one["rule"] != row.rule;
      BOOST_TEST(!same, row.id << " is told as " << one.dump() << " too");
    }
  }
}

BOOST_AUTO_TEST_CASE(create_refuses_what_check_calls_an_error_and_leaves_nothing) {
  Runtime runtime;
  const Leftovers before{{runtime.root()}};
  for (const Row& row : rows) {
    if (is_there(row) || row.warning) continue;
    Bundle bundle;
    change(bundle, json::parse(row.changes));
    const Output created = runtime.create(bundle).created;
    BOOST_TEST_CONTEXT(row.id << " " << row.changes) check_error(created, row.path);
  }
  for (const std::string& item : before.since()) BOOST_TEST(item == "", item);
}

BOOST_AUTO_TEST_CASE(create_goes_on_with_what_check_warns_of_and_says_it) {
  Runtime runtime;
  for (const Row& row : rows) {
    if (!row.warning) continue;
    Bundle bundle;
    change(bundle.args({"true"}), json::parse(row.changes));
    const Output output = runtime.run(bundle);
    BOOST_TEST(output.status == 0, row.id << " " << output.err);
    BOOST_TEST(!output.err.empty(), row.id);
  }
}

BOOST_AUTO_TEST_CASE(rows_in_one_document_are_told_at_once) {
  Runtime runtime;
  // As many documents as it takes: two rows may change the same place.
  std::vector<const Row*> waiting;
  for (const Row& row : rows) {
    // A list that a row replaces changes what other rows need.
    if (!is_there(row) && !std::string_view{row.changes}.starts_with("{\"/linux/namespaces\""))
      waiting.push_back(&row);
  }
  std::size_t most = 0;
  while (!waiting.empty()) {
    Bundle bundle;
    std::set<std::string> changed;
    std::vector<const Row*> together, later;
    for (const Row* row : waiting) {
      const json changes = json::parse(row->changes);
      if (meets(changes, changed)) {
        later.push_back(row);
        continue;
      }
      change(bundle, changes);
      for (const auto& item : changes.items()) changed.insert(item.key());
      together.push_back(row);
    }
    const json all = told(runtime, bundle);
    for (const Row* row : together)
      BOOST_TEST(tells(all, *row), row->id << " is not in " << all.dump());
    most = std::max(most, together.size());
    waiting = std::move(later);
  }
  BOOST_TEST(most > 25u);
}

BOOST_AUTO_TEST_CASE(E11_a_NUL_is_refused_by_its_line) {
  Runtime runtime;
  Bundle bundle;
  bundle.config["hostname"] = std::string("a\0b", 3);
  check_refused(runtime, bundle, "a string must not contain a NUL");
}

BOOST_AUTO_TEST_CASE(E74_unknown_members_are_ignored_and_logged_for_who_debugs) {
  Runtime runtime;
  Bundle bundle;
  bundle.config["unknown"] = {{"deep", 1}};
  bundle.process()["user"]["unknown"] = true;
  bundle.config["mounts"][0]["unknown"] = 1;
  bundle.config["annotations"] = {{"any", "name"}};
  bundle.args({"true"}).write();
  BOOST_TEST(told(runtime, bundle) == json::array());
  BOOST_TEST(runtime.run(bundle).err == "");
  std::vector<std::string> line = runtime.command({"run", "--bundle", bundle.path(), "c"});
  line.insert(line.begin() + 1, "--debug");
  const Output output = run(line);
  BOOST_TEST(output.status == 0, output.err);
  for (const char* member : {"/unknown", "/process/user/unknown", "/mounts/0/unknown"})
    BOOST_TEST(contains(output.err, std::string("config.json: ") + member + ": is unknown"),
               output.err);
  BOOST_TEST(!contains(output.err, "/unknown/deep"), output.err);
  BOOST_TEST(!contains(output.err, "/annotations"), output.err);
}

BOOST_AUTO_TEST_SUITE_END()
