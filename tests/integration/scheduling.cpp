// When and where the process runs: scheduler, I/O priority, CPUs, memory nodes, personality.
#include <linux/sched.h>
#include <sched.h>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

json scheduler_of(const Runtime& runtime, const json& scheduler) {
  Bundle bundle;
  bundle.process()["scheduler"] = scheduler;
  return report(runtime, bundle)["scheduler"];
}

// On cgroup v1 with real-time group scheduling a new cpu cgroup has no real-time share, and a child
// has at most that of its parent. Gives our parent some of the root's, until it goes with the
// process.
void give_real_time_share(Bundle& bundle) {
  const std::string file = cgroup_directory("cpu", cgroup_parent()) + "/cpu.rt_runtime_us";
  if (!std::filesystem::exists(file)) return;
  write_file(file, "20000");
  bundle.linux()["resources"]["cpu"] = {{"realtimeRuntime", 10000}, {"realtimePeriod", 1000000}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(scheduling, *needs::root())

BOOST_AUTO_TEST_CASE(ordinary_policies_are_set) {
  Runtime runtime;
  for (auto [name, policy] :
       {std::pair{"SCHED_OTHER", SCHED_OTHER}, std::pair{"SCHED_BATCH", SCHED_BATCH},
        std::pair{"SCHED_IDLE", SCHED_IDLE}}) {
    json seen = scheduler_of(runtime, {{"policy", name}, {"nice", 5}});
    BOOST_TEST(seen["policy"] == policy, name);
    if (policy != SCHED_IDLE) BOOST_TEST(seen["nice"] == 5, name);
  }
}

BOOST_AUTO_TEST_CASE(flags_are_set) {
  Runtime runtime;
  json seen =
      scheduler_of(runtime, {{"policy", "SCHED_BATCH"}, {"flags", {"SCHED_FLAG_RESET_ON_FORK"}}});
  BOOST_TEST(seen["flags"] == SCHED_FLAG_RESET_ON_FORK);
}

BOOST_AUTO_TEST_CASE(kept_parameters_are_those_that_it_had) {
  Runtime runtime;
  const json niceness = {{"policy", "SCHED_BATCH"}, {"nice", 5}};
  BOOST_TEST(scheduler_of(runtime, niceness)["nice"] == 5);
  json kept = niceness;
  kept["flags"] = {"SCHED_FLAG_KEEP_PARAMS"};
  BOOST_TEST(scheduler_of(runtime, kept)["nice"] == 0);
}

BOOST_AUTO_TEST_CASE(real_time_policy_without_a_share_is_an_error_that_says_so,
                     *needs::file("/sys/fs/cgroup/cpu/cpu.rt_runtime_us")) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["scheduler"] = {{"policy", "SCHED_FIFO"}, {"priority", 7}};
  check_refused(runtime, bundle, "realtimeRuntime");
}

BOOST_AUTO_TEST_CASE(real_time_policies_are_set, *needs::capability("CAP_SYS_NICE")) {
  Runtime runtime;
  for (auto [name, policy] :
       {std::pair{"SCHED_FIFO", SCHED_FIFO}, std::pair{"SCHED_RR", SCHED_RR}}) {
    Bundle bundle;
    give_real_time_share(bundle);
    bundle.process()["scheduler"] = {{"policy", name}, {"priority", 7}};
    json seen = report(runtime, bundle)["scheduler"];
    BOOST_TEST(seen["policy"] == policy, name);
    BOOST_TEST(seen["priority"] == 7, name);
  }
}

BOOST_AUTO_TEST_CASE(deadline_policy_is_set, *needs::capability("CAP_SYS_NICE")) {
  Runtime runtime;
  json seen = scheduler_of(runtime, {{"policy", "SCHED_DEADLINE"},
                                     {"runtime", 1000000},
                                     {"deadline", 20000000},
                                     {"period", 30000000}});
  BOOST_TEST(seen["policy"] == 6);
  BOOST_TEST(seen["runtime"] == 1000000);
  BOOST_TEST(seen["deadline"] == 20000000);
  BOOST_TEST(seen["period"] == 30000000);
}

BOOST_AUTO_TEST_CASE(deadline_overrun_is_told, *needs::capability("CAP_SYS_NICE")) {
  Runtime runtime;
  json seen = scheduler_of(runtime, {{"policy", "SCHED_DEADLINE"},
                                     {"runtime", 1000000},
                                     {"deadline", 20000000},
                                     {"flags", {"SCHED_FLAG_DL_OVERRUN"}}});
  BOOST_TEST(seen["flags"] == SCHED_FLAG_DL_OVERRUN);
}

BOOST_AUTO_TEST_CASE(scheduler_that_does_not_exist_is_an_error) {  // E17, E18
  Runtime runtime;
  auto refused = [&](const json& scheduler, const std::string& place) {
    Bundle bundle;
    bundle.process()["scheduler"] = scheduler;
    check_refused(runtime, bundle, "/process/scheduler" + place);
  };
  refused({{"policy", "SCHED_MAGIC"}}, "/policy");
  refused({{"nice", 1}}, "/policy");
  refused({{"policy", "SCHED_OTHER"}, {"flags", {"SCHED_FLAG_MAGIC"}}}, "/flags/0");
  refused({{"policy", "SCHED_OTHER"}, {"nice", 20}}, "/nice");
  refused({{"policy", "SCHED_OTHER"}, {"priority", 1}}, "/priority");
  refused({{"policy", "SCHED_OTHER"}, {"runtime", 1}}, "");
}

BOOST_AUTO_TEST_CASE(io_priority_is_set) {
  Runtime runtime;
  for (auto [name, number] : {std::pair{"IOPRIO_CLASS_RT", 1}, std::pair{"IOPRIO_CLASS_BE", 2}}) {
    Bundle bundle;
    bundle.process()["ioPriority"] = {{"class", name}, {"priority", 3}};
    json seen = report(runtime, bundle)["ioprio"];
    BOOST_TEST(seen["class"] == number, name);
    BOOST_TEST(seen["priority"] == 3, name);
  }
  Bundle bundle;
  bundle.process()["ioPriority"] = {{"class", "IOPRIO_CLASS_IDLE"}};
  BOOST_TEST(report(runtime, bundle)["ioprio"]["class"] == 3);
}

BOOST_AUTO_TEST_CASE(io_priority_that_does_not_exist_is_an_error) {  // E19
  Runtime runtime;
  Bundle bundle;
  bundle.process()["ioPriority"] = {{"class", "IOPRIO_CLASS_NONE_SUCH"}, {"priority", 3}};
  check_refused(runtime, bundle, "/process/ioPriority/class");
  for (int priority : {-1, 8}) {
    bundle.process()["ioPriority"] = {{"class", "IOPRIO_CLASS_BE"}, {"priority", priority}};
    check_refused(runtime, bundle, "/process/ioPriority/priority");
  }
}

BOOST_AUTO_TEST_CASE(affinity_of_the_caller_is_not_inherited, *needs::cpus(2)) {
  Runtime runtime;
  Bundle bundle;
  RunOptions options;
  options.in_child = [] {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(0, &one);
    checked(::sched_setaffinity(0, sizeof one, &one), "sched_setaffinity");
  };
  BOOST_TEST(report(runtime, bundle, {}, {}, options)["affinity"] == host_report()["affinity"]);
}

BOOST_AUTO_TEST_CASE(malformed_exec_cpu_affinity_is_an_error) {  // E20
  Runtime runtime;
  for (const char* list : {"x", "1-", "2-1", "0,,1"}) {
    Bundle bundle;
    bundle.process()["execCPUAffinity"] = {{"initial", list}};
    check_refused(runtime, bundle, "/process/execCPUAffinity/initial");
  }
}

BOOST_AUTO_TEST_CASE(exec_cpu_affinity_does_not_touch_the_first_process) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["execCPUAffinity"] = {{"initial", "0"}, {"final", "0"}};
  BOOST_TEST(report(runtime, bundle)["affinity"] == host_report()["affinity"]);
}

