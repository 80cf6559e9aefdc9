#include "tests/unit/oci/document.hpp"

using namespace ocelot::oci::test;

namespace {

json seccomp(const char* members) {
  return with("/linux/seccomp", fmt::format(R"({{"defaultAction": "SCMP_ACT_ALLOW"{}{}}})",
                                            *members ? ", " : "", members)
                                    .c_str());
}
json rule(const char* value) {
  return seccomp(fmt::format(R"("syscalls": [{}])", value).c_str());
}
const std::string at = "/linux/seccomp";

}  // namespace

BOOST_AUTO_TEST_SUITE(validate_seccomp)

BOOST_AUTO_TEST_CASE(a_rule_of_each_kind_passes) {
  for (const char* action :
       {"KILL", "KILL_PROCESS", "KILL_THREAD", "TRAP", "ERRNO", "TRACE", "ALLOW", "LOG"}) {
    expect_clean(
        rule(fmt::format(R"({{"names": ["getcwd"], "action": "SCMP_ACT_{}"}})", action).c_str()));
  }
  for (const char* op : {"NE", "LT", "LE", "EQ", "GE", "GT", "MASKED_EQ"}) {
    expect_clean(rule(fmt::format(R"({{"names": ["getcwd"], "action": "SCMP_ACT_ERRNO", "args":
        [{{"index": 5, "value": 18446744073709551615, "valueTwo": 1, "op": "SCMP_CMP_{}"}}]}})",
                                  op)
                          .c_str()));
  }
}

BOOST_AUTO_TEST_CASE(E55_a_number_goes_only_with_an_action_that_takes_one) {
  expect_one(with("/linux/seccomp/defaultErrnoRet", "1", seccomp("")), at + "/defaultErrnoRet",
             "seccomp-errno-action", "SCMP_ACT_ERRNO");
  expect_clean(
      with("/linux/seccomp", R"({"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38})"));
  expect_clean(
      with("/linux/seccomp", R"({"defaultAction": "SCMP_ACT_TRACE", "defaultErrnoRet": 65535})"));
  for (const char* action : {"KILL", "TRAP", "ALLOW", "LOG"}) {
    expect_one(
        rule(fmt::format(R"({{"names": ["getcwd"], "action": "SCMP_ACT_{}", "errnoRet": 1}})",
                         action)
                 .c_str()),
        at + "/syscalls/0/errnoRet", "seccomp-errno-action");
  }
  expect_clean(rule(R"({"names": ["getcwd"], "action": "SCMP_ACT_ERRNO", "errnoRet": 0})"));
  expect_one(rule(R"({"names": ["getcwd"], "action": "SCMP_ACT_ERRNO", "errnoRet": 4096})"),
             at + "/syscalls/0/errnoRet", "seccomp-errno-range");
}

BOOST_AUTO_TEST_CASE(E56_a_rule_names_a_system_call) {
  expect_one(rule(R"({"names": [], "action": "SCMP_ACT_ERRNO"})"), at + "/syscalls/0/names",
             "seccomp-names");
  expect_one(rule(R"({"action": "SCMP_ACT_ERRNO"})"), at + "/syscalls/0/names", "seccomp-names");
  expect_clean(rule(R"({"names": ["not_a_system_call"], "action": "SCMP_ACT_ERRNO"})"));
}

BOOST_AUTO_TEST_CASE(E57_unknown_words_are_refused) {
  expect_one(with("/linux/seccomp", R"({"defaultAction": "ALLOW"})"), at + "/defaultAction", "word",
             "SCMP_ACT_ALLOW");
  expect_one(with("/linux/seccomp", "{}"), at + "/defaultAction", "required", "SCMP_ACT_ALLOW");
  expect_one(seccomp(R"("architectures": ["SCMP_ARCH_X86_64", "x86"])"), at + "/architectures/1",
             "seccomp-architecture");
  expect_clean(seccomp(
      R"("architectures": ["SCMP_ARCH_RISCV64", "SCMP_ARCH_LOONGARCH64", "SCMP_ARCH_M68K", "SCMP_ARCH_SHEB"])"));
  expect_one(seccomp(R"("flags": ["SECCOMP_FILTER_FLAG_X"])"), at + "/flags/0", "seccomp-flag");
  expect_clean(seccomp(
      R"("flags": ["SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
                                    "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"])"));
  expect_one(rule(R"({"names": ["getcwd"], "action": "DENY"})"), at + "/syscalls/0/action", "word");
  expect_one(
      rule(
          R"({"names": ["getcwd"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 0, "value": 0, "op": "EQ"}]})"),
      at + "/syscalls/0/args/0/op", "word", "SCMP_CMP_EQ");
  expect_one(
      rule(
          R"({"names": ["getcwd"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 6, "value": 0, "op": "SCMP_CMP_EQ"}]})"),
      at + "/syscalls/0/args/0/index", "seccomp-argument-index", "0 to 5");
}

BOOST_AUTO_TEST_CASE(E58_metadata_is_for_a_listener) {
  expect_one(seccomp(R"("listenerMetadata": "x")"), at + "/listenerMetadata", "seccomp-metadata",
             "listenerPath");
  expect_clean(seccomp(R"("listenerMetadata": "x", "listenerPath": "/run/agent.sock")"));
}

BOOST_AUTO_TEST_CASE(who_is_to_be_notified_must_be_told_and_must_not_be_needed_to_tell_him) {
  const char* notify = R"("syscalls": [{"names": ["getcwd"], "action": "SCMP_ACT_NOTIFY"}])";
  expect_one(seccomp(notify), at + "/syscalls/0/action", "seccomp-listener");
  expect_clean(seccomp(fmt::format(R"("listenerPath": "/run/agent.sock", {})", notify).c_str()));
  expect_one(
      seccomp(
          R"("listenerPath": "/a", "syscalls": [{"names": ["write"], "action": "SCMP_ACT_NOTIFY"}])"),
      at + "/syscalls/0/names", "seccomp-notify-write", "cannot be used for the write syscall");
  expect_one(
      with("/linux/seccomp", R"({"defaultAction": "SCMP_ACT_NOTIFY", "listenerPath": "/a"})"),
      at + "/defaultAction", "seccomp-notify-default");
}

BOOST_AUTO_TEST_SUITE_END()
