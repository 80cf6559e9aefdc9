// What exec would do, as a value.
#include "runtime/plan/exec.hpp"

#include <sched.h>

#include <boost/test/unit_test.hpp>

#include "runtime/base/error.hpp"

namespace ocelot {
namespace {

using Strings = std::vector<std::string>;

oci::Process container_process() {
  oci::Process process;
  process.args = {"sh"};
  process.env = {"A=1"};
  process.cwd = "/";
  process.user = {.uid = 1, .gid = 2, .umask = {}, .additional_gids = {3}};
  process.capabilities = oci::Capabilities{.bounding = {"CAP_KILL"},
                                           .effective = {"CAP_KILL"},
                                           .inheritable = {"CAP_KILL"},
                                           .permitted = {"CAP_KILL"},
                                           .ambient = {"CAP_KILL"}};
  process.rlimits = {{"RLIMIT_CORE", 1, 2}};
  process.oom_score_adj = 7;
  process.apparmor_profile = "profile";
  process.terminal = true;
  return process;
}

cgroups::Location container_cgroup() {
  return {cgroups::Manager::systemd,
          {{"memory", "/c"}, {"cpu,cpuacct", "/c"}, {"name=systemd", "/s/c"}, {"", "/s/c"}}};
}

std::string path(const cgroups::Location& location, const std::string& hierarchy) {
  return location.paths.at(hierarchy);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(exec_plan)

BOOST_AUTO_TEST_CASE(options_change_the_containers_process) {
  ExecOptions options;
  options.args = {"true"};
  options.env = {"B=2"};
  options.uid = 10;
  options.additional_gids = {30};
  options.capabilities = {"CAP_CHOWN"};
  const oci::Process process = described_process(container_process(), options);
  BOOST_TEST(process.args == Strings{"true"}, boost::test_tools::per_element());
  BOOST_TEST(process.env == (Strings{"A=1", "B=2"}), boost::test_tools::per_element());
  BOOST_TEST(process.user.uid == 10U);
  BOOST_TEST(process.user.gid == 2U);
  BOOST_TEST(process.user.additional_gids.size() == 2U);
  BOOST_TEST(!process.terminal);
  BOOST_TEST(process.capabilities->permitted.size() == 2U);
  BOOST_TEST(process.capabilities->inheritable.size() == 1U);  // CVE-2022-29162
  BOOST_TEST(process.capabilities->ambient.size() == 1U);
}

BOOST_AUTO_TEST_CASE(document_is_completed_from_the_container_but_for_who_it_is) {
  oci::Process document;
  document.args = {"true"};
  document.cwd = "/tmp";
  const oci::Process process = completed_process(document, container_process());
  BOOST_TEST(process.user.uid == 0U);
  BOOST_TEST(process.env.empty());
  BOOST_TEST(process.rlimits.size() == 1U);
  BOOST_TEST(*process.oom_score_adj == 7);
  BOOST_TEST(process.apparmor_profile == "profile");
  BOOST_TEST(process.capabilities->bounding.size() == 1U);
}

BOOST_AUTO_TEST_CASE(every_listed_namespace_is_joined_and_affinity_is_a_mask) {
  oci::Spec spec;
  spec.process = container_process();
  spec.process->exec_cpu_affinity = oci::ExecCpuAffinity{"0", "1,64"};
  spec.linux_.emplace();
  spec.linux_->namespaces = {{oci::NamespaceType::mount, ""},
                             {oci::NamespaceType::pid, ""},
                             {oci::NamespaceType::network, "/proc/1/ns/net"}};
  ExecPlan plan = plan_exec(spec, Host{}, PlanInput{});
  BOOST_TEST(plan.join == (CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET));
  BOOST_TEST(plan.initial_affinity == CpuMask{1}, boost::test_tools::per_element());
  BOOST_TEST(plan.process.scheduling.processors == (CpuMask{2, 1}),
             boost::test_tools::per_element());
  BOOST_TEST((plan.process.scheduling.affinity == Affinity::listed));
  const auto affinity = [&] {
    return plan_exec(spec, Host{}, PlanInput{}).process.scheduling.affinity;
  };
  spec.process->exec_cpu_affinity = oci::ExecCpuAffinity{"0", ""};
  BOOST_TEST((affinity() == Affinity::inherited));
  spec.process->exec_cpu_affinity.reset();
  BOOST_TEST((affinity() == Affinity::all));
  spec.process->scheduler.emplace();
  BOOST_TEST((affinity() == Affinity::inherited));
}

BOOST_AUTO_TEST_CASE(cgroup_is_where_init_is_whoever_made_it) {
  const auto location = exec_cgroup(container_cgroup(),
                                    "3:memory:/c/deeper\n2:cpu,cpuacct:/c\n0::/../x\n9:pids:/", {});
  BOOST_TEST((location.manager == cgroups::Manager::cgroupfs));  // nobody is asked to join it
  BOOST_TEST(path(location, "memory") == "/c/deeper");
  BOOST_TEST(path(location, "cpu,cpuacct") == "/c");
  BOOST_TEST(path(location, "") == "/s/c");  // outside of what we see: the one that was made
  BOOST_TEST(location.paths.size() == 4U);
}

BOOST_AUTO_TEST_CASE(sub_cgroup_is_below_the_containers) {
  auto location = exec_cgroup(container_cgroup(), "3:memory:/c/deeper\n", {"/a//b/"});
  BOOST_TEST(path(location, "memory") == "/c/a/b");
  BOOST_TEST(path(location, "") == "/s/c/a/b");
  location = exec_cgroup(container_cgroup(), "3:memory:/c/deeper\n", {"cpu:a", "name=systemd:b"});
  BOOST_TEST(path(location, "memory") == "/c/deeper");
  BOOST_TEST(path(location, "cpu,cpuacct") == "/c/a");
  BOOST_TEST(path(location, "name=systemd") == "/s/c/b");
}

BOOST_AUTO_TEST_CASE(sub_cgroup_that_leaves_the_containers_or_names_nothing_is_refused) {
  for (const Strings& arguments :
       {Strings{".."}, Strings{"a/../../b"}, Strings{"memory:.."}, Strings{"nosuch:a"},
        Strings{":a"}, Strings{"memory:a", "memory:b"}, Strings{"memory,memory:a"},
        Strings{"a", "b"}})
    BOOST_CHECK_THROW(exec_cgroup(container_cgroup(), "", arguments), Error);
  BOOST_CHECK_THROW(exec_cgroup({cgroups::Manager::disabled, {}}, "", {"a"}), Error);
}

BOOST_AUTO_TEST_CASE(a_subgroup_is_where_the_container_is) {
  const cgroups::Location container{
      .manager = cgroups::Manager::systemd, .paths = {{"", "/s/c.scope"}}, .subgroup = "container"};
  BOOST_TEST(path(exec_cgroup(container, "0::/../other\n", {}), "") == "/s/c.scope/container");
  BOOST_TEST(path(exec_cgroup(container, "0::/s/c.scope/container/leaf\n", {}), "") ==
             "/s/c.scope/container/leaf");
  BOOST_TEST(path(exec_cgroup(container, "0::/s/c.scope/container/leaf\n", {"inner"}), "") ==
             "/s/c.scope/container/inner");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot
