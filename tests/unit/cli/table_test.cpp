#include "runtime/cli/table.hpp"

#include <boost/test/unit_test.hpp>
#include <set>
#include <string>

#include "runtime/base/text.hpp"
#include "runtime/cli/help_text.hpp"

using namespace ocelot;
using namespace ocelot::cli;

namespace {

std::vector<const Command*> everything() {
  std::vector<const Command*> all{&program};
  for (const Command& command : commands()) all.push_back(&command);
  return all;
}

std::set<std::string_view> option_names(std::string_view command) {
  std::set<std::string_view> names;
  for (const Option* option : find_command(command)->options) names.insert(option->name);
  names.erase("help");
  return names;
}

using Names = std::set<std::string_view>;

}  // namespace

BOOST_AUTO_TEST_SUITE(table)

BOOST_AUTO_TEST_CASE(no_two_options_of_a_command_share_a_name_or_a_letter) {
  for (const Command* command : everything()) {
    std::set<std::string> taken;
    for (const Option* option : command->options) {
      BOOST_TEST_CONTEXT(command->name << " --" << option->name) {
        BOOST_TEST(taken.insert(std::string(option->name)).second);
        if (option->letter != '\0') BOOST_TEST(taken.insert(std::string(1, option->letter)).second);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(everything_has_a_text_and_every_option_can_be_found_by_both_its_names) {
  for (const Command* command : everything()) {
    BOOST_TEST_CONTEXT(command->name) {
      BOOST_TEST(!command->summary.empty());
      BOOST_TEST(!command->description.empty());
      BOOST_TEST(find_option(*command, "help") != nullptr);
      BOOST_TEST(find_option(*command, "") == nullptr);
      for (const Option* option : command->options) {
        BOOST_TEST(!option->help.empty(), option->name);
        BOOST_TEST(find_option(*command, option->name) == option);
        if (option->letter != '\0')
          BOOST_TEST(find_option(*command, {&option->letter, 1}) == option);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(commands_are_in_the_order_of_the_alphabet) {
  BOOST_TEST(std::ranges::is_sorted(commands(), {}, &Command::name));
}

// What callers send: see their command lines in the engines' own sources.
BOOST_AUTO_TEST_CASE(the_options_are_those_that_callers_send) {
  Names create{"bundle",   "config",   "console-socket", "pidfd-socket",
               "pid-file", "no-pivot", "no-new-keyring", "preserve-fds"};
  // Of our own.
  create.insert({"shim", "channel", "stdin", "keep-terminal", "operator", "observer",
                 "shim-oom-score-adj", "shim-cgroup", "socket-buffer", "output-log",
                 "output-log-format", "output-log-size", "output-log-files", "output-log-rate",
                 "replay", "trace"});
  Names run = create;
  run.insert({"detach", "keep", "no-subreaper"});
  BOOST_TEST((option_names("create") == create));
  BOOST_TEST((option_names("run") == run));
  BOOST_TEST((option_names("start") == Names{}));
  BOOST_TEST((option_names("state") == Names{}));
  BOOST_TEST((option_names("kill") == Names{"all", "process", "regex"}));
  BOOST_TEST((option_names("delete") == Names{"force", "regex"}));
  Names global;
  for (const Option* option : program.options) global.insert(option->name);
  BOOST_TEST((global == Names{"root", "log", "log-format", "log-level", "debug", "cgroup-manager",
                              "systemd-cgroup", "rootless", "criu", "version", "help"}));
}

// Their binary is protected from the container (CVE-2019-5736).
BOOST_AUTO_TEST_CASE(the_commands_that_bring_a_process_into_a_container_say_so) {
  Names names;
  for (const Command& command : commands())
    if (command.enters_container) names.insert(command.name);
  BOOST_TEST((names == Names{"create", "exec", "mounts", "run"}));
}

BOOST_AUTO_TEST_CASE(the_help_of_a_command_tells_all_of_its_options) {
  for (const Command* command : everything()) {
    const std::string help = help_of(*command);
    for (const Option* option : command->options) {
      BOOST_TEST(help.find("--" + std::string(option->name)) != std::string::npos,
                 command->name << ": " << option->name);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_help_of_the_program_tells_all_commands) {
  const std::string help = help_of(program);
  for (const Command& command : commands()) {
    BOOST_TEST(help.find("\n   " + std::string(command.name) + " ") != std::string::npos,
               command.name);
  }
}

BOOST_AUTO_TEST_CASE(descriptions_are_wrapped_at_eighty_columns) {
  for (const Command* command : everything()) {
    const std::string help = help_of(*command);
    const std::string_view description = std::string_view(help).substr(0, help.find("OPTIONS:"));
    for (const std::string_view line : split(description, '\n'))
      BOOST_TEST(line.size() <= 80u, line);
  }
}

BOOST_AUTO_TEST_SUITE_END()
