#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <random>

#include "runtime/base/process.hpp"
#include "seccomp_profile.hpp"

using namespace ocelot;
using namespace ocelot::test;

namespace {

// Loads the program in a new process and runs `body` there, whose result is the exit status.
template <typename Body>
ExitStatus confined(const SeccompProgram& program, Body body) {
  const auto in_child = [&]() -> int {
    sys::set_no_new_privileges();
    const auto count = static_cast<std::uint16_t>(program.filter.size() / sizeof(sock_filter));
    const int loaded = sys::try_load_seccomp_filter(program.flags, count, program.filter.data());
    return loaded < 0 ? 200 : body(loaded);
  };
  return spawn("confined", {}, in_child, [](const Error&) {}).wait();
}

Seccomp answer_getpid(Action action) {
  Seccomp document = profile(Action::allow, {rule({"getpid"}, action)});
  document.listener_path = "/run/agent.sock";
  return document;
}

int errno_of_getpid(int) {
  return ::syscall(SYS_getpid) == -1 ? errno : 0;
}

ExitStatus call_getpid(Action action) {
  return confined(compile_seccomp(answer_getpid(action)), errno_of_getpid);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(seccomp_kernel)

BOOST_AUTO_TEST_CASE(the_kernel_does_what_each_action_says) {
  BOOST_TEST(call_getpid(Action::allow).code == 0);
  BOOST_TEST(call_getpid(Action::log).code == 0);
  BOOST_TEST(call_getpid(Action::errno_).code == EPERM);
  BOOST_TEST(call_getpid(Action::trace).code == ENOSYS);  // there is no tracer
  for (const Action action :
       {Action::kill, Action::kill_thread, Action::kill_process, Action::trap}) {
    BOOST_TEST(call_getpid(action).signal == SIGSYS);
  }
}

BOOST_AUTO_TEST_CASE(notify_gives_a_listener) {
  const auto program = compile_seccomp(answer_getpid(Action::notify));
  const ExitStatus ended = confined(program, [](int listener) {
    return listener > 2 && ::fcntl(listener, F_GETFD) == FD_CLOEXEC ? 0 : 1;
  });
  BOOST_TEST(ended.code == 0);
}

BOOST_AUTO_TEST_CASE(the_kernel_takes_every_flag) {
  for (const Action action : {Action::errno_, Action::notify}) {
    Seccomp document = answer_getpid(action);
    document.flags = {"SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
                      "SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"};
    BOOST_TEST(confined(compile_seccomp(document), [](int) { return 0; }).code == 0);
  }
}

#ifndef __SANITIZE_ADDRESS__  // which makes calls that this profile refuses
BOOST_AUTO_TEST_CASE(a_system_call_newer_than_the_profile_is_not_there) {
  const auto program = compile_seccomp(
      profile(Action::errno_, {rule({"exit", "exit_group", "futex_waitv"}, Action::allow)}));
  const auto call = [&](long number) {
    return confined(program, [number](int) { return ::syscall(number) == -1 ? errno : 0; }).code;
  };
  BOOST_TEST(call(SYS_getpid) == EPERM);
  BOOST_TEST(call(SYS_futex_waitv + 1) == ENOSYS);
  BOOST_TEST(call(5000) == ENOSYS);
}
#endif

BOOST_AUTO_TEST_CASE(the_kernel_and_the_evaluator_answer_alike) {
  std::mt19937_64 random{7};
  for (int round = 0; round < 60; ++round) {
    Seccomp document = profile(Action::allow);
    for (int i = 0; i < 3; ++i) {
      SeccompRule refuse = rule({"getpid"}, Action::errno_);
      refuse.errno_ret = 42;
      for (std::uint32_t index = 0; index <= random() % 3; ++index) {
        const std::uint64_t value = random() % 4 << (random() % 2 * 32);
        refuse.args.push_back({.index = index,
                               .value = value,
                               .value_two = value & random(),
                               .op = static_cast<Operator>(random() % 7)});
      }
      document.syscalls.push_back(refuse);
    }
    const auto program = compile_seccomp(document);
    const ExitStatus ended = confined(program, [&](int) {
      for (int i = 0; i < 300; ++i) {
        Arguments a{};
        for (std::uint64_t& argument : a) argument = random() % 4 << (random() % 2 * 32);
        const bool refused =
            ::syscall(SYS_getpid, a[0], a[1], a[2], a[3], a[4], a[5]) == -1 && errno == 42;
        if (refused != (ask(program.filter, "getpid", a) == SCMP_ACT_ERRNO(42))) return 1;
      }
      return 0;
    });
    BOOST_TEST(ended.code == 0);
  }
}

BOOST_AUTO_TEST_SUITE_END()
