// The system call filter, seen by system calls.
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include <cerrno>
#include <csignal>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

// One rule or an array of them.
json allow_but(const json& rules) {
  return {{"defaultAction", "SCMP_ACT_ALLOW"},
          {"syscalls", rules.is_array() ? rules : json::array({rules})}};
}

json rule(const std::string& name, const std::string& action, const json& args = json::array()) {
  json result{{"names", {name}}, {"action", action}};
  if (!args.empty()) result["args"] = args.is_array() ? args : json::array({args});
  return result;
}

std::string call(long number, const std::vector<std::string>& arguments = {}) {
  std::string text = std::to_string(number);
  for (const std::string& argument : arguments) text += " " + argument;
  return text;
}

// The errno of each of `calls` ("NUMBER ARG...") below `profile`; "" for success.
std::vector<std::string> results(const Runtime& runtime, const json& profile,
                                 const std::vector<std::string>& calls) {
  Bundle bundle;
  bundle.linux()["seccomp"] = profile;
  std::vector<Action> actions;
  for (const std::string& text : calls) {
    Action action{"syscall"};
    std::istringstream words{text};
    for (std::string word; words >> word;) action.push_back(word);
    actions.push_back(action);
  }
  std::vector<std::string> errors;
  for (const json& outcome : act(runtime, bundle, actions))
    errors.push_back(outcome.value("errno", ""));
  return errors;
}

using Strings = std::vector<std::string>;

// getpriority(which, who) fails with EINVAL for which > 2; any value can be tried without effect.
const std::string kName = "getpriority";
constexpr long kNumber = SYS_getpriority;

bool matches(const Runtime& runtime, const json& arg, const std::string& value) {
  json profile = allow_but({rule(kName, "SCMP_ACT_ERRNO", json::array({arg}))});
  profile["syscalls"][0]["errnoRet"] = 99;
  return results(runtime, profile, {call(kNumber, {"0", value})})[0] == "EADDRNOTAVAIL";
}

int status_of(const Runtime& runtime, const json& profile, long number) {
  Bundle bundle;
  bundle.linux()["seccomp"] = profile;
  bundle.args(probe_args({{"syscall", std::to_string(number)}}));
  return runtime.run(bundle).status;
}

// With an error that no filter gives by itself.
void answer_getpriority(int listener) {
  seccomp_notif request{};
  checked(::ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request), "NOTIF_RECV");
  BOOST_TEST(request.data.nr == SYS_getpriority);
  seccomp_notif_resp response{};
  response.id = request.id;
  response.error = -EXDEV;
  checked(::ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response), "NOTIF_SEND");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(seccomp)

BOOST_AUTO_TEST_CASE(filter_is_loaded) {
  Runtime runtime;
  Bundle bundle;
  BOOST_TEST(report(runtime, bundle)["seccomp"] == "0");
  bundle.linux()["seccomp"] = allow_but({rule("mkdir", "SCMP_ACT_ERRNO")});
  BOOST_TEST(report(runtime, bundle)["seccomp"] == "2");
}

BOOST_AUTO_TEST_CASE(filter_is_loaded_without_no_new_privileges, *needs::root()) {
  Runtime runtime;
  Bundle bundle;
  bundle.process()["noNewPrivileges"] = false;
  bundle.process()["user"] = {{"uid", 1000}, {"gid", 1000}};
  bundle.linux()["seccomp"] = allow_but({rule("mkdir", "SCMP_ACT_ERRNO")});
  json seen = report(runtime, bundle);
  BOOST_TEST(seen["seccomp"] == "2");
  BOOST_TEST(seen["no_new_privs"] == false);
}

