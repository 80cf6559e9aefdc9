#include "oci/reader.hpp"

#include <boost/test/unit_test.hpp>

#include "oci/read_spec.hpp"

using namespace ocelot::oci;

BOOST_AUTO_TEST_SUITE(reader)

BOOST_AUTO_TEST_CASE(every_member_of_a_process_is_read) {
  const auto [process, violations, unknown] = read_process(R"({
    "terminal": true, "consoleSize": {"height": 24, "width": 80}, "user": {"uid": 1, "gid": 2, "umask": 18, "additionalGids": [3, 4]},
    "args": ["sh", "-c"], "env": ["A=b"], "cwd": "/w",
    "capabilities": {"bounding": ["CAP_A"], "effective": ["CAP_B"], "inheritable": ["CAP_C"], "permitted": ["CAP_D"], "ambient": ["CAP_E"]},
    "rlimits": [{"type": "RLIMIT_CORE", "soft": 1, "hard": 18446744073709551615}], "noNewPrivileges": true, "apparmorProfile": "p",
    "oomScoreAdj": -5, "selinuxLabel": "l",
    "scheduler": {"policy": "SCHED_DEADLINE", "nice": -3, "priority": 7, "flags": ["f"], "runtime": 1, "deadline": 2, "period": 3},
    "ioPriority": {"class": "IOPRIO_CLASS_BE", "priority": 6}, "execCPUAffinity": {"initial": "0", "final": "1"}})");
  BOOST_TEST(violations.empty());
  BOOST_TEST(unknown.empty());
  BOOST_TEST(process.terminal);
  BOOST_TEST((process.console_size->height == 24 && process.console_size->width == 80));
  BOOST_TEST((process.user.uid == 1 && process.user.gid == 2 && process.user.umask == 18u));
  BOOST_TEST((process.user.additional_gids == std::vector<std::uint32_t>{3, 4}));
  BOOST_TEST((process.args == std::vector<std::string>{"sh", "-c"} &&
              process.env == std::vector<std::string>{"A=b"} && process.cwd == "/w"));
  BOOST_TEST_REQUIRE(process.capabilities.has_value());
  BOOST_TEST((process.capabilities->bounding[0] == "CAP_A" &&
              process.capabilities->effective[0] == "CAP_B" &&
              process.capabilities->inheritable[0] == "CAP_C" &&
              process.capabilities->permitted[0] == "CAP_D" &&
              process.capabilities->ambient[0] == "CAP_E"));
  BOOST_TEST((process.rlimits[0].type == "RLIMIT_CORE" && process.rlimits[0].soft == 1 &&
              process.rlimits[0].hard == UINT64_MAX));
  BOOST_TEST((process.no_new_privileges && process.apparmor_profile == "p" &&
              process.selinux_label == "l" && process.oom_score_adj == -5));
  BOOST_TEST((process.scheduler->policy == "SCHED_DEADLINE" && process.scheduler->nice == -3 &&
              process.scheduler->priority == 7 && process.scheduler->flags[0] == "f" &&
              process.scheduler->runtime == 1u && process.scheduler->deadline == 2u &&
              process.scheduler->period == 3u));
  BOOST_TEST(
      (process.io_priority->io_class == "IOPRIO_CLASS_BE" && process.io_priority->priority == 6));
  BOOST_TEST(
      (process.exec_cpu_affinity->initial == "0" && process.exec_cpu_affinity->final == "1"));
}

