#include "shim/peer_cgroup.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <string>
#include <thread>

#include "runtime/base/file.hpp"
#include "runtime/base/process.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_processes.hpp"

namespace ocelot::shim {
namespace {

cgroups::Location at(std::map<std::string, std::string> paths) {
  return {cgroups::Manager::cgroupfs, std::move(paths)};
}

// A process whose first thread has ended, and the other goes on until it is killed.
ChildProcess without_first_thread() {
  sys::Pipe told = sys::pipe();
  ChildProcess child = spawn(
      "headless", {},
      [&] {
        std::thread{[&] {
          const std::string first = "/proc/self/task/" + std::to_string(::getpid()) + "/stat";
          while (read_file(AT_FDCWD, first).find(") Z ") == std::string::npos)
            std::this_thread::yield();
          sys::write_all(told.write_end.get(), "now");
          ::pause();
        }}.detach();
        ::syscall(SYS_exit, 0);
        return 0;
      },
      [](const Error&) {});
  told.write_end.reset();
  char word[3];
  BOOST_REQUIRE_EQUAL(sys::read_some(told.read_end.get(), word), sizeof word);
  return child;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(shim_peer_cgroup)

BOOST_AUTO_TEST_CASE(a_cgroup_and_those_below_it_in_any_hierarchy_are_the_containers) {
  const auto container = at({{"memory", "/pod/c"}, {"", "/pod/c"}});
  BOOST_TEST(is_at_or_below(container, {{"memory", "/pod/c"}}));
  BOOST_TEST(is_at_or_below(container, {{"memory", "/pod/c/below"}}));
  BOOST_TEST(is_at_or_below(container, {{"memory", "/"}, {"", "/pod/c"}}));
  BOOST_TEST(!is_at_or_below(container, {{"memory", "/pod"}, {"", "/"}}));
  BOOST_TEST(!is_at_or_below(container, {{"memory", "/pod/cc"}}));
  BOOST_TEST(!is_at_or_below(container, {{"cpu", "/pod/c"}}));
  BOOST_TEST(!is_at_or_below(container, {}));
}

BOOST_AUTO_TEST_CASE(a_process_elsewhere_is_none_of_the_containers) {
  BOOST_TEST(!belongs_to_container(at({{"memory", "/nowhere"}}), ::getpid(), -1));
  BOOST_TEST(!belongs_to_container(at({}), ::getpid(), -1));
}

// Its cgroup reads as the root of each v1 hierarchy.
BOOST_AUTO_TEST_CASE(of_a_process_without_its_first_thread_nothing_is_believed) {
  ChildProcess child = without_first_thread();
  const auto why = belongs_to_container(at({{"memory", "/nowhere"}}), child.pid(), child.pidfd());
  BOOST_REQUIRE(why);
  BOOST_TEST(why->find("its first thread has") != std::string::npos);
  sys::pidfd_send_signal(child.pidfd(), SIGKILL);
  child.wait();
}

BOOST_AUTO_TEST_CASE(one_that_has_ended_is_refused) {
  ChildProcess child = spawn(
      "short", {}, [] { return 0; }, [](const Error&) {});
  const pid_t pid = child.pid();
  const UniqueFd pidfd = sys::duplicate(child.pidfd());
  child.wait();
  BOOST_TEST(belongs_to_container(at({{"memory", "/nowhere"}}), pid, pidfd.get()).has_value());
  BOOST_TEST(belongs_to_container(at({{"memory", "/nowhere"}}), pid, -1).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::shim
