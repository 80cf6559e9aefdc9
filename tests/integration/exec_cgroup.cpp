// In which cgroup, and on which processors, a process that was added to a container is.
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

std::string path_in(const std::string& cgroups, const std::string& hierarchy) {
  std::istringstream lines{cgroups};
  for (std::string line; std::getline(lines, line);) {
    const std::size_t at = line.find(":" + hierarchy + ":");
    if (at != std::string::npos) return line.substr(at + hierarchy.size() + 2);
  }
  return {};
}

// A cgroup below the bundle's in the hierarchy of a controller, for as long as this lives.
class Below {
 public:
  Below(const Bundle& bundle, const std::string& controller, const std::string& name)
      : path_(bundle.cgroup(controller) + "/" + name) {
    checked(::mkdir(path_.c_str(), 0755), "mkdir " + path_);
  }
  Below(const Below&) = delete;
  Below& operator=(const Below&) = delete;
  ~Below() { ::rmdir(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(exec_cgroup, *needs::root())

BOOST_AUTO_TEST_CASE(process_is_where_init_is) {
  Runtime runtime;
  Bundle bundle;
  Running running{runtime, bundle};
  const std::string of_init =
      read_file("/proc/" + std::to_string(running.container().pid()) + "/cgroup");
  BOOST_TEST(running.exec({"cat", "/proc/self/cgroup"}).out == of_init);
}

BOOST_AUTO_TEST_CASE(process_of_a_container_without_a_cgroup_is_where_its_caller_is,
                     *needs::ocelot()) {
  Runtime runtime;
  Bundle bundle;
  bundle.args({"sleep", "1000"}).write();
  Command creation{
      runtime.command({"--cgroup-manager", "disabled", "create", "--bundle", bundle.path(), "c"})};
  const Output created = creation.wait();
  BOOST_REQUIRE_MESSAGE(created.status == 0, created.err);
  BOOST_REQUIRE_EQUAL(runtime.start("c").status, 0);
  const Output added = runtime.call({"exec", "c", "cat", "/proc/self/cgroup"});
  BOOST_TEST(added.status == 0, added.err);
  BOOST_TEST(added.out == read_file("/proc/self/cgroup"));
  const Output elsewhere = runtime.call({"exec", "--cgroup", "below", "c", "true"});
  BOOST_TEST(elsewhere.status != 0);
  const UniqueFd init = open_pidfd(runtime.state("c")["pid"]);
  BOOST_TEST(runtime.del("c", {"--force"}).status == 0);
  wait_for_end(init.get());
}

BOOST_AUTO_TEST_CASE(process_follows_init_to_another_cgroup,
                     *needs::cgroup_v1() *
                         needs::ocelot("runc 1.1 joins where init was born")) {  // L17
  Runtime runtime;
  Bundle bundle;
  Running running{runtime, bundle};
  const Below deeper{bundle, "pids", "moved"};
  write_file(deeper.path() + "/cgroup.procs", std::to_string(running.container().pid()));
  const std::string own = bundle.linux()["cgroupsPath"];
  const std::string seen = running.exec({"cat", "/proc/self/cgroup"}).out;
  BOOST_TEST(path_in(seen, "pids") == own + "/moved");
  BOOST_TEST(path_in(seen, "memory") == own);
  write_file(bundle.cgroup("pids") + "/cgroup.procs", std::to_string(running.container().pid()));
}

BOOST_AUTO_TEST_CASE(cgroup_below_the_containers_can_be_named_by_controller, *needs::cgroup_v1()) {
  Runtime runtime;
  Bundle bundle;
  Running running{runtime, bundle};
  const Below pids{bundle, "pids", "sub"}, memory{bundle, "memory", "sub"};
  const std::string own = bundle.linux()["cgroupsPath"];
  const std::string seen =
      running.exec({"cat", "/proc/self/cgroup"}, {"--cgroup", "pids,memory:sub"}).out;
  BOOST_TEST(path_in(seen, "pids") == own + "/sub");
  BOOST_TEST(path_in(seen, "memory") == own + "/sub");
  BOOST_TEST(path_in(seen, "freezer") == own);
}

BOOST_AUTO_TEST_CASE(cgroup_outside_the_containers_is_refused) {
  Runtime runtime;
  Bundle bundle;
  Running running{runtime, bundle};
  for (const char* path : {"..", "../..", "sub/../../..", "pids:../x", "nosuch:x", "missing"})
    BOOST_TEST(running.exec({"true"}, {"--cgroup", path}).status == 255, path);
  BOOST_TEST(running.exec({"true"}, {"--cgroup", "pids:/", "--cgroup", "pids:/"}).status == 255);
}

BOOST_AUTO_TEST_CASE(processors_are_those_of_exec_cpu_affinity,
                     *needs::cpus(2) * needs::ocelot("runc 1.1 ignores execCPUAffinity")) {
  Runtime runtime;
  Bundle bundle;
  Running running{runtime, bundle};
  json process{{"cwd", "/"}, {"execCPUAffinity", {{"final", "1"}}}};
  BOOST_TEST(running.report_of(process)["affinity"].size() == 1U);
  process["execCPUAffinity"] = {{"initial", "0"}};
  BOOST_TEST(running.report_of(process)["affinity"].size() == 1U);
  process.erase("execCPUAffinity");
  BOOST_TEST(running.report_of(process)["affinity"].size() >= 2U);
  process["execCPUAffinity"] = {{"final", "x"}};
  process["args"] = {"true"};
  Output output = running.exec_document(process.dump());
  BOOST_TEST(output.status == 255);
  BOOST_TEST(contains(output.err, "/execCPUAffinity/final"), output.err);
}

BOOST_AUTO_TEST_SUITE_END()
