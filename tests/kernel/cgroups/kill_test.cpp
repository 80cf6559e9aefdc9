#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdlib>

#include "container.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/sys_files.hpp"
#include "tests/support/cgroups.hpp"
#include "tests/support/check.hpp"

using namespace ocelot;
using namespace ocelot::cgroups;
using namespace ocelot::test;
using Clock = std::chrono::steady_clock;

namespace {

// Every process forks as fast as it can, for ever.
int fork_bomb() {
  for (;;) {
    if (::fork() == -1) ::sched_yield();
  }
}

// An emulated machine says how many times slower it is.
double slowness() {
  const char* times = std::getenv("OCELOT_TEST_SLOWNESS");
  return times == nullptr ? 1.0 : std::atof(times);
}

bool v1_frozen(const Container& container, const Host& host) {
  if (host.hierarchies.with_controller("freezer") == nullptr) return false;
  return test::read_file(container.directory("freezer") + "/freezer.state") != "THAWED\n";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cgroup_kill)

BOOST_DATA_TEST_CASE(a_frozen_process_does_not_run_until_it_is_thawed, hosts()) {
  Container container{sample};
  auto [request, ask] = sys::pipe();
  auto [answers, answer] = sys::pipe();
  const ChildProcess echo = container.start([&] {
    char byte = 0;
    while (sys::read_some(request.get(), {&byte, 1}) == 1) sys::write_all(answer.get(), {&byte, 1});
    return 0;
  });
  char byte = 0;
  sys::write_all(ask.get(), "a");
  BOOST_REQUIRE_EQUAL(sys::read_some(answers.get(), {&byte, 1}), 1u);

  container.driver().freeze(Freezer::frozen);
  BOOST_TEST(container.another()->frozen());
  sys::write_all(ask.get(), "b");
  BOOST_TEST(!wait_readable(answers.get(), 100));

  container.another()->freeze(Freezer::thawed);
  BOOST_TEST(!container.driver().frozen());
  BOOST_TEST(sys::read_some(answers.get(), {&byte, 1}) == 1u);
}

BOOST_DATA_TEST_CASE(a_fork_bomb_is_dead_within_two_seconds, hosts()) {
  Container container{sample};
  container.driver().apply({.pids = oci::PidsResources{512}});
  ChildProcess bomb = container.start(fork_bomb);
  BOOST_TEST_REQUIRE(eventually([&] { return container.read("pids.current") == "512\n"; }));
  const auto begin = Clock::now();
  container.another()->kill_all();
  const std::chrono::duration<double> took = Clock::now() - begin;
  BOOST_TEST_MESSAGE("512 processes: " << took.count() << " s");
  BOOST_TEST(took.count() < 2.0 * slowness());
  BOOST_TEST(bomb.wait().signal == SIGKILL);
  BOOST_TEST(container.driver().processes().empty());
  BOOST_TEST(!container.driver().frozen());
}

BOOST_DATA_TEST_CASE(a_paused_container_dies_and_is_left_thawed, hosts()) {
  Container container{sample};
  ChildProcess child = container.start_idle();
  container.driver().freeze(Freezer::frozen);
  container.another()->kill_all();
  BOOST_TEST(child.wait().signal == SIGKILL);
  BOOST_TEST(container.driver().processes().empty());
  BOOST_TEST(!v1_frozen(container, sample));
}

BOOST_DATA_TEST_CASE(a_signal_reaches_every_process_of_the_subtree_and_nobody_else, hosts()) {
  Container container{sample};
  ChildProcess one = container.start_idle(), two = container.start_idle();
  ChildProcess stranger = spawn(
      "ocelot-test", {},
      [] {
        for (;;) ::pause();
        return 0;
      },
      [](const Error&) {});
  test::write_file(container.make_below("sub") + "/cgroup.procs", std::to_string(two.pid()));
  BOOST_TEST(container.driver().processes().size() == 2u);
  container.driver().signal_all(SIGTERM);
  BOOST_TEST(one.wait().signal == SIGTERM);
  BOOST_TEST(two.wait().signal == SIGTERM);
  BOOST_TEST(!stranger.wait_for(0).has_value());
}

BOOST_DATA_TEST_CASE(nothing_is_left_frozen_when_descriptors_run_out_on_the_way, hosts()) {  // L31
  Container container{sample};
  ChildProcess child = container.start_idle();
  int failures = 0, successes = 0;
  for (rlim_t spare = 0; spare < 8; ++spare) {
    // A process of its own, so that the test keeps its descriptors.
    ChildProcess limited = spawn(
        "ocelot-test", {},
        [&] {
          const auto driver = container.another();
          driver->frozen();  // whatever a driver holds open, it holds now
          driver->processes();
          const UniqueFd lowest = sys::open(AT_FDCWD, "/", O_PATH);
          const rlimit limit{static_cast<rlim_t>(lowest.get()) + spare,
                             static_cast<rlim_t>(lowest.get()) + spare};
          checked(::setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
          driver->freeze(Freezer::frozen);
          driver->freeze(Freezer::thawed);
          driver->kill_all();
          return 0;
        },
        [](const Error&) {});
    const bool failed = !limited.wait().success();
    failures += failed;
    successes += !failed;
    BOOST_TEST(!container.driver().frozen(), "with " << spare << " descriptors to spare");
    BOOST_TEST(!v1_frozen(container, sample), "with " << spare << " descriptors to spare");
  }
  BOOST_TEST(failures > 0);
  BOOST_TEST(successes > 0);
  BOOST_TEST(child.wait().signal == SIGKILL);
}

BOOST_AUTO_TEST_SUITE_END()
