// Cgroups that are frozen, not empty, gone, or full of others made inside (F15 to F18, F21).
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>

#include "tests/faults/alive.hpp"
#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

RunOptions within(std::chrono::milliseconds time) {
  RunOptions options;
  options.timeout = time;
  return options;
}

// Waits, by reading, for the kernel to freeze what is in `cgroup`.
void freeze(const std::string& cgroup) {
  write_file(cgroup + "/freezer.state", "FROZEN");
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (read_file(cgroup + "/freezer.state") != "FROZEN\n")
    if (std::chrono::steady_clock::now() > deadline)
      throw std::runtime_error(cgroup + " does not freeze");
}

// A child of this process that waits to be killed, in `cgroup`.
class Occupant {
 public:
  explicit Occupant(const std::string& cgroup) : pid_{checked(::fork(), "fork")} {
    if (pid_ == 0)
      for (;;) ::pause();
    write_file(cgroup + "/cgroup.procs", std::to_string(pid_));
  }
  Occupant(const Occupant&) = delete;
  Occupant& operator=(const Occupant&) = delete;
  ~Occupant() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  pid_t pid() const { return pid_; }
  bool lives() const { return ::waitpid(pid_, nullptr, WNOHANG) == 0; }

 private:
  pid_t pid_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(cgroup_trouble,
                      *needs::root() * needs::cgroup_v1() * needs::controller("freezer"))

BOOST_AUTO_TEST_CASE(kill_ends_a_frozen_container,
                     *needs::ocelot("runc leaves it frozen")) {  // F18
  Runtime runtime;
  Bundle bundle;
  Container container = start_echo(runtime, bundle);
  freeze(bundle.cgroup("freezer"));
  BOOST_TEST(runtime.status("c") == "paused");
  const Output killed = runtime.call({"kill", "c", "KILL"}, within(5s));
  BOOST_TEST(killed.status == 0, killed.err);
  container.wait();
  BOOST_TEST(runtime.status("c") == "stopped");
  BOOST_TEST(container.del().status == 0);
}

BOOST_AUTO_TEST_CASE(delete_by_force_ends_a_frozen_container) {  // F18
  Runtime runtime;
  Bundle bundle;
  const Leftovers before{{runtime.root()}};
  Container container = start_echo(runtime, bundle);
  freeze(bundle.cgroup("freezer"));
  const Output removed = runtime.call({"delete", "--force", "c"}, within(10s));
  BOOST_TEST(removed.status == 0, removed.err);
  BOOST_TEST(before.since().empty());
}

BOOST_AUTO_TEST_CASE(a_frozen_cgroup_below_is_thawed_too,
                     *needs::ocelot("runc thaws the container's own only")) {  // F18
  Runtime runtime;
  Bundle bundle;
  const Leftovers before{{runtime.root()}};
  Container container = start_echo(runtime, bundle);
  const std::string inner = bundle.cgroup("freezer") + "/inner";
  fs::create_directory(inner);
  write_file(inner + "/cgroup.procs", std::to_string(container.pid()));
  freeze(inner);
  const Output removed = runtime.call({"delete", "--force", "c"}, within(10s));
  BOOST_TEST(removed.status == 0, removed.err);
  BOOST_TEST(before.since().empty());
}

BOOST_AUTO_TEST_CASE(a_frozen_container_is_not_started_and_not_deleted, *needs::ocelot()) {  // F18
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args({"/bin/sleep", "1000"}));
  freeze(bundle.cgroup("freezer"));
  check_error(runtime.call({"start", "c"}, within(5s)), "paused");
  check_error(runtime.call({"delete", "c"}, within(5s)), "not stopped");
  BOOST_TEST(is_alive(container.pidfd()));
  write_file(bundle.cgroup("freezer") + "/freezer.state", "THAWED");
  BOOST_TEST(container.start().status == 0);
}

// The control: on v1 a signal alone does nothing to a frozen process.
BOOST_AUTO_TEST_CASE(a_frozen_process_outlives_sigkill_until_it_is_thawed) {
  const std::string cgroup = cgroup_directory("freezer", cgroup_parent() + "/control");
  fs::create_directory(cgroup);
  {
    const Occupant occupant{cgroup};
    freeze(cgroup);
    ::kill(occupant.pid(), SIGKILL);
    BOOST_TEST(occupant.lives());
    write_file(cgroup + "/freezer.state", "THAWED");
  }
  fs::remove(cgroup);
}