BOOST_AUTO_TEST_CASE(errno_action_answers_eperm_or_what_is_asked) {
  Runtime runtime;
  json profile = allow_but({rule("mkdir", "SCMP_ACT_ERRNO"), rule("rmdir", "SCMP_ACT_ERRNO")});
  profile["syscalls"][1]["errnoRet"] = ENOTDIR;
  BOOST_TEST(results(runtime, profile, {call(SYS_mkdir), call(SYS_rmdir), call(SYS_getppid)}) ==
                 (Strings{"EPERM", "ENOTDIR", ""}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(default_action_is_for_all_that_is_not_named) {
  Runtime runtime;
  json profile =
      json::parse(read_file(OCELOT_TEST_DATA "/docker-like/config.json"))["linux"]["seccomp"];
  profile["defaultErrnoRet"] = ENOTTY;
  BOOST_TEST(results(runtime, profile, {call(SYS_kexec_load), call(SYS_getppid)}) ==
                 (Strings{"ENOTTY", ""}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(killing_actions_kill_with_sigsys) {
  Runtime runtime;
  for (const char* action : {"SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD"})
    BOOST_TEST(
        status_of(runtime, allow_but({rule("getppid", action)}), SYS_getppid) == 128 + SIGSYS,
        action);
}

BOOST_AUTO_TEST_CASE(trap_action_sends_sigsys) {
  Runtime runtime;
  // The first process of a pid namespace ignores signals that it does not handle, so use a child.
  Bundle bundle;
  bundle.linux()["seccomp"] = allow_but({rule("getpriority", "SCMP_ACT_TRAP")});
  Output output = runtime.run(
      bundle.shell("/bin/probe syscall " + std::to_string(SYS_getpriority) + " 0 0; echo $?"));
  BOOST_TEST(contains(output.out, std::to_string(128 + SIGSYS)));
}

BOOST_AUTO_TEST_CASE(trace_action_without_a_tracer_answers_enosys) {
  Runtime runtime;
  BOOST_TEST(results(runtime, allow_but({rule("getppid", "SCMP_ACT_TRACE")}),
                     {call(SYS_getppid)})[0] == "ENOSYS");
}

BOOST_AUTO_TEST_CASE(log_action_allows) {
  Runtime runtime;
  BOOST_TEST(
      results(runtime, allow_but({rule("getppid", "SCMP_ACT_LOG")}), {call(SYS_getppid)})[0] == "");
}

BOOST_AUTO_TEST_CASE(every_operator_compares_an_argument) {
  Runtime runtime;
  auto arg = [](const char* op, uint64_t value, uint64_t two = 0) {
    json result{{"index", 1}, {"value", value}, {"op", op}};
    if (two != 0) result["valueTwo"] = two;
    return result;
  };
  const std::vector<std::tuple<json, const char*, const char*>> cases{
      {arg("SCMP_CMP_EQ", 5), "5", "6"},
      {arg("SCMP_CMP_NE", 5), "6", "5"},
      {arg("SCMP_CMP_LT", 5), "4", "5"},
      {arg("SCMP_CMP_LE", 5), "5", "6"},
      {arg("SCMP_CMP_GT", 5), "6", "5"},
      {arg("SCMP_CMP_GE", 5), "5", "4"},
      {arg("SCMP_CMP_MASKED_EQ", 0xF0, 0x10), "0x1F", "0x2F"}};
  for (const auto& [condition, yes, no] : cases) {
    BOOST_TEST(matches(runtime, condition, yes), condition.dump());
    BOOST_TEST(!matches(runtime, condition, no), condition.dump());
  }
}

BOOST_AUTO_TEST_CASE(arguments_are_compared_as_64_bits) {
  Runtime runtime;
  json arg{{"index", 1}, {"value", 0x100000005ULL}, {"op", "SCMP_CMP_EQ"}};
  BOOST_TEST(matches(runtime, arg, "0x100000005"));
  BOOST_TEST(!matches(runtime, arg, "5"));
}

BOOST_AUTO_TEST_CASE(conditions_on_several_arguments_must_all_hold) {
  Runtime runtime;
  json profile = allow_but({rule(kName, "SCMP_ACT_ERRNO",
                                 {{{"index", 0}, {"value", 0}, {"op", "SCMP_CMP_EQ"}},
                                  {{"index", 1}, {"value", 5}, {"op", "SCMP_CMP_EQ"}}})});
  BOOST_TEST(results(runtime, profile, {call(kNumber, {"0", "5"}), call(kNumber, {"0", "0"})}) ==
                 (Strings{"EPERM", ""}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(conditions_on_the_same_argument_are_alternatives) {
  Runtime runtime;
  json profile = allow_but({rule(kName, "SCMP_ACT_ERRNO",
                                 {{{"index", 1}, {"value", 5}, {"op", "SCMP_CMP_EQ"}},
                                  {{"index", 1}, {"value", 7}, {"op", "SCMP_CMP_EQ"}}})});
  BOOST_TEST(results(runtime, profile,
                     {call(kNumber, {"0", "5"}), call(kNumber, {"0", "7"}),
                      call(kNumber, {"0", "0"})}) == (Strings{"EPERM", "EPERM", ""}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(unknown_system_calls_are_passed_over) {
  Runtime runtime;
  json profile =
      allow_but({rule("no_such_call", "SCMP_ACT_ERRNO"), rule("mkdir", "SCMP_ACT_ERRNO")});
  BOOST_TEST(results(runtime, profile, {call(SYS_mkdir)})[0] == "EPERM");
}

BOOST_AUTO_TEST_CASE(calls_newer_than_the_profile_do_not_exist) {
  Runtime runtime;
  json profile =
      json::parse(read_file(OCELOT_TEST_DATA "/docker-like/config.json"))["linux"]["seccomp"];
  BOOST_TEST(
      results(runtime, profile, {call(4000), call(SYS_kexec_load)}) == (Strings{"ENOSYS", "EPERM"}),
      boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(flags_of_the_filter_are_accepted) {
  Runtime runtime;
  for (const json& flags :
       {json::array(), json{"SECCOMP_FILTER_FLAG_LOG"}, json{"SECCOMP_FILTER_FLAG_SPEC_ALLOW"},
        json{"SECCOMP_FILTER_FLAG_TSYNC"}}) {
    json profile = allow_but({rule("mkdir", "SCMP_ACT_ERRNO")});
    profile["flags"] = flags;
    BOOST_TEST(results(runtime, profile, {call(SYS_mkdir)})[0] == "EPERM", flags.dump());
  }
}

BOOST_AUTO_TEST_CASE(speculation_is_left_alone_unless_flags_are_empty) {
  Runtime runtime;
  Bundle bundle;
  auto speculation = [&](const json& profile) {
    bundle.linux()["seccomp"] = profile;
    return runtime.run(bundle.args({"grep", "Speculation_Store_Bypass", "/proc/self/status"})).out;
  };
  json profile = allow_but({rule("mkdir", "SCMP_ACT_ERRNO")});
  std::string without_flags = speculation(profile);
  bundle.linux().erase("seccomp");
  std::string unfiltered =
      runtime.run(bundle.args({"grep", "Speculation_Store_Bypass", "/proc/self/status"})).out;
  BOOST_TEST(without_flags == unfiltered);
}

#ifdef __x86_64__
BOOST_AUTO_TEST_CASE(other_architectures_are_filtered_when_they_are_listed) {
  Runtime runtime;
  // getppid of i386 by int 0x80 has number 64; the x32 ABI sets bit 30 of the number.
  json profile = allow_but({rule("getppid", "SCMP_ACT_ERRNO")});
  profile["architectures"] = {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"};
  BOOST_TEST(results(runtime, profile, {call(SYS_getppid), call(0x40000000 + SYS_getppid)}) ==
                 (Strings{"EPERM", "EPERM"}),
             boost::test_tools::per_element());
}
#endif

BOOST_AUTO_TEST_CASE(profile_that_cannot_be_is_an_error) {  // E57
  Runtime runtime;
  auto refused = [&](const json& profile, const std::string& place) {
    Bundle bundle;
    bundle.linux()["seccomp"] = profile;
    check_refused(runtime, bundle, "/linux/seccomp" + place);
  };
  auto with = [](json profile, const std::string& key, const json& value) {
    profile[key] = value;
    return profile;
  };
  const json good = allow_but({rule("mkdir", "SCMP_ACT_ERRNO")});
  refused(with(good, "defaultAction", "SCMP_ACT_MAYBE"), "/defaultAction");
  refused(with(good, "architectures", {"SCMP_ARCH_ABACUS"}), "/architectures/0");
  refused(with(good, "flags", {"SECCOMP_FILTER_FLAG_MAGIC"}), "/flags/0");
  refused(allow_but({rule("mkdir", "SCMP_ACT_MAYBE")}), "/syscalls/0/action");
  refused(allow_but({rule("mkdir", "SCMP_ACT_ERRNO",
                          {{{"index", 6}, {"value", 0}, {"op", "SCMP_CMP_EQ"}}})}),
          "/syscalls/0/args/0/index");
  refused(
      allow_but({rule("mkdir", "SCMP_ACT_ERRNO", {{{"index", 0}, {"value", 0}, {"op", "LIKE"}}})}),
      "/syscalls/0/args/0/op");
}

BOOST_AUTO_TEST_CASE(filter_of_more_instructions_than_the_kernel_takes_is_an_error) {
  Runtime runtime;
  json rules = json::array();
  for (int value = 0; value < 4096; ++value)  // an instruction or more each
    rules.push_back(
        rule(kName, "SCMP_ACT_ERRNO", {{{"index", 1}, {"value", value}, {"op", "SCMP_CMP_EQ"}}}));
  Bundle bundle;
  bundle.linux()["seccomp"] = allow_but(rules);
  const Output output = runtime.run(bundle.args({"echo", "unconfined"}));
  BOOST_TEST(output.status != 0);
  BOOST_TEST(!contains(output.out, "unconfined"));
  BOOST_TEST(contains(output.err, "seccomp"), output.err);
}

BOOST_AUTO_TEST_CASE(metadata_without_a_listener_is_an_error) {  // E58
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["seccomp"] = allow_but({rule("mkdir", "SCMP_ACT_ERRNO")});
  bundle.linux()["seccomp"]["listenerMetadata"] = "x";
  check_refused(runtime, bundle, "/linux/seccomp/listenerMetadata");
}

BOOST_AUTO_TEST_CASE(errno_with_an_action_that_has_none_is_an_error) {  // E55
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["seccomp"] = allow_but({rule("mkdir", "SCMP_ACT_KILL")});
  bundle.linux()["seccomp"]["syscalls"][0]["errnoRet"] = 5;
  check_refused(runtime, bundle, "/linux/seccomp/syscalls/0/errnoRet");
  bundle.linux()["seccomp"] = allow_but(json::array());
  bundle.linux()["seccomp"]["defaultErrnoRet"] = 5;
  check_refused(runtime, bundle, "/linux/seccomp/defaultErrnoRet");
}

BOOST_AUTO_TEST_CASE(rule_without_names_is_an_error) {  // E56
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["seccomp"] = allow_but({{{"names", json::array()}, {"action", "SCMP_ACT_ERRNO"}}});
  check_refused(runtime, bundle, "/linux/seccomp/syscalls/0/names");
}

BOOST_AUTO_TEST_CASE(listener_is_told_of_a_notified_call_and_answers_it) {
  Runtime runtime;
  Bundle bundle;
  ConsoleSocket listener;
  json profile = allow_but({rule("getpriority", "SCMP_ACT_NOTIFY")});
  profile["listenerPath"] = listener.path();
  profile["listenerMetadata"] = "the metadata";
  bundle.linux()["seccomp"] = profile;
  bundle.config["annotations"] = {{"some", "annotation"}};
  bundle.args(probe_args({{"syscall", std::to_string(SYS_getpriority), "0", "0"}}));

  Command running = runtime.run_in_foreground(bundle, "notified");
  Received received = listener.receive();
  BOOST_REQUIRE(received.fds.size() == 1U);
  BOOST_TEST(!received.truncated);
  json state = json::parse(received.payload);
  BOOST_TEST(state["fds"] == json{"seccompFd"});
  BOOST_TEST(state["metadata"] == "the metadata");
  BOOST_TEST(state["state"]["id"] == "notified");
  BOOST_TEST(state["state"]["status"] == "creating");
  BOOST_TEST(state["state"]["bundle"] == bundle.path());
  BOOST_TEST(state["state"]["annotations"]["some"] == "annotation");
  BOOST_TEST(state["pid"].get<int>() > 0);
  BOOST_TEST(state["state"]["pid"] == state["pid"]);

  answer_getpriority(received.fds[0].get());
  Output output = running.wait();
  BOOST_TEST(json::parse(output.out)[0]["errno"] == "EXDEV");
}

BOOST_AUTO_TEST_CASE(listener_is_told_of_a_process_that_is_added) {
  Runtime runtime;
  Bundle bundle;
  ConsoleSocket listener;
  bundle.linux()["seccomp"] = allow_but({rule("getpriority", "SCMP_ACT_NOTIFY")});
  bundle.linux()["seccomp"]["listenerPath"] = listener.path();
  Running running{runtime, bundle};
  const Received of_init = listener.receive();
  BOOST_REQUIRE(of_init.fds.size() == 1U);

  Command added = running.exec_in_foreground(
      probe_args({{"syscall", std::to_string(SYS_getpriority), "0", "0"}}));
  const Received received = listener.receive();
  BOOST_REQUIRE(received.fds.size() == 1U);
  const json state = json::parse(received.payload);
  BOOST_TEST(state["state"]["status"] == "running");
  BOOST_TEST(state["state"]["pid"] == running.container().pid());
  BOOST_TEST(state["pid"] != state["state"]["pid"]);
  answer_getpriority(received.fds[0].get());
  const Output output = added.wait();
  BOOST_REQUIRE_MESSAGE(output.status == 0, output.err);
  BOOST_TEST(json::parse(output.out)[0]["errno"] == "EXDEV");
}

BOOST_AUTO_TEST_CASE(listener_that_is_not_there_is_an_error) {  // E59
  Runtime runtime;
  Bundle bundle;
  json profile = allow_but({rule("getpriority", "SCMP_ACT_NOTIFY")});
  profile["listenerPath"] = "/does/not/exist.sock";
  bundle.linux()["seccomp"] = profile;
  check_refused(runtime, bundle, "/does/not/exist.sock");
}

BOOST_AUTO_TEST_CASE(notify_without_a_listener_is_an_error) {  // E59
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["seccomp"] = allow_but({rule("getpriority", "SCMP_ACT_NOTIFY")});
  check_refused(runtime, bundle, "/linux/seccomp");
}

BOOST_AUTO_TEST_SUITE_END()
