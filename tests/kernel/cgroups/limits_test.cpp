#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <fstream>

#include "container.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/sys_files.hpp"
#include "tests/support/cgroups.hpp"
#include "tests/support/check.hpp"
#include "tests/support/temp_dir.hpp"

using namespace ocelot;
using namespace ocelot::cgroups;
using namespace ocelot::test;

namespace {

constexpr std::int64_t mebibyte = 1 << 20;

bool on_v1(const Host& host) {
  return host.hierarchies.mode != Mode::unified;
}

oci::Resources memory(std::int64_t limit, std::optional<std::int64_t> swap = {}) {
  return {.memory = oci::MemoryResources{.limit = limit, .swap = swap}};
}

// Touches and holds that much memory, which cannot be swapped out.
void hold(std::int64_t bytes) {
  void* block = ::mmap(nullptr, static_cast<std::size_t>(bytes), PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED | MAP_POPULATE, -1, 0);
  if (block == MAP_FAILED) throw Error{ErrorKind::Failed, "mmap", errno};
}

// errno of opening a node of this device for reading, in the container; 0 when it opens.
int opens(const Container& container, const std::string& node) {
  ChildProcess child = container.start(
      [&] { return ::open(node.c_str(), O_RDONLY | O_NONBLOCK) == -1 ? errno : 0; });
  return child.wait().code;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cgroup_limits)

BOOST_DATA_TEST_CASE(the_kernel_says_back_what_was_asked_for, hosts()) {
  Container container{sample};
  oci::Resources resources = memory(64 * mebibyte);
  resources.memory->reservation = 32 * mebibyte;
  resources.pids = oci::PidsResources{20};
  resources.cpu = oci::CpuResources{.shares = 512, .quota = 50'000, .period = 200'000};
  container.driver().apply(resources);
  BOOST_TEST(container.read("pids.max") == "20\n");
  if (on_v1(sample)) {
    BOOST_TEST(container.read("memory.limit_in_bytes") == "67108864\n");
    BOOST_TEST(container.read("memory.soft_limit_in_bytes") == "33554432\n");
    BOOST_TEST(container.read("cpu.shares") == "512\n");
    BOOST_TEST(container.read("cpu.cfs_quota_us") == "50000\n");
    BOOST_TEST(container.read("cpu.cfs_period_us") == "200000\n");
  } else {
    BOOST_TEST(container.read("memory.max") == "67108864\n");
    BOOST_TEST(container.read("memory.low") == "33554432\n");
    BOOST_TEST(container.read("cpu.weight") == "59\n");
    BOOST_TEST(container.read("cpu.max") == "50000 200000\n");
  }
}

BOOST_DATA_TEST_CASE(limits_move_up_and_down_and_away_whatever_the_kernel_compares_them_with,
                     hosts()) {
  Container container{sample};
  const auto limit = [&] {
    return container.read(on_v1(sample) ? "memory.limit_in_bytes" : "memory.max");
  };
  container.driver().apply(memory(64 * mebibyte, 64 * mebibyte));
  container.update(memory(128 * mebibyte, 256 * mebibyte));
  BOOST_TEST(limit() == "134217728\n");
  container.update(memory(32 * mebibyte, 48 * mebibyte));
  BOOST_TEST(limit() == "33554432\n");
  container.update(memory(-1));
  BOOST_TEST(limit() == (on_v1(sample) ? "9223372036854771712\n" : "max\n"));
  const oci::CpuResources small{.quota = 2000, .period = 10'000},
      large{.quota = 90'000, .burst = 50'000, .period = 100'000};
  const bool burst = std::ifstream(container.directory("cpu") +
                                   (on_v1(sample) ? "/cpu.cfs_burst_us" : "/cpu.max.burst"))
                         .good();
  for (oci::CpuResources cpu : {small, large, small}) {
    if (!burst) cpu.burst.reset();
    if (cpu.quota == small.quota && burst) cpu.burst = 1000;
    container.update({.cpu = cpu});
    BOOST_TEST(container.read(on_v1(sample) ? "cpu.cfs_quota_us" : "cpu.max")
                   .starts_with(std::to_string(*cpu.quota)));
  }
}

BOOST_DATA_TEST_CASE(a_new_period_alone_keeps_the_quota, hosts()) {
  Container container{sample};
  container.driver().apply({.cpu = oci::CpuResources{.quota = 5000, .period = 100'000}});
  container.update({.cpu = oci::CpuResources{.period = 50'000}});
  BOOST_TEST(container.read(on_v1(sample) ? "cpu.cfs_quota_us" : "cpu.max") ==
             (on_v1(sample) ? "5000\n" : "5000 50000\n"));
}

// E40
BOOST_DATA_TEST_CASE(an_update_to_less_than_is_used_is_refused_with_the_usage_when_that_was_asked,
                     hosts()) {
  Container container{sample};
  auto [ready, tell] = sys::pipe();
  const ChildProcess child = container.start([&] {
    hold(32 * mebibyte);
    sys::write_all(tell.get(), "x");
    for (;;) ::pause();
    return 0;
  });
  char byte = 0;
  BOOST_REQUIRE_EQUAL(sys::read_some(ready.get(), {&byte, 1}), 1u);
  oci::Resources less = memory(8 * mebibyte);
  less.memory->check_before_update = true;
  const auto tells_usage = [](const Error& error) {
    BOOST_TEST_MESSAGE(error.what() << " / " << error.hint());
    return (std::string(error.what()) + error.hint()).find("current usage: 3") !=
           std::string::npos;  // 32 MiB and a little
  };
  BOOST_CHECK_EXCEPTION(container.update(less), Error, tells_usage);
  // v1 refuses by itself.
  less.memory->check_before_update = false;
  if (on_v1(sample)) BOOST_CHECK_EXCEPTION(container.update(less), Error, tells_usage);
}

BOOST_DATA_TEST_CASE(a_value_that_the_kernel_refuses_is_told_with_its_file, hosts()) {
  Container container{sample};
  BOOST_CHECK_EXCEPTION(
      container.driver().apply({.cpu = oci::CpuResources{.quota = 1, .period = 100'000}}), Error,
      [&](const Error& error) {
        const std::string text = error.what();
        return text.find(on_v1(sample) ? "/cpu.cfs_quota_us" : "/cpu.max") != std::string::npos &&
               text.find("\"1") != std::string::npos && text.ends_with(": Invalid argument") &&
               !error.hint().empty();
      });
}

BOOST_DATA_TEST_CASE(a_killed_memory_hog_is_counted, hosts()) {
  Container container{sample};
  container.driver().apply(memory(8 * mebibyte, 8 * mebibyte));
  BOOST_TEST(container.driver().oom_kills().value() == 0u);
  ChildProcess hog = container.start([] {
    hold(64 * mebibyte);
    return 0;
  });
  BOOST_TEST(hog.wait().signal == SIGKILL);
  BOOST_TEST(container.driver().oom_kills().value() == 1u);
}

BOOST_DATA_TEST_CASE(a_device_that_no_rule_allows_cannot_be_opened_whatever_an_update_says,
                     hosts()) {
  TempDir directory;
  const std::string kmsg = directory / "kmsg", null = directory / "null";
  checked(::mknod(kmsg.c_str(), S_IFCHR | 0600, makedev(1, 11)), "mknod");
  checked(::mknod(null.c_str(), S_IFCHR | 0600, makedev(1, 3)), "mknod");
  Container container{sample};
  BOOST_TEST_REQUIRE(opens(container, kmsg) == 0);
  container.driver().apply({.devices = {{false, 'a', {}, {}, "rwm"}}});
  BOOST_TEST(opens(container, null) == 0);
  BOOST_TEST(opens(container, kmsg) == EPERM);
  container.update({.pids = oci::PidsResources{50}});
  BOOST_TEST(opens(container, kmsg) == EPERM);
  container.update({.devices = {{true, 'a', {}, {}, "rwm"}}});
  BOOST_TEST(opens(container, kmsg) == EPERM);
  container.update({.devices = {{false, 'c', 1, 3, "r"}}});
  BOOST_TEST(opens(container, null) == 0);
}

BOOST_DATA_TEST_CASE(any_node_may_be_made, hosts()) {
  TempDir directory;
  Container container{sample};
  container.driver().apply({});
  ChildProcess child = container.start(
      [&] { return ::mknod((directory / "disk").c_str(), S_IFBLK | 0600, makedev(8, 0)); });
  BOOST_TEST(child.wait().success());
}

BOOST_DATA_TEST_CASE(a_hundred_updates_of_the_rules_are_as_good_as_one, hosts()) {  // L26
  Container container{sample};
  for (int round = 0; round < 100; ++round)
    container.update({.devices = {{true, 'b', round, {}, "r"}}});
  TempDir directory;
  const std::string null = directory / "null";
  checked(::mknod(null.c_str(), S_IFCHR | 0600, makedev(1, 3)), "mknod");
  BOOST_TEST(opens(container, null) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
