#include "runtime/plan/seccomp.hpp"

#include <boost/test/unit_test.hpp>

#include "runtime/base/error.hpp"
#include "seccomp_profile.hpp"

using namespace ocelot;
using namespace ocelot::test;

namespace {

// Compiles and asks about one call on x86_64.
std::uint32_t answer(const Seccomp& profile, const char* name, const Arguments& arguments = {}) {
  return ask(compile_seccomp(profile).filter, name, arguments);
}

// `read` is refused where its arguments match, and allowed otherwise.
bool matches(std::vector<SeccompArgument> conditions, const Arguments& arguments) {
  const std::uint32_t got =
      answer(profile(Action::allow, {rule({"read"}, Action::trap, std::move(conditions))}), "read",
             arguments);
  BOOST_TEST((got == SCMP_ACT_ALLOW || got == SCMP_ACT_TRAP));
  return got == SCMP_ACT_TRAP;
}

// The same of a rule that leads to the default where a later one allows.
bool excepts(std::vector<SeccompArgument> conditions, const Arguments& arguments) {
  const std::vector<SeccompArgument> always{{.index = 5, .value = 0, .op = Operator::ge}};
  const std::uint32_t got =
      answer(profile(Action::trap, {rule({"read"}, Action::trap, std::move(conditions)),
                                    rule({"read"}, Action::allow, always)}),
             "read", arguments);
  BOOST_TEST((got == SCMP_ACT_ALLOW || got == SCMP_ACT_TRAP));
  return got == SCMP_ACT_TRAP;
}

auto says(ErrorKind kind, const std::string& part) {
  return [=](const Error& error) {
    BOOST_TEST_INFO(error.what());
    return error.kind() == kind && std::string(error.what()).find(part) != std::string::npos;
  };
}

constexpr std::uint32_t eperm = SCMP_ACT_ERRNO(EPERM);
constexpr std::uint32_t enosys = SCMP_ACT_ERRNO(ENOSYS);

}  // namespace

BOOST_AUTO_TEST_SUITE(seccomp_actions)

BOOST_AUTO_TEST_CASE(each_action_of_a_rule_is_the_kernels) {
  const std::pair<Action, std::uint32_t> table[] = {
      {Action::kill, SECCOMP_RET_KILL_THREAD},
      {Action::kill_thread, SECCOMP_RET_KILL_THREAD},
      {Action::kill_process, SECCOMP_RET_KILL_PROCESS},
      {Action::trap, SECCOMP_RET_TRAP},
      {Action::errno_, SECCOMP_RET_ERRNO | EPERM},
      {Action::trace, SECCOMP_RET_TRACE | EPERM},
      {Action::log, SECCOMP_RET_LOG},
      {Action::notify, SECCOMP_RET_USER_NOTIF}};
  for (const auto& [action, expected] : table) {
    Seccomp document = profile(Action::allow, {rule({"read"}, action)});
    document.listener_path = "/run/agent.sock";
    BOOST_TEST(answer(document, "read") == expected);
    BOOST_TEST(answer(document, "write") == static_cast<std::uint32_t>(SECCOMP_RET_ALLOW));
  }
  BOOST_TEST(answer(profile(Action::errno_, {rule({"read"}, Action::allow)}), "read") ==
             static_cast<std::uint32_t>(SECCOMP_RET_ALLOW));
}

BOOST_AUTO_TEST_CASE(each_default_action_answers_what_no_rule_names) {
  const std::pair<Action, std::uint32_t> table[] = {
      {Action::kill, SECCOMP_RET_KILL_THREAD},
      {Action::kill_thread, SECCOMP_RET_KILL_THREAD},
      {Action::kill_process, SECCOMP_RET_KILL_PROCESS},
      {Action::trap, SECCOMP_RET_TRAP},
      {Action::errno_, SECCOMP_RET_ERRNO | EPERM},
      {Action::trace, SECCOMP_RET_TRACE | EPERM},
      {Action::log, SECCOMP_RET_LOG},
      {Action::allow, SECCOMP_RET_ALLOW}};
  for (const auto& [action, expected] : table)
    BOOST_TEST(answer(profile(action), "read") == expected);
}