BOOST_AUTO_TEST_CASE(every_member_of_resources_is_read) {
  const auto [resources, violations, unknown] = read_resources(R"({
    "devices": [{"allow": true, "type": "c", "major": 10, "minor": 229, "access": "rw"}],
    "memory": {"limit": 1, "reservation": 2, "swap": 3, "kernel": 4, "kernelTCP": 5, "swappiness": 6, "disableOOMKiller": true,
               "useHierarchy": true, "checkBeforeUpdate": true},
    "cpu": {"shares": 1, "quota": 2, "burst": 3, "period": 4, "realtimeRuntime": 5, "realtimePeriod": 6, "cpus": "0", "mems": "1", "idle": 1},
    "pids": {"limit": -1},
    "blockIO": {"weight": 10, "leafWeight": 11, "weightDevice": [{"major": 8, "minor": 1, "weight": 12, "leafWeight": 13}],
      "throttleReadBpsDevice": [{"major": 1, "minor": 2, "rate": 3}], "throttleWriteBpsDevice": [{"major": 1, "minor": 2, "rate": 4}],
      "throttleReadIOPSDevice": [{"major": 1, "minor": 2, "rate": 5}], "throttleWriteIOPSDevice": [{"major": 1, "minor": 2, "rate": 6}]},
    "hugepageLimits": [{"pageSize": "2MB", "limit": 7}],
    "network": {"classID": 8, "priorities": [{"name": "lo", "priority": 9}]},
    "rdma": {"mlx": {"hcaHandles": 1, "hcaObjects": 2}}, "unified": {"memory.high": "3"}})");
  BOOST_TEST(violations.empty());
  BOOST_TEST(unknown.empty());
  const DeviceRule& rule = resources.devices.at(0);
  BOOST_TEST((rule.allow && rule.type == 'c' && rule.major == 10 && rule.minor == 229 &&
              rule.access == "rw"));
  const MemoryResources& memory = resources.memory.value();
  BOOST_TEST((memory.limit == 1 && memory.reservation == 2 && memory.swap == 3 &&
              memory.kernel == 4 && memory.kernel_tcp == 5));
  BOOST_TEST((memory.swappiness == 6u && memory.disable_oom_killer == true &&
              memory.use_hierarchy == true && memory.check_before_update == true));
  const CpuResources& cpu = resources.cpu.value();
  BOOST_TEST((cpu.shares == 1u && cpu.quota == 2 && cpu.burst == 3u && cpu.period == 4u &&
              cpu.realtime_runtime == 5));
  BOOST_TEST((cpu.realtime_period == 6u && cpu.cpus == "0" && cpu.mems == "1" && cpu.idle == 1));
  BOOST_TEST((resources.pids->limit == -1));
  const BlockIoResources& block_io = resources.block_io.value();
  BOOST_TEST((block_io.weight == 10 && block_io.leaf_weight == 11 &&
              block_io.weight_device.at(0).major == 8));
  BOOST_TEST((block_io.weight_device.at(0).minor == 1 &&
              block_io.weight_device.at(0).weight == 12 &&
              block_io.weight_device.at(0).leaf_weight == 13));
  BOOST_TEST((block_io.throttle_read_bps_device.at(0).rate == 3u &&
              block_io.throttle_write_bps_device.at(0).rate == 4u));
  BOOST_TEST((block_io.throttle_read_iops_device.at(0).rate == 5u &&
              block_io.throttle_write_iops_device.at(0).rate == 6u));
  BOOST_TEST((resources.hugepage_limits.at(0).page_size == "2MB" &&
              resources.hugepage_limits.at(0).limit == 7u));
  BOOST_TEST((resources.network->class_id == 8u &&
              resources.network->priorities.at(0).name == "lo" &&
              resources.network->priorities.at(0).priority == 9u));
  BOOST_TEST((resources.rdma.at("mlx").hca_handles == 1u &&
              resources.rdma.at("mlx").hca_objects == 2u &&
              resources.unified.at("memory.high") == "3"));
}

BOOST_AUTO_TEST_CASE(every_member_of_linux_is_read) {
  const auto [spec, violations, unknown] = read_spec(R"({"ociVersion": "1.3.0", "linux": {
    "namespaces": [{"type": "network", "path": "/n"}], "uidMappings": [{"containerID": 1, "hostID": 2, "size": 3}],
    "gidMappings": [{"containerID": 4, "hostID": 5, "size": 6}], "timeOffsets": {"monotonic": {"secs": -1, "nanosecs": 2}},
    "devices": [{"type": "b", "path": "/dev/x", "major": 1, "minor": 2, "fileMode": 438, "uid": 3, "gid": 4}],
    "netDevices": {"eth0": {"name": "lan"}}, "cgroupsPath": "/c", "resources": {}, "sysctl": {"a": "b"},
    "seccomp": {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1, "architectures": ["A"], "flags": [], "listenerPath": "/l",
      "listenerMetadata": "m", "syscalls": [{"names": ["n"], "action": "SCMP_ACT_TRACE", "errnoRet": 2,
        "args": [{"index": 1, "value": 2, "valueTwo": 3, "op": "SCMP_CMP_MASKED_EQ"}]}]},
    "rootfsPropagation": "slave", "maskedPaths": ["/m"], "readonlyPaths": ["/r"], "mountLabel": "ml",
    "intelRdt": {"closID": "c", "l3CacheSchema": "l", "memBwSchema": "m", "schemata": ["s"], "enableMonitoring": true},
    "memoryPolicy": {"mode": "MPOL_BIND", "nodes": "0", "flags": ["f"]}, "personality": {"domain": "LINUX32", "flags": ["p"]}}})");
  BOOST_TEST(violations.empty());
  BOOST_TEST(unknown.empty());
  const Linux& l = spec.linux_.value();
  BOOST_TEST(
      (l.namespaces.at(0).type == NamespaceType::network && l.namespaces.at(0).path == "/n"));
  BOOST_TEST(
      (l.uid_mappings.at(0) == IdMapping{1, 2, 3} && l.gid_mappings.at(0) == IdMapping{4, 5, 6}));
  BOOST_TEST(
      (l.time_offsets.at("monotonic").secs == -1 && l.time_offsets.at("monotonic").nanosecs == 2));
  const Device& device = l.devices.at(0);
  BOOST_TEST((device.type == DeviceType::block && device.path == "/dev/x" && device.major == 1 &&
              device.minor == 2));
  BOOST_TEST((device.file_mode == 0666u && device.uid == 3u && device.gid == 4u));
  BOOST_TEST((l.net_devices.at("eth0").name == "lan" && l.cgroups_path == "/c" &&
              l.resources.has_value() && l.sysctl.at("a") == "b"));
  const Seccomp& seccomp = l.seccomp.value();
  BOOST_TEST((seccomp.default_action == SeccompAction::errno_ && seccomp.default_errno_ret == 1u &&
              seccomp.architectures.at(0) == "A"));
  BOOST_TEST((seccomp.flags.has_value() && seccomp.flags->empty() &&
              seccomp.listener_path == "/l" && seccomp.listener_metadata == "m"));
  const SeccompRule& rule = seccomp.syscalls.at(0);
  BOOST_TEST(
      (rule.names.at(0) == "n" && rule.action == SeccompAction::trace && rule.errno_ret == 2u));
  BOOST_TEST((rule.args.at(0).index == 1 && rule.args.at(0).value == 2 &&
              rule.args.at(0).value_two == 3 && rule.args.at(0).op == SeccompOperator::masked_eq));
  BOOST_TEST((l.rootfs_propagation == "slave" && l.masked_paths.at(0) == "/m" &&
              l.readonly_paths.at(0) == "/r" && l.mount_label == "ml"));
  BOOST_TEST((l.intel_rdt->clos_id == "c" && l.intel_rdt->l3_cache_schema == "l" &&
              l.intel_rdt->mem_bw_schema == "m" && l.intel_rdt->schemata.at(0) == "s" &&
              l.intel_rdt->enable_monitoring));
  BOOST_TEST((l.memory_policy->mode == "MPOL_BIND" && l.memory_policy->nodes == "0" &&
              l.memory_policy->flags.at(0) == "f"));
  BOOST_TEST((l.personality->domain == "LINUX32" && l.personality->flags.at(0) == "p"));
}

