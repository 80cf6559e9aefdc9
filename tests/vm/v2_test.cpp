#include <fcntl.h>
#include <linux/bpf.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "runtime/base/error.hpp"
#include "runtime/base/sys_files.hpp"
#include "tests/kernel/cgroups/container.hpp"
#include "tests/support/cgroups.hpp"
#include "tests/support/check.hpp"
#include "tests/support/needs.hpp"
#include "tests/support/temp_dir.hpp"

using namespace ocelot;
using namespace ocelot::cgroups;
using namespace ocelot::test;
namespace fs = std::filesystem;

namespace {

const Host& host() {
  return hosts().front();
}

// The number of device programs attached to a cgroup itself.
unsigned device_programs(const std::string& directory) {
  const ocelot::UniqueFd cgroup = sys::open(AT_FDCWD, directory, O_RDONLY | O_DIRECTORY);
  bpf_attr attributes{};
  attributes.query.target_fd = static_cast<std::uint32_t>(cgroup.get());
  attributes.query.attach_type = BPF_CGROUP_DEVICE;
  checked(static_cast<int>(::syscall(SYS_bpf, BPF_PROG_QUERY, &attributes, sizeof attributes)),
          "bpf BPF_PROG_QUERY");
  return attributes.query.prog_cnt;
}

auto refused(ErrorKind kind, const std::string& words) {
  return [=](const Error& error) {
    BOOST_TEST_MESSAGE(error.what() << " / " << error.hint());
    return error.kind() == kind &&
           (std::string(error.what()) + error.hint()).find(words) != std::string::npos;
  };
}

// errno of a write as another user, or 0.
int write_as_is(const std::string& path, const char* value) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd == -1) return errno;
  return ::write(fd, value, std::char_traits<char>::length(value)) == -1 ? errno : 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cgroup_v2, *needs::cgroup_v2())

BOOST_AUTO_TEST_CASE(every_controller_of_the_host_is_enabled_for_the_container) {
  Container container{host(), "a/b/c"};
  BOOST_TEST(container.read("cgroup.controllers") ==
             test::read_file("/sys/fs/cgroup/cgroup.controllers"));
}

BOOST_AUTO_TEST_CASE(swap_is_what_exceeds_memory) {
  Container container{host()};
  container.driver().apply({.memory = oci::MemoryResources{.limit = 1 << 26, .swap = 1 << 27}});
  BOOST_TEST(container.read("memory.swap.max") == "67108864\n");
  container.update({.memory = oci::MemoryResources{.limit = -1}});
  BOOST_TEST(container.read("memory.swap.max") == "max\n");
}

BOOST_AUTO_TEST_CASE(no_task_at_all_is_a_limit) {
  Container container{host()};
  container.driver().apply({.pids = oci::PidsResources{0}});
  BOOST_TEST(container.read("pids.max") == "0\n");
}

