// The flags of the filter, as far as the kernel tells of them.
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

json profile_of(const std::string& action) {
  return {{"defaultAction", "SCMP_ACT_ALLOW"},
          {"syscalls", {{{"names", {"getpriority"}}, {"action", action}}}}};
}

void trace(__ptrace_request request, pid_t pid, unsigned long address = 0, void* data = nullptr) {
  checked(static_cast<int>(::ptrace(request, pid, address, data)), "ptrace");
}

// What ptrace(2) tells of the flags of a process's one filter: SECCOMP_FILTER_FLAG_LOG or nothing.
unsigned long long told_flags(pid_t pid) {
  trace(PTRACE_SEIZE, pid);
  trace(PTRACE_INTERRUPT, pid);
  checked(::waitpid(pid, nullptr, __WALL), "waitpid");
  __ptrace_seccomp_metadata told{};
  trace(PTRACE_SECCOMP_GET_METADATA, pid, sizeof told, &told);
  trace(PTRACE_DETACH, pid);
  return told.flags;
}

// The letter of its state in /proc.
char state_of(pid_t pid) {
  const std::string stat = read_file("/proc/" + std::to_string(pid) + "/stat");
  return stat.at(stat.rfind(')') + 2);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(seccomp_flags, *needs::root())

BOOST_AUTO_TEST_CASE(log_is_a_flag_of_the_filter_when_it_is_asked_for) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["seccomp"] = profile_of("SCMP_ACT_ERRNO");
  BOOST_TEST(told_flags(Running{runtime, bundle}.container().pid()) == 0U);
  for (const json& flags :
       {json::array(), json{"SECCOMP_FILTER_FLAG_SPEC_ALLOW"}, json{"SECCOMP_FILTER_FLAG_TSYNC"}}) {
    bundle.linux()["seccomp"]["flags"] = flags;
    BOOST_TEST(told_flags(Running{runtime, bundle}.container().pid()) == 0U, flags.dump());
  }
  for (const json& flags : {json{"SECCOMP_FILTER_FLAG_LOG"},
                            json{"SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW"}}) {
    bundle.linux()["seccomp"]["flags"] = flags;
    BOOST_TEST(told_flags(Running{runtime, bundle}.container().pid()) == SECCOMP_FILTER_FLAG_LOG,
               flags.dump());
  }
}

BOOST_AUTO_TEST_CASE(received_call_is_not_interrupted_when_that_is_asked_for,
                     *needs::ocelot("runc 1.1 refuses flags")) {
  Runtime runtime;
  Bundle bundle;
  ConsoleSocket listener;
  json profile = profile_of("SCMP_ACT_NOTIFY");
  profile["flags"] = {"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"};
  profile["listenerPath"] = listener.path();
  bundle.linux()["seccomp"] = profile;
  bundle.args(probe_args({{"syscall", std::to_string(SYS_getpriority), "0", "0"}}));
  Command running = runtime.run_in_foreground(bundle);
  const Received received = listener.receive();
  BOOST_REQUIRE(received.fds.size() == 1U);
  const int notifications = received.fds[0].get();
  const auto pid = json::parse(received.payload)["pid"].get<pid_t>();

  seccomp_notif request{};
  checked(::ioctl(notifications, SECCOMP_IOCTL_NOTIF_RECV, &request), "NOTIF_RECV");
  checked(::kill(pid, SIGSTOP), "kill");
  char state = state_of(pid);
  while (state != 'D' && state != 'T') state = state_of(pid);  // it may still be on its way
  BOOST_TEST(state == 'D');                                    // it stops when the call returns
  seccomp_notif_resp response{};
  response.id = request.id;
  response.error = -EXDEV;
  checked(::ioctl(notifications, SECCOMP_IOCTL_NOTIF_SEND, &response), "NOTIF_SEND");
  checked(::kill(pid, SIGCONT), "kill");
  BOOST_TEST(json::parse(running.wait().out)[0]["errno"] == "EXDEV");
}

BOOST_AUTO_TEST_SUITE_END()