BOOST_AUTO_TEST_CASE(a_cgroup_in_use_is_refused_and_its_processes_live,
                     *needs::ocelot("runc 1.1 only warns")) {  // F16
  Runtime runtime;
  Bundle bundle;
  bundle.args({"/bin/true"});
  const std::string cgroup = bundle.cgroup("pids");
  fs::create_directory(cgroup);
  {
    const Occupant occupant{cgroup};
    check_refused(runtime, bundle, std::to_string(occupant.pid()));
    BOOST_TEST(runtime.call({"delete", "--force", "refused"}).status == 0);
    BOOST_TEST(occupant.lives());
    BOOST_TEST(fs::exists(cgroup));
  }
  fs::remove(cgroup);
}

BOOST_AUTO_TEST_CASE(a_frozen_cgroup_is_refused) {  // F16
  Runtime runtime;
  Bundle bundle;
  bundle.args({"/bin/true"});
  const std::string cgroup = bundle.cgroup("freezer");
  fs::create_directory(cgroup);
  write_file(cgroup + "/freezer.state", "FROZEN");
  const std::string words = check_refused(runtime, bundle, "frozen");
  BOOST_TEST(contains(words, "frozen"));
  std::error_code ignored;  // a reference removes what it did not make
  fs::remove(cgroup, ignored);
}

BOOST_AUTO_TEST_CASE(cgroups_that_vanished_are_no_obstacle) {  // F15, L30
  Runtime runtime;
  Bundle bundle;
  const Leftovers before{{runtime.root()}};
  Container container = start_echo(runtime, bundle);
  container.kill("KILL");
  container.wait();
  for (const Hierarchy& hierarchy : hierarchies()) {
    std::error_code ignored;
    fs::remove(hierarchy.mount_point + bundle.linux()["cgroupsPath"].get<std::string>(), ignored);
  }
  BOOST_TEST(runtime.status("c") == "stopped");
  const Output removed = container.del();
  BOOST_TEST(removed.status == 0, removed.err);
  BOOST_TEST(before.since().empty());
}

BOOST_AUTO_TEST_CASE(cgroups_made_inside_go_with_the_container) {  // F17
  Runtime runtime;
  Bundle bundle;
  const Leftovers before{{runtime.root()}};
  Container container = start_echo(runtime, bundle);
  for (const char* controller : {"memory", "pids", "freezer"}) {
    std::string deep = bundle.cgroup(controller);
    for (int depth = 0; depth < 20; ++depth) fs::create_directory(deep += "/deep");
    for (int i = 0; i < 50; ++i)
      fs::create_directory(bundle.cgroup(controller) + "/wide" + std::to_string(i));
  }
  const Output removed = runtime.call({"delete", "--force", "c"}, within(10s));
  BOOST_TEST(removed.status == 0, removed.err);
  BOOST_TEST(before.since().empty());
}

BOOST_AUTO_TEST_CASE(whoever_outlives_init_in_a_shared_pid_namespace_is_killed) {  // F21
  Runtime runtime;
  Bundle bundle;
  const Leftovers before{{runtime.root()}};
  bundle.remove_namespace("pid");
  bundle.remove_mount("/proc");
  bundle.add_mount("/proc", "bind", "/proc", {"rbind", "ro"});
  bundle.shell("sleep 1000 & sleep 1001 & echo made; wait");
  {
    Container container = runtime.must_create(bundle);
    container.start();
    container.read_until("made\n");
    checked(::kill(container.pid(), SIGKILL), "kill init");
    container.wait();
    BOOST_TEST(runtime.status("c") == "stopped");
    const Output removed = runtime.call({"delete", "--force", "c"}, within(10s));
    BOOST_TEST(removed.status == 0, removed.err);
  }
  const std::vector<std::string> left = before.since();
  BOOST_TEST(left.empty(), "left behind: " << (left.empty() ? "" : left.front()));
}

BOOST_AUTO_TEST_CASE(a_fork_bomb_ends) {  // F11
  Runtime runtime;
  Bundle bundle;
  const Leftovers before{{runtime.root()}};
  bundle.linux()["resources"]["pids"]["limit"] = 64;
  bundle.shell("bomb() { bomb | bomb & }; echo lit; while :; do bomb; done 2> /dev/null");
  Container container = runtime.must_create(bundle);
  container.start();
  container.read_until("lit\n");
  const Output removed = runtime.call({"delete", "--force", "c"}, within(10s));
  BOOST_TEST(removed.status == 0, removed.err);
  container.wait();
  BOOST_TEST(before.since().empty());
}

BOOST_AUTO_TEST_SUITE_END()