BOOST_AUTO_TEST_CASE(burst_and_idle_are_written) {
  Container container{host()};
  container.driver().apply(
      {.cpu = oci::CpuResources{.quota = 50'000, .burst = 20'000, .period = 100'000, .idle = 1}});
  BOOST_TEST(container.read("cpu.max.burst") == "20000\n");
  BOOST_TEST(container.read("cpu.idle") == "1\n");
  container.update({.cpu = oci::CpuResources{.shares = 1024, .idle = 0}});
  BOOST_TEST(container.read("cpu.weight") == "100\n");
}

BOOST_AUTO_TEST_CASE(unified_overrides_and_may_name_any_file_that_is_there) {
  Container container{host()};
  container.driver().apply(
      {.pids = oci::PidsResources{5}, .unified = {{"pids.max", "7"}, {"memory.high", "1048576"}}});
  BOOST_TEST(container.read("pids.max") == "7\n");
  BOOST_TEST(container.read("memory.high") == "1048576\n");
}

BOOST_AUTO_TEST_CASE(unified_that_names_no_file_is_refused_by_name) {
  Container container{host()};
  BOOST_CHECK_EXCEPTION(container.driver().apply({.unified = {{"memory.no_such", "1"}}}), Error,
                        refused(ErrorKind::Unsupported, "memory.no_such"));
}

BOOST_AUTO_TEST_CASE(a_parent_with_a_process_in_it_gives_no_controller_and_the_error_says_so) {
  Container parent{host(), "pod"};
  const ChildProcess child = parent.start_idle();
  Container container{host(), "pod/c"};
  BOOST_CHECK_NO_THROW(container.driver().apply({.devices = {{true, 'a', {}, {}, "rwm"}}}));
  BOOST_CHECK_EXCEPTION(
      container.driver().apply({.memory = oci::MemoryResources{.limit = 1 << 26}}), Error,
      refused(ErrorKind::Unsupported, "the controller memory is not enabled for this cgroup"));
}

BOOST_AUTO_TEST_CASE(one_device_program_replaces_another) {
  Container container{host()};
  container.driver().apply({});
  BOOST_TEST(device_programs(container.directory()) == 1u);
  for (int round = 0; round < 70; ++round)
    container.update({.devices = {{true, 'b', round, {}, "r"}}});
  BOOST_TEST(device_programs(container.directory()) == 1u);
}

BOOST_AUTO_TEST_CASE(a_container_that_may_use_every_device_has_no_program) {
  Container container{host()};
  container.driver().apply({.devices = {{true, 'a', {}, {}, "rwm"}}});
  BOOST_TEST(device_programs(container.directory()) == 0u);
  container.update({.devices = {{false, 'a', {}, {}, "rwm"}}});
  BOOST_TEST(device_programs(container.directory()) == 1u);
  container.update({.devices = {{true, 'a', {}, {}, "rwm"}}});
  BOOST_TEST(device_programs(container.directory()) == 0u);
}

BOOST_AUTO_TEST_CASE(a_delegated_cgroup_can_be_divided_by_its_owner_but_its_limits_stay_ours) {
  Container container{host()};
  container.driver().apply({.memory = oci::MemoryResources{.limit = 1 << 26}});
  container.driver().delegate(1000);
  const std::string directory = container.directory();
  struct stat facts {};
  checked(::stat((directory + "/cgroup.procs").c_str(), &facts), "stat");
  BOOST_TEST(facts.st_uid == 1000u);
  BOOST_TEST(facts.st_gid == 0u);
  checked(::stat((directory + "/memory.max").c_str(), &facts), "stat");
  BOOST_TEST(facts.st_uid == 0u);
  ChildProcess owner = container.start([&] {
    checked(::setresuid(1000, 1000, 1000), "setresuid");
    checked(::mkdir((directory + "/leaf").c_str(), 0755), "mkdir");
    if (write_as_is(directory + "/leaf/cgroup.procs", "0") != 0) return 1;
    if (write_as_is(directory + "/cgroup.subtree_control", "+memory") != 0) return 2;
    if (write_as_is(directory + "/leaf/memory.max", "1048576") != 0) return 3;
    if (write_as_is(directory + "/memory.max", "max") != EACCES) return 4;
    return 0;
  });
  BOOST_TEST(owner.wait().code == 0);
  container.driver().remove();
  BOOST_TEST(!fs::exists(directory));
}

BOOST_AUTO_TEST_CASE(a_cgroup_that_was_not_delegated_cannot_be_divided) {
  Container container{host()};
  ChildProcess other = container.start([&] {
    checked(::setresuid(1000, 1000, 1000), "setresuid");
    return ::mkdir((container.directory() + "/leaf").c_str(), 0755) == -1 ? errno : 0;
  });
  BOOST_TEST(other.wait().code == EACCES);
}

BOOST_AUTO_TEST_CASE(a_threaded_part_is_listed_killed_and_removed) {
  Container container{host()};
  ChildProcess child = container.start_idle();
  const std::string threads = container.make_below("threads");
  test::write_file(threads + "/cgroup.type", "threaded");
  test::write_file(threads + "/cgroup.threads", std::to_string(child.pid()));
  BOOST_TEST(container.driver().processes() == std::vector<pid_t>{child.pid()},
             boost::test_tools::per_element());
  container.another()->remove();
  BOOST_TEST(child.wait().signal == SIGKILL);
  BOOST_TEST(!fs::exists(threads));
}

BOOST_AUTO_TEST_CASE(what_the_container_froze_below_dies_and_goes) {
  Container container{host()};
  ChildProcess child = container.start_idle();
  const std::string below = container.make_below("below");
  test::write_file(below + "/cgroup.procs", std::to_string(child.pid()));
  test::write_file(below + "/cgroup.freeze", "1");
  container.another()->remove();
  BOOST_TEST(child.wait().signal == SIGKILL);
  BOOST_TEST(!fs::exists(below));
}

BOOST_AUTO_TEST_SUITE_END()

// Of the guests only the emulated PC has these controllers.
BOOST_AUTO_TEST_SUITE(cgroup_v2_pc, *needs::cgroup_v2())

BOOST_AUTO_TEST_CASE(processors_and_memory_nodes_are_written, *needs::controller("cpuset")) {
  Container container{host()};
  container.driver().apply({.cpu = oci::CpuResources{.cpus = "1", .mems = "0"}});
  BOOST_TEST(container.read("cpuset.cpus") == "1\n");
  BOOST_TEST(container.read("cpuset.cpus.effective") == "1\n");
  ChildProcess child = container.start([] {
    cpu_set_t set;
    checked(::sched_getaffinity(0, sizeof set, &set), "sched_getaffinity");
    return CPU_COUNT(&set) == 1 && CPU_ISSET(1, &set) ? 0 : 1;
  });
  BOOST_TEST(child.wait().code == 0);
}

BOOST_AUTO_TEST_CASE(huge_pages_are_limited_when_used_and_when_reserved,
                     *needs::controller("hugetlb")) {
  Container container{host()};
  container.driver().apply({.hugepage_limits = {{"2MB", 4194304}}});
  BOOST_TEST(container.read("hugetlb.2MB.max") == "4194304\n");
  BOOST_TEST(container.read("hugetlb.2MB.rsvd.max") == "4194304\n");
}

BOOST_AUTO_TEST_CASE(a_page_size_that_the_host_has_not_is_refused_by_name,
                     *needs::controller("hugetlb")) {
  Container container{host()};
  BOOST_CHECK_EXCEPTION(container.driver().apply({.hugepage_limits = {{"3MB", 4194304}}}), Error,
                        refused(ErrorKind::Unsupported, "hugetlb.3MB.max"));
}

BOOST_AUTO_TEST_SUITE_END()
