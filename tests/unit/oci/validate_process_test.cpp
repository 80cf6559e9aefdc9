#include "tests/unit/oci/document.hpp"

using namespace ocelot::oci::test;
using ocelot::oci::HostFacts;
using ocelot::oci::read_process;
using ocelot::oci::Spec;
using ocelot::oci::validate;

BOOST_AUTO_TEST_SUITE(validate_process)

BOOST_AUTO_TEST_CASE(E05_args_must_not_be_empty) {
  expect_one(without("/process/args"), "/process/args", "required", "args must not be empty");
  expect_one(with("/process/args", "[]"), "/process/args", "required", "args must not be empty");
}

BOOST_AUTO_TEST_CASE(E06_cwd_must_be_an_absolute_path) {
  expect_one(with("/process/cwd", R"("tmp")"), "/process/cwd", "cwd-absolute",
             "Cwd must be an absolute path");
  expect_one(without("/process/cwd"), "/process/cwd", "required", "Cwd property must not be empty");
}

BOOST_AUTO_TEST_CASE(an_entry_of_env_is_a_name_and_a_value_and_is_not_repeated_in_the_message) {
  expect_clean(with("/process/env", R"(["A=b", "A=", "B=c=d"])"));
  for (const char* wrong : {R"(["A=b", "secret"])", R"(["A=b", "=secret"])", R"(["A=b", ""])"}) {
    expect_one(with("/process/env", wrong), "/process/env/1", "env-name-value",
               "invalid environment variable");
    BOOST_TEST(found_in(with("/process/env", wrong))[0].message.find("secret") ==
               std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(E14_an_unknown_rlimit_is_refused) {
  expect_one(with("/process/rlimits", R"([{"type": "RLIMIT_FOO", "soft": 1, "hard": 1}])"),
             "/process/rlimits/0/type", "rlimit-type", "RLIMIT_FOO");
  expect_one(with("/process/rlimits", R"([{"type": "NOFILE", "soft": 1, "hard": 1}])"),
             "/process/rlimits/0/type", "rlimit-type");
}

BOOST_AUTO_TEST_CASE(E15_an_rlimit_that_stands_twice_is_refused) {
  const char* two =
      R"([{"type": "RLIMIT_CORE", "soft": 1, "hard": 1}, {"type": "RLIMIT_CORE", "soft": 1, "hard": 1}])";
  expect_one(with("/process/rlimits", two), "/process/rlimits/1/type", "rlimit-twice",
             "RLIMIT_CORE");
}

BOOST_AUTO_TEST_CASE(a_soft_limit_above_the_hard_one_is_refused) {
  expect_one(with("/process/rlimits", R"([{"type": "RLIMIT_CORE", "soft": 2, "hard": 1}])"),
             "/process/rlimits/0/soft", "rlimit-soft-hard");
  expect_clean(with(
      "/process/rlimits",
      R"([{"type": "RLIMIT_CORE", "soft": 18446744073709551615, "hard": 18446744073709551615}])"));
}

BOOST_AUTO_TEST_CASE(E16_capabilities_that_cannot_be_had_are_warned_of) {
  expect_warning(with("/process/capabilities", R"({"bounding": ["CAP_FOO", "CAP_KILL"]})"),
                 "/process/capabilities/bounding", "capability-unknown", "CAP_FOO");
  HostFacts old = cgroup_v1();
  old.last_capability = 39;
  expect_warning(with("/process/capabilities", R"({"bounding": ["CAP_CHECKPOINT_RESTORE"]})"),
                 "/process/capabilities/bounding", "capability-newer", "CAP_CHECKPOINT_RESTORE",
                 old);
  expect_warning(
      with("/process/capabilities", R"({"permitted": ["CAP_KILL"], "ambient": ["CAP_KILL"]})"),
      "/process/capabilities/ambient", "capability-ambient", "CAP_KILL");
  expect_warning(
      with("/process/capabilities", R"({"inheritable": ["CAP_KILL"], "ambient": ["CAP_KILL"]})"),
      "/process/capabilities/ambient", "capability-ambient", "CAP_KILL");
  expect_warning(with("/process/capabilities", R"({"effective": ["CAP_KILL"]})"),
                 "/process/capabilities/effective", "capability-effective", "CAP_KILL");
  expect_clean(
      with("/process/capabilities", R"({"bounding": ["CAP_KILL"], "effective": ["CAP_KILL"],
      "inheritable": ["CAP_KILL"], "permitted": ["CAP_KILL"], "ambient": ["CAP_KILL"]})"));
}

BOOST_AUTO_TEST_CASE(E17_the_scheduler_needs_a_known_policy_and_flags) {
  expect_one(with("/process/scheduler", "{}"), "/process/scheduler/policy", "required");
  expect_one(with("/process/scheduler", R"({"policy": "SCHED_FAST"})"), "/process/scheduler/policy",
             "scheduler-policy", "SCHED_OTHER");
  expect_one(with("/process/scheduler", R"({"policy": "SCHED_OTHER", "flags": ["SCHED_FLAG_X"]})"),
             "/process/scheduler/flags/0", "scheduler-flag", "SCHED_FLAG_RESET_ON_FORK");
  expect_clean(
      with("/process/scheduler",
           R"({"policy": "SCHED_OTHER", "nice": 19, "flags": ["SCHED_FLAG_RESET_ON_FORK"]})"));
}

BOOST_AUTO_TEST_CASE(E18_the_scheduler_takes_what_its_policy_has) {
  const auto scheduler = [](const char* value) { return with("/process/scheduler", value); };
  expect_one(scheduler(R"({"policy": "SCHED_OTHER", "nice": 20})"), "/process/scheduler/nice",
             "scheduler-nice");
  expect_one(scheduler(R"({"policy": "SCHED_BATCH", "nice": -21})"), "/process/scheduler/nice",
             "scheduler-nice");
  expect_one(scheduler(R"({"policy": "SCHED_OTHER", "priority": 1})"),
             "/process/scheduler/priority", "scheduler-priority", "SCHED_FIFO");
  expect_one(scheduler(R"({"policy": "SCHED_FIFO"})"), "/process/scheduler/priority",
             "scheduler-priority", "1 to 99");
  expect_one(scheduler(R"({"policy": "SCHED_RR", "priority": 100})"), "/process/scheduler/priority",
             "scheduler-priority");
  expect_one(scheduler(R"({"policy": "SCHED_FIFO", "priority": 1, "runtime": 1})"),
             "/process/scheduler", "scheduler-deadline");
  expect_one(scheduler(R"({"policy": "SCHED_DEADLINE"})"), "/process/scheduler/runtime",
             "scheduler-deadline");
  expect_one(scheduler(R"({"policy": "SCHED_DEADLINE", "runtime": 3000, "deadline": 2000})"),
             "/process/scheduler/runtime", "scheduler-deadline");
  expect_clean(scheduler(R"({"policy": "SCHED_FIFO", "priority": 99})"));
  expect_clean(scheduler(
      R"({"policy": "SCHED_DEADLINE", "runtime": 1024, "deadline": 2000, "period": 2000})"));
  expect_clean(scheduler(R"({"policy": "SCHED_DEADLINE", "runtime": 1024, "deadline": 2000})"));
}

BOOST_AUTO_TEST_CASE(E19_ioPriority_is_a_class_and_0_to_7) {
  const auto io = [](const char* value) { return with("/process/ioPriority", value); };
  expect_one(io(R"({"class": "IOPRIO_CLASS_X", "priority": 0})"), "/process/ioPriority/class",
             "io-priority-class", "IOPRIO_CLASS_BE");
  expect_one(io(R"({"class": "IOPRIO_CLASS_BE", "priority": 8})"), "/process/ioPriority/priority",
             "io-priority-range");
  expect_one(io(R"({"class": "IOPRIO_CLASS_BE", "priority": -1})"), "/process/ioPriority/priority",
             "io-priority-range");
  expect_clean(io(R"({"class": "IOPRIO_CLASS_IDLE", "priority": 7})"));
}

BOOST_AUTO_TEST_CASE(E20_execCPUAffinity_is_two_lists_of_CPUs) {
  expect_clean(with("/process/execCPUAffinity", R"({"initial": "0-3,7", "final": ""})"));
  expect_one(with("/process/execCPUAffinity", R"({"initial": "0-"})"),
             "/process/execCPUAffinity/initial", "cpu-list", "0-3,7");
  expect_one(with("/process/execCPUAffinity", R"({"final": "all"})"),
             "/process/execCPUAffinity/final", "cpu-list");
}

BOOST_AUTO_TEST_CASE(E72_a_label_needs_a_kernel_that_has_it) {
  HostFacts both = cgroup_v1();
  both.apparmor = both.selinux = true;
  const auto apparmor = with("/process/apparmorProfile", R"("web")"),
             selinux = with("/process/selinuxLabel", R"("a:b:c:s0")");
  expect_one(apparmor, "/process/apparmorProfile", "apparmor-disabled",
             "apparmor is disabled or not supported");
  expect_one(selinux, "/process/selinuxLabel", "selinux-disabled",
             "selinux is disabled or not supported");
  expect_clean(apparmor, both);
  expect_clean(selinux, both);
  expect_clean(with("/process/apparmorProfile", R"("unconfined")"));
}

BOOST_AUTO_TEST_CASE(oomScoreAdj_is_from_minus_1000_to_1000) {
  expect_clean(with("/process/oomScoreAdj", "-1000"));
  expect_clean(with("/process/oomScoreAdj", "1000"));
  expect_one(with("/process/oomScoreAdj", "-1001"), "/process/oomScoreAdj", "oom-score-range");
  expect_one(with("/process/oomScoreAdj", "1001"), "/process/oomScoreAdj", "oom-score-range");
}

BOOST_AUTO_TEST_CASE(a_umask_with_more_than_permission_bits_is_warned_of) {
  expect_clean(with("/process/user", R"({"umask": 18})"));
  expect_warning(with("/process/user", R"({"umask": 1777})"), "/process/user/umask", "umask-bits",
                 "octal");
}

BOOST_AUTO_TEST_CASE(ids_must_be_mapped_in_a_new_user_namespace) {
  auto document = with("/linux/namespaces/1", R"({"type": "user"})");
  document =
      with("/linux/uidMappings", R"([{"containerID": 0, "hostID": 100000, "size": 10}])", document);
  document =
      with("/linux/gidMappings", R"([{"containerID": 0, "hostID": 100000, "size": 20}])", document);
  expect_clean(
      with("/process/user", R"({"uid": 9, "gid": 19, "additionalGids": [1, 19]})", document));
  expect_one(with("/process/user", R"({"uid": 10})", document), "/process/user/uid", "id-unmapped",
             "uidMappings");
  expect_one(with("/process/user", R"({"gid": 20})", document), "/process/user/gid", "id-unmapped",
             "gidMappings");
  expect_one(with("/process/user", R"({"additionalGids": [1, 20]})", document),
             "/process/user/additionalGids/1", "id-unmapped");
}

BOOST_AUTO_TEST_CASE(a_process_document_alone_has_paths_from_its_own_root) {
  const auto read = read_process(R"({"args": [], "cwd": "x"})");
  const auto found = validate(read.process, Spec{}, cgroup_v1());
  BOOST_TEST_REQUIRE(found.size() == 2u);
  BOOST_TEST(found[0].path == "/args");
  BOOST_TEST(found[1].path == "/cwd");
}

BOOST_AUTO_TEST_SUITE_END()