BOOST_AUTO_TEST_CASE(errnoRet_and_defaultErrnoRet_replace_eperm) {
  for (const Action action : {Action::errno_, Action::trace}) {
    Seccomp document = profile(action, {rule({"getpid"}, action)});
    document.default_errno_ret = ENOENT;
    document.syscalls[0].errno_ret = EBUSY;
    const std::uint32_t base = action == Action::errno_ ? SECCOMP_RET_ERRNO : SECCOMP_RET_TRACE;
    BOOST_TEST(answer(document, "getpid") == (base | EBUSY));
    BOOST_TEST(answer(document, "read") == (base | ENOENT));
  }
}

BOOST_AUTO_TEST_CASE(an_errno_of_zero_is_not_the_default) {
  Seccomp document = profile(Action::errno_, {rule({"read"}, Action::errno_)});
  document.syscalls[0].errno_ret = 0;
  BOOST_TEST(answer(document, "read") == static_cast<std::uint32_t>(SECCOMP_RET_ERRNO));
}

BOOST_AUTO_TEST_CASE(an_errno_that_the_kernel_would_change_is_refused) {
  Seccomp document = profile(Action::allow, {rule({"read"}, Action::errno_)});
  document.syscalls[0].errno_ret = 4096;
  BOOST_CHECK_EXCEPTION(compile_seccomp(document), Error,
                        says(ErrorKind::InvalidSpec, "/linux/seccomp/syscalls/0: "));
  document.syscalls[0].action = Action::trace;
  BOOST_TEST(answer(document, "read") == (SECCOMP_RET_TRACE | 4096));
  document.syscalls[0].errno_ret = 65536;
  BOOST_CHECK_EXCEPTION(compile_seccomp(document), Error, says(ErrorKind::InvalidSpec, "16 bits"));
  document.syscalls[0].action = Action::kill;
  document.syscalls[0].errno_ret = EPERM;
  BOOST_CHECK_EXCEPTION(compile_seccomp(document), Error,
                        says(ErrorKind::InvalidSpec, "errnoRet goes with"));
}

BOOST_AUTO_TEST_CASE(a_rule_equal_to_the_default_changes_nothing) {
  const auto with = compile_seccomp(
      profile(Action::errno_, {rule({"write"}, Action::allow), rule({"read"}, Action::errno_)}));
  const auto without = compile_seccomp(profile(Action::errno_, {rule({"write"}, Action::allow)}));
  BOOST_TEST((with == without));
}