BOOST_AUTO_TEST_CASE(memory_policy_is_set) {
  Runtime runtime;
  auto policy = [&](const json& wanted) {
    Bundle bundle;
    bundle.linux()["memoryPolicy"] = wanted;
    return report(runtime, bundle)["mempolicy"];
  };
  for (auto [name, number] :
       {std::pair{"MPOL_PREFERRED", 1}, std::pair{"MPOL_BIND", 2}, std::pair{"MPOL_INTERLEAVE", 3},
        std::pair{"MPOL_PREFERRED_MANY", 5}}) {
    json seen = policy({{"mode", name}, {"nodes", "0"}});
    BOOST_TEST(seen["mode"] == number, name);
    BOOST_TEST(seen["nodes"] == json{0}, name);
  }
  BOOST_TEST(policy({{"mode", "MPOL_LOCAL"}})["mode"] == 4);
  BOOST_TEST(policy({{"mode", "MPOL_DEFAULT"}})["mode"] == 0);
  json seen = policy({{"mode", "MPOL_BIND"}, {"nodes", "0"}, {"flags", {"MPOL_F_STATIC_NODES"}}});
  BOOST_TEST(seen["flags"] == 0x8000);
}

BOOST_AUTO_TEST_CASE(memory_policy_that_cannot_be_is_an_error) {  // E54
  Runtime runtime;
  auto refused = [&](const json& policy, const std::string& place) {
    Bundle bundle;
    bundle.linux()["memoryPolicy"] = policy;
    check_refused(runtime, bundle, "/linux/memoryPolicy" + place);
  };
  refused({{"mode", "MPOL_MAGIC"}, {"nodes", "0"}}, "/mode");
  refused({{"mode", "MPOL_BIND"}, {"nodes", "0"}, {"flags", {"MPOL_F_MAGIC"}}}, "/flags/0");
  refused({{"mode", "MPOL_BIND"}}, "");
  refused({{"mode", "MPOL_DEFAULT"}, {"nodes", "0"}}, "/nodes");
  refused({{"mode", "MPOL_BIND"}, {"nodes", "0-"}}, "/nodes");
}

BOOST_AUTO_TEST_CASE(personality_is_set) {
  Runtime runtime;
  Bundle bundle;
  BOOST_TEST(report(runtime, bundle)["personality"] == 0);
  bundle.linux()["personality"] = {{"domain", "LINUX32"}};
  json seen = report(runtime, bundle);
  BOOST_TEST(seen["personality"] == 8);
#ifdef __x86_64__
  BOOST_TEST(seen["machine"] == "i686");
#endif
  bundle.linux()["personality"] = {{"domain", "LINUX"}};
  BOOST_TEST(report(runtime, bundle)["personality"] == 0);
}

BOOST_AUTO_TEST_CASE(unknown_personality_is_an_error) {  // E62, E63
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["personality"] = {{"domain", "WINDOWS"}};
  check_refused(runtime, bundle, "/linux/personality/domain");
  bundle.linux()["personality"] = {{"domain", "LINUX"}, {"flags", {"ANY"}}};
  check_refused(runtime, bundle, "/linux/personality/flags");
}

BOOST_AUTO_TEST_SUITE_END()