BOOST_AUTO_TEST_CASE(every_member_of_the_top_is_read) {
  const auto [spec, violations, unknown] = read_spec(
      R"({"ociVersion": "1.3.0", "root": {"path": "r", "readonly": true}, "process": {"cwd": "/"},
    "hostname": "h", "domainname": "d", "annotations": {"a": "b"},
    "mounts": [{"destination": "/d", "type": "t", "source": "s", "options": ["o"], "uidMappings": [{"containerID": 1, "hostID": 2, "size": 3}],
                "gidMappings": [{"containerID": 4, "hostID": 5, "size": 6}]}],
    "hooks": {"prestart": [{"path": "/1"}], "createRuntime": [{"path": "/2"}], "createContainer": [{"path": "/3"}],
              "startContainer": [{"path": "/4"}], "poststart": [{"path": "/5", "args": ["a"], "env": [], "timeout": 6}], "poststop": [{"path": "/7"}]}})");
  BOOST_TEST(violations.empty());
  BOOST_TEST(unknown.empty());
  BOOST_TEST((spec.oci_version == "1.3.0" && spec.root->path == "r" && spec.root->readonly &&
              spec.process->cwd == "/"));
  BOOST_TEST((spec.hostname == "h" && spec.domainname == "d" && spec.annotations.at("a") == "b" &&
              !spec.linux_));
  const Mount& mount = spec.mounts.at(0);
  BOOST_TEST((mount.destination == "/d" && mount.type == "t" && mount.source == "s" &&
              mount.options.at(0) == "o"));
  BOOST_TEST((mount.uid_mappings.at(0) == IdMapping{1, 2, 3} &&
              mount.gid_mappings.at(0) == IdMapping{4, 5, 6}));
  const Hooks& hooks = spec.hooks;
  BOOST_TEST((hooks.prestart.at(0).path == "/1" && hooks.create_runtime.at(0).path == "/2" &&
              hooks.create_container.at(0).path == "/3"));
  BOOST_TEST((hooks.start_container.at(0).path == "/4" && hooks.poststart.at(0).path == "/5" &&
              hooks.poststop.at(0).path == "/7"));
  BOOST_TEST((hooks.poststart.at(0).args.at(0) == "a" && hooks.poststart.at(0).env.has_value() &&
              hooks.poststart.at(0).timeout_seconds == 6));
  BOOST_TEST(!hooks.prestart.at(0).env.has_value());
}

BOOST_AUTO_TEST_CASE(what_was_wrong_is_left_at_its_default) {
  const auto [spec, violations, unknown] = read_spec(
      R"({"ociVersion": "1.3.0", "root": "r", "process": {"oomScoreAdj": "x", "user": {"uid": -1}},
                                                "linux": {"resources": {"memory": {"limit": 1.5, "swap": 2}}}})");
  BOOST_TEST(violations.size() == 4u);
  BOOST_TEST(!spec.root.has_value());
  BOOST_TEST(!spec.process->oom_score_adj.has_value());
  BOOST_TEST(spec.process->user.uid == 0u);
  BOOST_TEST(!spec.linux_->resources->memory->limit.has_value());
  BOOST_TEST(spec.linux_->resources->memory->swap.value() == 2);
}

BOOST_AUTO_TEST_CASE(of_very_many_mistakes_the_first_thousand_are_told) {
  std::string args = "1";
  for (int i = 0; i < 100'000; ++i) args += ",1";
  BOOST_TEST(read_process("{\"args\": [" + args + "]}").violations.size() == 1000u);
}

BOOST_AUTO_TEST_SUITE_END()