BOOST_AUTO_TEST_CASE(a_name_that_libseccomp_does_not_know_is_skipped_and_named) {
  const auto program = compile_seccomp(
      profile(Action::errno_, {rule({"no_such_call", "read", "another"}, Action::allow)}));
  BOOST_TEST(ask(program.filter, "read") == SCMP_ACT_ALLOW);
  BOOST_REQUIRE(program.warnings.size() == 1u);
  BOOST_TEST(program.warnings[0].find(": another, no_such_call") != std::string::npos);
  BOOST_TEST(program.warnings[0].find(libseccomp_version()) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(notify_asks_for_a_listener) {
  Seccomp document = profile(Action::allow, {rule({"mount"}, Action::notify)});
  document.listener_path = "/run/agent.sock";
  document.listener_metadata = "m";
  const auto program = compile_seccomp(document);
  BOOST_TEST(program.notify);
  BOOST_TEST((program.flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) != 0u);
  BOOST_TEST(program.listener_path == "/run/agent.sock");
  BOOST_TEST(program.listener_metadata == "m");
}

BOOST_AUTO_TEST_CASE(without_notify_the_listener_is_ignored) {
  Seccomp document = profile(
      Action::allow, {rule({"mount"}, Action::errno_), rule({"no_such_call"}, Action::notify)});
  document.listener_path = "/run/agent.sock";
  const auto program = compile_seccomp(document);
  BOOST_TEST(!program.notify);
  BOOST_TEST((program.flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) == 0u);
  BOOST_TEST(program.listener_path.empty());
}

BOOST_AUTO_TEST_CASE(notify_is_refused_where_it_would_wait_for_itself) {
  Seccomp document = profile(
      Action::allow, {rule({"mount"}, Action::allow), rule({"write", "sendmsg"}, Action::notify)});
  document.listener_path = "/run/agent.sock";
  BOOST_CHECK_EXCEPTION(compile_seccomp(document), Error,
                        says(ErrorKind::InvalidSpec, "/linux/seccomp/syscalls/1: SCMP_ACT_NOTIFY"));
  document.syscalls[1].args = {{.index = 0, .value = 77, .op = Operator::eq}};
  BOOST_CHECK_EXCEPTION(compile_seccomp(document), Error, says(ErrorKind::InvalidSpec, "sendmsg"));
  document = profile(Action::notify);
  document.listener_path = "/run/agent.sock";
  BOOST_CHECK_EXCEPTION(
      compile_seccomp(document), Error,
      says(ErrorKind::InvalidSpec, "SCMP_ACT_NOTIFY cannot be used as default action"));
}

BOOST_AUTO_TEST_CASE(notify_without_a_listener_path_is_refused) {
  BOOST_CHECK_EXCEPTION(compile_seccomp(profile(Action::allow, {rule({"mount"}, Action::notify)})),
                        Error, says(ErrorKind::InvalidSpec, "/linux/seccomp/listenerPath"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(seccomp_flags)

BOOST_AUTO_TEST_CASE(absent_flags_are_spec_allow_and_empty_ones_are_none) {
  Seccomp document = profile(Action::allow);
  BOOST_TEST(compile_seccomp(document).flags == SECCOMP_FILTER_FLAG_SPEC_ALLOW);
  document.flags.emplace();
  BOOST_TEST(compile_seccomp(document).flags == 0u);
}

BOOST_AUTO_TEST_CASE(each_flag_is_the_kernels_and_tsync_is_nothing) {
  const std::pair<const char*, unsigned> table[] = {{"SECCOMP_FILTER_FLAG_LOG", 2},
                                                    {"SECCOMP_FILTER_FLAG_SPEC_ALLOW", 4},
                                                    {"SECCOMP_FILTER_FLAG_TSYNC", 0},
                                                    {"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", 32}};
  for (const auto& [name, value] : table) {
    Seccomp document = profile(Action::allow, {rule({"mount"}, Action::notify)});
    document.listener_path = "/run/agent.sock";
    document.flags = {name};
    BOOST_TEST(compile_seccomp(document).flags == (value | SECCOMP_FILTER_FLAG_NEW_LISTENER));
  }
}

BOOST_AUTO_TEST_CASE(wait_killable_recv_without_a_listener_is_dropped_with_a_warning) {
  Seccomp document = profile(Action::allow);
  document.flags = {"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", "SECCOMP_FILTER_FLAG_LOG"};
  const auto program = compile_seccomp(document);
  BOOST_TEST(program.flags == SECCOMP_FILTER_FLAG_LOG);
  BOOST_TEST(program.warnings.size() == 1u);
}

BOOST_AUTO_TEST_CASE(an_unknown_flag_is_refused) {
  Seccomp document = profile(Action::allow);
  document.flags = {"SECCOMP_FILTER_FLAG_NEW_LISTENER"};
  BOOST_CHECK_EXCEPTION(
      compile_seccomp(document), Error,
      says(ErrorKind::InvalidSpec,
           "/linux/seccomp/flags: unknown flag SECCOMP_FILTER_FLAG_NEW_LISTENER"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(seccomp_arguments)

BOOST_AUTO_TEST_CASE(each_operator_compares_all_64_bits) {
  const std::uint64_t v = 0x1'0000'0005;
  struct Row {
    Operator op;
    bool below, equal, above, low_half_equal;
  };
  const Row table[] = {
      {Operator::ne, true, false, true, true},  {Operator::lt, true, false, false, true},
      {Operator::le, true, true, false, true},  {Operator::eq, false, true, false, false},
      {Operator::ge, false, true, true, false}, {Operator::gt, false, false, true, false}};
  for (const Row& row : table) {
    BOOST_TEST_CONTEXT("operator " << static_cast<int>(row.op)) {
      const std::vector<SeccompArgument> condition{{.index = 2, .value = v, .op = row.op}};
      for (const auto holds : {matches, excepts}) {
        BOOST_TEST(holds(condition, {0, 0, v - 1}) == row.below);
        BOOST_TEST(holds(condition, {0, 0, v}) == row.equal);
        BOOST_TEST(holds(condition, {0, 0, v + 1}) == row.above);
        BOOST_TEST(holds(condition, {0, 0, 5}) == row.low_half_equal);
        BOOST_TEST(holds(condition, {0, 0, 0x2'0000'0000}) == row.above);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(masked_eq_compares_the_bits_of_value_with_value_two) {
  const std::vector<SeccompArgument> condition{{.index = 0,
                                                .value = 0xf0'0000'00f0,
                                                .value_two = 0x10'0000'0020,
                                                .op = Operator::masked_eq}};
  for (const auto holds : {matches, excepts}) {
    BOOST_TEST(holds(condition, {0x1f'1234'562f}));
    BOOST_TEST(!holds(condition, {0x1f'1234'563f}));
    BOOST_TEST(!holds(condition, {0x2f'1234'562f}));
  }
}

BOOST_AUTO_TEST_CASE(every_argument_can_be_asked_about) {
  for (std::uint32_t index = 0; index < 6; ++index) {
    Arguments arguments{};
    const std::vector<SeccompArgument> condition{{.index = index, .value = 7, .op = Operator::eq}};
    BOOST_TEST(!matches(condition, arguments));
    arguments[index] = 7;
    BOOST_TEST(matches(condition, arguments));
  }
  BOOST_CHECK_EXCEPTION(matches({{.index = 6, .op = Operator::eq}}, {}), Error,
                        says(ErrorKind::InvalidSpec, "argument index 6"));
}

BOOST_AUTO_TEST_CASE(conditions_on_different_arguments_must_all_hold) {
  const std::vector<SeccompArgument> conditions{{.index = 0, .value = 1, .op = Operator::eq},
                                                {.index = 1, .value = 2, .op = Operator::eq}};
  BOOST_TEST(matches(conditions, {1, 2}));
  BOOST_TEST(!matches(conditions, {1, 3}));
  BOOST_TEST(!matches(conditions, {0, 2}));
}

BOOST_AUTO_TEST_CASE(conditions_that_repeat_an_argument_are_alternatives) {
  const std::vector<SeccompArgument> conditions{{.index = 0, .value = 1, .op = Operator::eq},
                                                {.index = 0, .value = 5, .op = Operator::eq},
                                                {.index = 1, .value = 9, .op = Operator::eq}};
  BOOST_TEST(matches(conditions, {1, 0}));
  BOOST_TEST(matches(conditions, {5, 0}));
  BOOST_TEST(matches(conditions, {0, 9}));
  BOOST_TEST(!matches(conditions, {2, 0}));
}

BOOST_AUTO_TEST_CASE(two_rules_on_one_call_are_alternatives) {
  const Seccomp document = profile(
      Action::errno_,
      {rule({"personality"}, Action::allow, {{.index = 0, .value = 0, .op = Operator::eq}}),
       rule({"personality"}, Action::allow, {{.index = 0, .value = 8, .op = Operator::eq}})});
  BOOST_TEST(answer(document, "personality", {0}) == SCMP_ACT_ALLOW);
  BOOST_TEST(answer(document, "personality", {8}) == SCMP_ACT_ALLOW);
  BOOST_TEST(answer(document, "personality", {4}) == eperm);
}

BOOST_AUTO_TEST_CASE(of_rules_that_contradict_each_other_the_first_decides) {
  const std::vector<SeccompArgument> condition{{.index = 0, .value = 4, .op = Operator::eq}};
  const Seccomp document = profile(Action::allow, {rule({"read"}, Action::trap, condition),
                                                   rule({"read"}, Action::errno_, condition)});
  BOOST_TEST(answer(document, "read", {4}) == SCMP_ACT_TRAP);
  BOOST_TEST(answer(document, "read", {5}) == SCMP_ACT_ALLOW);
}

BOOST_AUTO_TEST_CASE(a_condition_that_fails_does_not_hide_the_other_rules) {
  // libseccomp 2.5.4 answers the default here.
  const Seccomp document =
      profile(Action::allow,
              {rule({"read"}, Action::trap,
                    {{.index = 1, .value = 50, .op = Operator::lt},
                     {.index = 2, .value = 9, .op = Operator::eq}}),
               rule({"read"}, Action::trap, {{.index = 1, .value = 20, .op = Operator::gt}})});
  BOOST_TEST(answer(document, "read", {0, 30, 9}) == SCMP_ACT_TRAP);
  BOOST_TEST(answer(document, "read", {0, 30, 0}) == SCMP_ACT_TRAP);
  BOOST_TEST(answer(document, "read", {0, 20, 0}) == SCMP_ACT_ALLOW);
}

BOOST_AUTO_TEST_CASE(nothing_is_allowed_that_no_rule_allows) {
  // libseccomp 2.5.4 allows this call on x86: neither rule does.
  Seccomp document =
      profile(Action::errno_,
              {rule({"readv"}, Action::allow, {{.index = 0, .value = 0xef30, .op = Operator::le}}),
               rule({"readv"}, Action::allow,
                    {{.index = 0, .value = 2, .op = Operator::ne},
                     {.index = 1, .value = 0x8f86, .op = Operator::ge},
                     {.index = 2, .value = 8, .op = Operator::le}})});
  document.architectures = {"SCMP_ARCH_X86"};
  const std::string filter = compile_seccomp(document).filter;
  BOOST_TEST(ask(filter, AUDIT_ARCH_I386, 145, {0x7fffffff, 0x8f86, 0x5c75}) == eperm);
  BOOST_TEST(ask(filter, AUDIT_ARCH_I386, 145, {0x7fffffff, 0x8f86, 8}) == SCMP_ACT_ALLOW);
}

BOOST_AUTO_TEST_CASE(a_condition_that_leads_to_the_default_comes_before_later_rules) {
  const std::vector<SeccompArgument> exception{{.index = 0, .value = 4, .op = Operator::eq}};
  const std::vector<SeccompArgument> most{{.index = 0, .value = 9, .op = Operator::lt}};
  Seccomp document = profile(Action::errno_, {rule({"read"}, Action::errno_, exception),
                                              rule({"read"}, Action::allow, most)});
  BOOST_TEST(answer(document, "read", {4}) == eperm);
  BOOST_TEST(answer(document, "read", {5}) == SCMP_ACT_ALLOW);
  std::swap(document.syscalls[0], document.syscalls[1]);
  BOOST_TEST(answer(document, "read", {4}) == SCMP_ACT_ALLOW);
}

BOOST_AUTO_TEST_CASE(a_rule_without_conditions_decides_alone_and_the_others_are_named) {
  for (const bool first : {true, false}) {
    std::vector<SeccompRule> rules{
        rule({"read"}, Action::trap, {{.index = 0, .value = 4, .op = Operator::eq}}),
        rule({"read"}, Action::errno_)};
    if (first) std::swap(rules[0], rules[1]);
    const auto program = compile_seccomp(profile(Action::allow, rules));
    BOOST_TEST(ask(program.filter, "read", {4}) == eperm);
    BOOST_TEST(ask(program.filter, "read", {5}) == eperm);
    BOOST_REQUIRE(program.warnings.size() == 1u);
    BOOST_TEST(program.warnings[0].find("read: rules with conditions") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(calls_that_x86_folds_into_one_keep_their_rules_there) {
  Seccomp document =
      profile(Action::errno_,
              {rule({"socket"}, Action::allow, {{.index = 0, .value = 1, .op = Operator::eq}}),
               rule({"socket"}, Action::trap,
                    {{.index = 0, .value = 2, .op = Operator::eq},
                     {.index = 1, .value = 3, .op = Operator::eq}})});
  document.architectures = {"SCMP_ARCH_X86"};
  const std::string filter = compile_seccomp(document).filter;
  BOOST_TEST(ask(filter, "socket", {1, 3}) == SCMP_ACT_ALLOW);
  BOOST_TEST(ask(filter, "socket", {2, 3}) == SCMP_ACT_TRAP);
  BOOST_TEST(ask(filter, "socket", {2, 4}) == eperm);
  BOOST_TEST(ask(filter, AUDIT_ARCH_I386, 359, {1, 3}) == SCMP_ACT_ALLOW);  // the direct call
  BOOST_TEST(ask(filter, AUDIT_ARCH_I386, 359, {2, 3}) == SCMP_ACT_TRAP);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(seccomp_architectures)

BOOST_AUTO_TEST_CASE(a_call_of_an_architecture_that_is_not_listed_kills) {
  const auto program = compile_seccomp(profile(Action::allow));
  BOOST_TEST(ask(program.filter, AUDIT_ARCH_X86_64, 0) == SCMP_ACT_ALLOW);
  BOOST_TEST(ask(program.filter, AUDIT_ARCH_I386, 3) == SCMP_ACT_KILL);
  BOOST_TEST(ask(program.filter, AUDIT_ARCH_X86_64, 0x40000000) == SCMP_ACT_KILL);
}

BOOST_AUTO_TEST_CASE(each_listed_architecture_has_its_own_numbers) {
  Seccomp document = profile(Action::errno_, {rule({"read"}, Action::allow)});
  document.architectures = {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32",
                            "SCMP_ARCH_AARCH64"};
  const std::string filter = compile_seccomp(document).filter;
  BOOST_TEST(ask(filter, AUDIT_ARCH_X86_64, 0) == SCMP_ACT_ALLOW);
  BOOST_TEST(ask(filter, AUDIT_ARCH_I386, 3) == SCMP_ACT_ALLOW);
  BOOST_TEST(ask(filter, AUDIT_ARCH_X86_64, 0x40000000) == SCMP_ACT_ALLOW);
  BOOST_TEST(ask(filter, AUDIT_ARCH_AARCH64, 63) == SCMP_ACT_ALLOW);
  BOOST_TEST(ask(filter, AUDIT_ARCH_I386, 0) == eperm);
  BOOST_TEST(ask(filter, AUDIT_ARCH_AARCH64, 0) == eperm);
}

BOOST_AUTO_TEST_CASE(conditions_compare_as_many_bits_as_an_argument_has) {
  struct Row {
    const char* name;
    std::uint32_t library, kernel;
    bool wide;
  };
  const Row table[] = {
      {"SCMP_ARCH_AARCH64", SCMP_ARCH_AARCH64, AUDIT_ARCH_AARCH64, true},
      {"SCMP_ARCH_RISCV64", SCMP_ARCH_RISCV64, AUDIT_ARCH_RISCV64, true},
      {"SCMP_ARCH_MIPSEL64", SCMP_ARCH_MIPSEL64, AUDIT_ARCH_MIPSEL64, true},
      {"SCMP_ARCH_MIPSEL64N32", SCMP_ARCH_MIPSEL64N32, AUDIT_ARCH_MIPSEL64N32, false},
      {"SCMP_ARCH_ARM", SCMP_ARCH_ARM, AUDIT_ARCH_ARM, false},
      {"SCMP_ARCH_X86", SCMP_ARCH_X86, AUDIT_ARCH_I386, false},
  };
  const std::vector<SeccompArgument> five{{.index = 0, .value = 5, .op = Operator::eq}};
  const std::vector<SeccompArgument> always{{.index = 5, .value = 0, .op = Operator::ge}};
  for (const Row& row : table) {
    BOOST_TEST_CONTEXT(row.name) {
      Seccomp document = profile(Action::trap, {rule({"read"}, Action::trap, five),
                                                rule({"read"}, Action::allow, always)});
      document.architectures = {row.name};
      const std::string filter = compile_seccomp(document).filter;
      const auto read =
          static_cast<std::uint32_t>(::seccomp_syscall_resolve_name_arch(row.library, "read"));
      BOOST_TEST(ask(filter, row.kernel, read, {5}) == SCMP_ACT_TRAP);
      BOOST_TEST(ask(filter, row.kernel, read, {6}) == SCMP_ACT_ALLOW);
      BOOST_TEST(ask(filter, row.kernel, read, {0x1'0000'0005}) ==
                 (row.wide ? SCMP_ACT_ALLOW : SCMP_ACT_TRAP));
    }
  }
}

BOOST_AUTO_TEST_CASE(this_machine_is_always_among_the_architectures) {
  Seccomp document = profile(Action::errno_, {rule({"read"}, Action::allow)});
  document.architectures = {"SCMP_ARCH_AARCH64"};
  BOOST_TEST(answer(document, "read") == SCMP_ACT_ALLOW);
}

BOOST_AUTO_TEST_CASE(every_architecture_of_this_byte_order_in_libseccomp_is_accepted) {
  for (const char* name :
       {"SCMP_ARCH_NATIVE", "SCMP_ARCH_X86", "SCMP_ARCH_X86_64", "SCMP_ARCH_X32", "SCMP_ARCH_ARM",
        "SCMP_ARCH_AARCH64", "SCMP_ARCH_MIPSEL", "SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPSEL64N32",
        "SCMP_ARCH_PPC64LE", "SCMP_ARCH_RISCV64"}) {
    Seccomp document = profile(Action::errno_, {rule({"read"}, Action::allow)});
    document.architectures = {name, name};
    BOOST_TEST_CONTEXT(name) {
      BOOST_TEST(answer(document, "read") == SCMP_ACT_ALLOW);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_architecture_of_the_other_byte_order_is_refused) {
  for (const char* name : {"SCMP_ARCH_MIPS", "SCMP_ARCH_MIPS64", "SCMP_ARCH_MIPS64N32",
                           "SCMP_ARCH_PPC", "SCMP_ARCH_PPC64", "SCMP_ARCH_S390", "SCMP_ARCH_S390X",
                           "SCMP_ARCH_PARISC", "SCMP_ARCH_PARISC64"}) {
    Seccomp document = profile(Action::allow);
    document.architectures = {"SCMP_ARCH_X86_64", name};
    BOOST_CHECK_EXCEPTION(
        compile_seccomp(document), Error,
        says(ErrorKind::InvalidSpec,
             std::string("/linux/seccomp/architectures/1: ") + name + " has not the byte order"));
  }
}

BOOST_AUTO_TEST_CASE(an_architecture_that_libseccomp_lacks_is_an_error_with_its_version) {
  for (const char* name : {"SCMP_ARCH_LOONGARCH64", "SCMP_ARCH_M68K", "SCMP_ARCH_SH",
                           "SCMP_ARCH_SHEB", "SCMP_ARCH_PDP11", "x86_64", ""}) {
    Seccomp document = profile(Action::allow);
    document.architectures = {name};
    BOOST_CHECK_EXCEPTION(
        compile_seccomp(document), Error,
        says(ErrorKind::Unsupported, "libseccomp " + libseccomp_version() + " does not know"));
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(seccomp_enosys)

BOOST_AUTO_TEST_CASE(calls_newer_than_the_newest_one_named_are_answered_enosys) {
  const std::string filter =
      compile_seccomp(profile(Action::errno_, {rule({"read", "openat2"}, Action::allow)})).filter;
  BOOST_TEST(ask(filter, "openat2") == SCMP_ACT_ALLOW);
  BOOST_TEST(ask(filter, "clone3") == eperm);
  BOOST_TEST(ask(filter, AUDIT_ARCH_X86_64, number("openat2") + 1) == enosys);
  BOOST_TEST(ask(filter, AUDIT_ARCH_X86_64, 100000) == enosys);
}

BOOST_AUTO_TEST_CASE(a_call_named_in_a_rule_that_is_skipped_is_known_to_the_author) {
  const std::string filter =
      compile_seccomp(profile(Action::errno_,
                              {rule({"read"}, Action::allow), rule({"clone3"}, Action::errno_)}))
          .filter;
  BOOST_TEST(ask(filter, "clone3") == eperm);
  BOOST_TEST(ask(filter, "openat2") == enosys);
}

BOOST_AUTO_TEST_CASE(each_architecture_has_its_own_newest_call) {
  Seccomp document = profile(Action::kill, {rule({"read", "write"}, Action::allow)});
  document.architectures = {"SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_AARCH64"};
  const std::string filter = compile_seccomp(document).filter;
  struct Row {
    std::uint32_t arch, first, second;
  };
  for (const Row& row :
       {Row{AUDIT_ARCH_X86_64, 0, 1}, Row{AUDIT_ARCH_X86_64, 0x40000000, 0x40000001},
        Row{AUDIT_ARCH_I386, 3, 4}, Row{AUDIT_ARCH_AARCH64, 63, 64}}) {
    BOOST_TEST(ask(filter, row.arch, row.first) == SCMP_ACT_ALLOW);
    BOOST_TEST(ask(filter, row.arch, row.second) == SCMP_ACT_ALLOW);
    BOOST_TEST(ask(filter, row.arch, row.second + 1) == enosys);
  }
  BOOST_TEST(ask(filter, AUDIT_ARCH_AARCH64, 62) == SCMP_ACT_KILL);
}

BOOST_AUTO_TEST_CASE(x32_calls_stay_killed_where_x32_is_not_listed) {
  const std::string filter =
      compile_seccomp(profile(Action::errno_, {rule({"read"}, Action::allow)})).filter;
  BOOST_TEST(ask(filter, AUDIT_ARCH_X86_64, 0x40000000) == SCMP_ACT_KILL);
  BOOST_TEST(ask(filter, AUDIT_ARCH_X86_64, 0x3fffffff) == enosys);
}

BOOST_AUTO_TEST_CASE(arms_private_calls_are_not_newer_than_the_profile) {
  Seccomp document = profile(Action::errno_, {rule({"read", "set_tls"}, Action::allow)});
  document.architectures = {"SCMP_ARCH_ARM"};
  const std::string filter = compile_seccomp(document).filter;
  BOOST_TEST(ask(filter, AUDIT_ARCH_ARM, 0x0f0005) == SCMP_ACT_ALLOW);
  BOOST_TEST(ask(filter, AUDIT_ARCH_ARM, 0x0f0002) == eperm);
  BOOST_TEST(ask(filter, AUDIT_ARCH_ARM, 4) == enosys);
}

BOOST_AUTO_TEST_CASE(a_call_that_a_tracer_skips_is_left_to_the_default) {
  Seccomp document = profile(Action::errno_, {rule({"read"}, Action::allow)});
  document.architectures = {"SCMP_ARCH_X86", "SCMP_ARCH_AARCH64"};
  const std::string filter = compile_seccomp(document).filter;
  BOOST_TEST(ask(filter, AUDIT_ARCH_I386, 0xffffffff) == eperm);
  BOOST_TEST(ask(filter, AUDIT_ARCH_AARCH64, 0xffffffff) == eperm);
}

BOOST_AUTO_TEST_CASE(a_profile_without_a_name_for_an_architecture_knows_nothing_about_it) {
  Seccomp document = profile(Action::errno_, {rule({"arm_fadvise64_64"}, Action::allow)});
  document.architectures = {"SCMP_ARCH_ARM"};
  const std::string filter = compile_seccomp(document).filter;
  BOOST_TEST(ask(filter, AUDIT_ARCH_X86_64, 1000) == eperm);
  BOOST_TEST(ask(filter, AUDIT_ARCH_ARM, 1000) == enosys);
}

BOOST_AUTO_TEST_CASE(defaults_that_let_calls_pass_or_say_enosys_are_left_alone) {
  for (const Action action : {Action::allow, Action::log, Action::trace}) {
    const std::string filter =
        compile_seccomp(profile(action, {rule({"read"}, Action::kill)})).filter;
    BOOST_TEST(ask(filter, AUDIT_ARCH_X86_64, 1000) == ask(filter, "write"));
  }
  Seccomp document = profile(Action::errno_, {rule({"read"}, Action::allow)});
  const std::size_t with_answers = compile_seccomp(document).filter.size();
  document.default_errno_ret = ENOSYS;
  const auto program = compile_seccomp(document);
  BOOST_TEST(ask(program.filter, AUDIT_ARCH_X86_64, 1000) == enosys);
  BOOST_TEST(program.filter.size() < with_answers);
}

BOOST_AUTO_TEST_CASE(defaults_that_refuse_or_kill_get_the_answer) {
  for (const Action action :
       {Action::kill, Action::kill_process, Action::kill_thread, Action::trap, Action::errno_}) {
    const std::string filter =
        compile_seccomp(profile(action, {rule({"read"}, Action::allow)})).filter;
    BOOST_TEST(ask(filter, AUDIT_ARCH_X86_64, 1000) == enosys);
    BOOST_TEST(ask(filter, AUDIT_ARCH_X86_64, 1) == enosys);
  }
}

BOOST_AUTO_TEST_SUITE_END()
