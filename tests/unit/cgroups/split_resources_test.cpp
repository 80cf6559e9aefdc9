#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <set>

#include "cgroups/hybrid_driver.hpp"
#include "cgroups/settings.hpp"

using namespace ocelot;
using namespace ocelot::cgroups;

namespace {

Split split(const oci::Resources& resources, const std::set<std::string>& on_v2) {
  return split_resources(
      resources, [&](std::string_view name) { return on_v2.count(std::string(name)) != 0; });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(split_resources_)

BOOST_AUTO_TEST_CASE(each_limit_goes_where_its_controller_is) {
  oci::Resources resources;
  resources.devices = {{true, 'a', {}, {}, "rwm"}};
  resources.memory = oci::MemoryResources{.limit = 1};
  resources.pids = oci::PidsResources{2};
  resources.hugepage_limits = {{"2MB", 3}};
  const Split parts = split(resources, {"hugetlb", "pids"});
  BOOST_TEST(parts.v1.devices.size() == 1u);
  BOOST_TEST(parts.v1.memory.has_value());
  BOOST_TEST(!parts.v1.pids.has_value());
  BOOST_TEST(parts.v1.hugepage_limits.empty());
  BOOST_TEST(!parts.v2.memory.has_value());
  BOOST_TEST(parts.v2.pids->limit.value() == 2);
  BOOST_TEST(parts.v2.hugepage_limits.size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_files_of_a_hybrid_host_are_of_both_versions) {
  const Hierarchies hybrid{
      .mode = Mode::hybrid,
      .all = {{.name = "pids", .controllers = {"pids"}, .mount_point = "/pids", .own_path = "/"},
              {.name = "",
               .controllers = {"hugetlb"},
               .mount_point = "/unified",
               .own_path = "/",
               .unified = true}}};
  oci::Resources resources;
  resources.pids = oci::PidsResources{2};
  resources.hugepage_limits = {{"2MB", 3}};
  std::vector<std::string> files;
  for (const Setting& setting : settings(hybrid, resources)) files.push_back(setting.file);
  BOOST_TEST(std::ranges::count(files, "pids.max") == 1);
  BOOST_TEST(std::ranges::count(files, "hugetlb.2MB.max") == 1);
  BOOST_TEST(std::ranges::count(files, "hugetlb.2MB.limit_in_bytes") == 0);
}

BOOST_AUTO_TEST_CASE(processor_lists_go_with_cpuset_and_not_with_cpu) {
  const oci::Resources resources{.cpu = oci::CpuResources{.shares = 5, .cpus = "0", .mems = "1"}};
  const Split cpuset = split(resources, {"cpuset"});
  BOOST_TEST(cpuset.v1.cpu->shares.value() == 5u);
  BOOST_TEST(cpuset.v1.cpu->cpus.empty());
  BOOST_TEST(!cpuset.v2.cpu->shares.has_value());
  BOOST_TEST(cpuset.v2.cpu->mems == "1");
  const Split cpu = split(resources, {"cpu"});
  BOOST_TEST(cpu.v1.cpu->cpus == "0");
  BOOST_TEST(!cpu.v1.cpu->shares.has_value());
  BOOST_TEST(cpu.v2.cpu->shares.value() == 5u);
  BOOST_TEST(cpu.v2.cpu->cpus.empty());
  const Split both = split(resources, {"cpu", "cpuset"});
  BOOST_TEST(both.v2.cpu->cpus == "0");
  BOOST_TEST(both.v2.cpu->shares.value() == 5u);
  BOOST_TEST(both.v1.cpu->cpus.empty());
}

BOOST_AUTO_TEST_CASE(a_unified_file_of_a_controller_on_v1_stays_to_be_refused) {
  const oci::Resources resources{
      .unified = {{"memory.high", "1"}, {"hugetlb.2MB.max", "2"}, {"cgroup.max.depth", "3"}}};
  const Split parts = split(resources, {"hugetlb"});
  BOOST_TEST(parts.v1.unified.size() == 1u);
  BOOST_TEST(parts.v1.unified.count("memory.high") == 1u);
  BOOST_TEST(parts.v2.unified.size() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
