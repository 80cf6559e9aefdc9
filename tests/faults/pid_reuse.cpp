// A stranger that got the pid of a container's init is never touched (F20), nor anybody after a
// reboot (F40).
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/faults/alive.hpp"
#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

// A process with a pid of our choice, that waits to be killed.
class Stranger {
 public:
  explicit Stranger(pid_t pid) {
    clone_args arguments{};
    arguments.exit_signal = SIGCHLD;
    arguments.set_tid = reinterpret_cast<uint64_t>(&pid);
    arguments.set_tid_size = 1;
    const long made = ::syscall(SYS_clone3, &arguments, sizeof arguments);
    if (made == 0)
      for (;;) ::pause();
    checked(static_cast<int>(made), "clone3 with pid " + std::to_string(pid));
    pid_ = static_cast<pid_t>(made);
  }
  Stranger(const Stranger&) = delete;
  Stranger& operator=(const Stranger&) = delete;
  ~Stranger() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  bool lives() const { return ::waitpid(pid_, nullptr, WNOHANG) == 0; }

 private:
  pid_t pid_;
};

// A container whose init has ended and been reaped, and its pid.
pid_t end_of_init(Container& container) {
  const pid_t pid = container.pid();
  checked(::kill(pid, SIGKILL), "kill init");
  container.wait();
  return pid;
}

// The runtime as it is after a reboot: the kernel has another boot id.
RunOptions after_a_reboot(const std::string& boot_id_file) {
  RunOptions options;
  options.in_child = [boot_id_file] {
    checked(::unshare(CLONE_NEWNS), "unshare");
    checked(::mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "make private");
    checked(
        ::mount(boot_id_file.c_str(), "/proc/sys/kernel/random/boot_id", nullptr, MS_BIND, nullptr),
        "bind boot_id");
  };
  return options;
}

void check_stopped(const Runtime& runtime, const RunOptions& options = {}) {
  const Output output = runtime.call({"state", "c"}, options);
  BOOST_REQUIRE_MESSAGE(output.status == 0, output.err);
  const json state = json::parse(output.out);
  BOOST_TEST(state["status"] == "stopped");
  BOOST_TEST(state.value("pid", 0) == 0);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pid_reuse, *needs::root())

BOOST_AUTO_TEST_CASE(a_stranger_with_the_pid_of_init_is_not_signalled,
                     *needs::ocelot("runc takes it for init within the same clock tick")) {
  for (int round = 0; round < 3; ++round) {
    Runtime runtime;
    Bundle bundle;
    Container container = runtime.must_create(bundle.args({"/bin/sleep", "1000"}));
    container.start();
    const Stranger stranger{end_of_init(container)};
    check_stopped(runtime);
    check_error(container.kill("KILL"), "container not running");
    check_error(container.kill("USR1"), "container not running");
    check_error(container.start(), "cannot start a container that has stopped");
    BOOST_TEST(stranger.lives());
    BOOST_TEST(container.del().status == 0);
    BOOST_TEST(stranger.lives());
  }
}

BOOST_AUTO_TEST_CASE(a_stranger_survives_deletion_by_force, *needs::ocelot()) {
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args({"/bin/sleep", "1000"}));
  const Stranger stranger{end_of_init(container)};  // before it was started
  const Output removed = container.del({"--force"});
  BOOST_TEST(removed.status == 0, removed.err);
  BOOST_TEST(stranger.lives());
}

// The control: without the pidfs inode, a process that lives is told from a stranger by nothing.
BOOST_AUTO_TEST_CASE(the_stranger_has_the_pid_that_the_container_had) {
  Runtime runtime;
  Bundle bundle;
  Container container = runtime.must_create(bundle.args({"/bin/sleep", "1000"}));
  const pid_t pid = end_of_init(container);
  const Stranger stranger{pid};
  BOOST_TEST(::kill(pid, 0) == 0);
  BOOST_TEST(stranger.lives());
}

BOOST_AUTO_TEST_CASE(after_a_reboot_a_container_is_stopped_and_nobody_is_signalled,
                     *needs::ocelot("runc does not know one boot from another")) {
  Runtime runtime;
  Bundle bundle;
  TempDir files;
  write_file(files / "boot_id", "11111111-2222-3333-4444-555555555555\n");
  const RunOptions rebooted = after_a_reboot(files / "boot_id");
  // What now has the pid, and what is now in the cgroup of the same name, belong to others.
  Container container = runtime.must_create(bundle.args({"/bin/sleep", "1000"}));
  container.start();
  check_stopped(runtime, rebooted);
  check_error(runtime.call({"kill", "c", "KILL"}, rebooted), "container not running");
  check_error(runtime.call({"start", "c"}, rebooted), "cannot start a container that has stopped");
  BOOST_TEST(container.state()["status"] == "running");
  const Output removed = runtime.call({"delete", "c"}, rebooted);
  BOOST_TEST(removed.status == 0, removed.err);
  BOOST_TEST(runtime.status("c") == "absent");
  BOOST_TEST(is_alive(container.pidfd()), "the process was killed");
  checked(::kill(container.pid(), SIGKILL), "kill");
  container.wait();
  std::error_code ignored;
  for (const std::string& cgroup : our_cgroups()) std::filesystem::remove(cgroup, ignored);
}

BOOST_AUTO_TEST_SUITE_END()
