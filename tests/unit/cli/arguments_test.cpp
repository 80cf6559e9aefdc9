#include "runtime/cli/arguments.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "runtime/cli/create_options.hpp"

using namespace ocelot;
using namespace ocelot::cli;

namespace {

using Words = std::vector<std::string_view>;

Arguments parse_command(std::string_view name, const Words& words) {
  return parse(command_named(name), words, Stop::never);
}

std::string refusal(std::string_view command, const Words& words) {
  try {
    const Arguments arguments = parse_command(command, words);
    check_usage(command_named(command), arguments);
    create_options(arguments);
  } catch (const UsageError& error) {
    BOOST_TEST(error.command().name == command);
    return error.what();
  }
  return "accepted";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(arguments)

BOOST_AUTO_TEST_CASE(a_value_is_the_next_word_or_follows_an_equals_sign_with_one_dash_or_two) {
  for (const Words& words : {Words{"--bundle", "/b", "c"}, Words{"--bundle=/b", "c"},
                             Words{"-bundle", "/b", "c"}, Words{"-bundle=/b", "c"},
                             Words{"-b", "/b", "c"}, Words{"-b=/b", "c"}, Words{"--b=/b", "c"}}) {
    const Arguments arguments = parse_command("create", words);
    BOOST_TEST_CONTEXT(words.front()) {
      BOOST_TEST(arguments.text(option::bundle) == "/b");
      BOOST_TEST(arguments.operands() == Words{"c"}, boost::test_tools::per_element());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_value_may_look_like_an_option_and_may_hold_equals_signs) {
  BOOST_TEST(parse_command("create", {"--pid-file", "--bundle", "c"}).text(option::pid_file) ==
             "--bundle");
  BOOST_TEST(parse_command("create", {"--pid-file=a=b", "c"}).text(option::pid_file) == "a=b");
}

BOOST_AUTO_TEST_CASE(a_switch_takes_its_value_only_behind_an_equals_sign) {
  for (const std::string_view word :
       {"--force", "-force", "-f", "--force=true", "-force=T", "-f=1"}) {
    BOOST_TEST(parse_command("delete", {word, "c"}).has(option::force), word);
  }
  for (const std::string_view word : {"--force=false", "-force=F", "-f=0"}) {
    BOOST_TEST(!parse_command("delete", {word, "c"}).has(option::force), word);
  }
  const Arguments arguments = parse_command("kill", {"--all", "false"});
  BOOST_TEST(arguments.has(option::all));
  BOOST_TEST(arguments.operands() == Words{"false"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_last_of_several_values_counts) {
  BOOST_TEST(parse_command("create", {"-b", "/one", "--bundle=/two", "c"}).text(option::bundle) ==
             "/two");
  BOOST_TEST(!parse_command("delete", {"--force", "--force=false", "c"}).has(option::force));
}

BOOST_AUTO_TEST_CASE(options_may_follow_the_operands_of_a_command) {
  const Arguments arguments = parse_command("kill", {"c", "--all", "9"});
  BOOST_TEST(arguments.has(option::all));
  BOOST_TEST(arguments.operands() == (Words{"c", "9"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(options_of_the_program_end_at_the_name_of_the_command) {
  const Words words{"--root", "/r", "-debug", "state", "--help", "c"};
  const Arguments arguments = parse(program, words, Stop::at_first_operand);
  BOOST_TEST(arguments.text(option::root) == "/r");
  BOOST_TEST(arguments.has(option::debug));
  BOOST_TEST(!arguments.has(option::help));
  BOOST_TEST(arguments.operands() == (Words{"state", "--help", "c"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(two_dashes_end_the_options_and_one_is_an_operand) {
  const Arguments arguments = parse_command("kill", {"--", "--all", "9"});
  BOOST_TEST(!arguments.has(option::all));
  BOOST_TEST(arguments.operands() == (Words{"--all", "9"}), boost::test_tools::per_element());
  BOOST_TEST(parse_command("state", {"-"}).operands() == Words{"-"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(wrong_words_are_refused_with_what_is_wrong_about_them) {
  BOOST_TEST(refusal("create", {"--bogus=1", "c"}) == "unknown option: --bogus");
  BOOST_TEST(refusal("create", {"-bf", "c"}) == "unknown option: -bf");
  BOOST_TEST(refusal("create", {"--force", "c"}) == "unknown option: --force");
  BOOST_TEST(refusal("create", {"c", "--pid-file"}) == "option needs a value: --pid-file");
  BOOST_TEST(refusal("delete", {"--force=maybe", "c"}) ==
             "invalid value \"maybe\" for option --force: must be true or false");
  BOOST_TEST(refusal("check", {"--format", "xml"}) ==
             "invalid value \"xml\" for option --format: must be one of text, json");
}

BOOST_AUTO_TEST_CASE(a_number_of_descriptors_is_a_whole_number) {
  BOOST_TEST(create_options(parse_command("create", {"--preserve-fds", "7", "c"})).preserve_fds ==
             7u);
  for (const std::string_view word : {"-1", "x", "1x", "99999999999", "0x1"}) {
    BOOST_TEST(refusal("create", {"--preserve-fds", word, "c"}) ==
               "invalid value \"" + std::string(word) +
                   "\" for option --preserve-fds: must be a whole number");
  }
}

BOOST_AUTO_TEST_CASE(operands_are_counted) {
  BOOST_TEST(refusal("start", {}) == "\"start\" requires exactly 1 argument(s)");
  BOOST_TEST(refusal("start", {"a", "b"}) == "\"start\" requires exactly 1 argument(s)");
  BOOST_TEST(refusal("kill", {}) == "\"kill\" requires a minimum of 1 argument(s)");
  BOOST_TEST(refusal("kill", {"a", "9", "b"}) == "\"kill\" requires a maximum of 2 argument(s)");
  BOOST_TEST(refusal("kill", {"a"}) == "accepted");
}

BOOST_AUTO_TEST_CASE(an_option_that_needs_another_is_refused_without_it) {
  BOOST_TEST(refusal("create", {"--channel", "c"}) == "--channel needs --shim");
  BOOST_TEST(refusal("run", {"--replay", "0", "--shim=false", "c"}) == "--replay needs --shim");
  BOOST_TEST(refusal("run", {"--shim", "--output-log-rate", "9", "c"}) ==
             "--output-log-rate needs --output-log");
  BOOST_TEST(refusal("run", {"--shim", "--output-log", "/l", "--output-log-rate", "9", "c"}) ==
             "accepted");
  BOOST_TEST(refusal("run", {"--channel=false", "c"}) == "accepted");
}

BOOST_AUTO_TEST_CASE(an_unknown_command_is_refused) {
  BOOST_CHECK_EXCEPTION(command_named("destroy"), UsageError, [](const UsageError& error) {
    return error.what() == std::string{"unknown command: destroy"};
  });
}

BOOST_AUTO_TEST_CASE(every_option_of_create_reaches_its_member) {
  const CreateOptions options = create_options(
      parse_command("run", {"--bundle=/b", "--config=/c", "--console-socket=/s",
                            "--pidfd-socket=/p", "--pid-file=/f", "--no-pivot", "--no-new-keyring",
                            "--preserve-fds=3", "--detach", "--keep", "-no-subreaper", "id"}));
  BOOST_TEST(options.id == "id");
  BOOST_TEST(options.bundle == "/b");
  BOOST_TEST(options.config == "/c");
  BOOST_TEST(options.console_socket == "/s");
  BOOST_TEST(options.pidfd_socket == "/p");
  BOOST_TEST(options.pid_file == "/f");
  BOOST_TEST(options.no_pivot);
  BOOST_TEST(options.no_new_keyring);
  BOOST_TEST(options.preserve_fds == 3u);
  BOOST_TEST(options.detach);
  BOOST_TEST(options.keep);
  BOOST_TEST(options.no_subreaper);
}

BOOST_AUTO_TEST_CASE(without_options_create_has_its_defaults) {
  const CreateOptions options = create_options(parse_command("create", {"id"}));
  BOOST_TEST(options.bundle == ".");
  BOOST_TEST(options.config == "");
  BOOST_TEST(options.preserve_fds == 0u);
  BOOST_TEST(!options.no_pivot);
  BOOST_TEST(!options.no_new_keyring);
  BOOST_TEST(!options.detach);
}

BOOST_AUTO_TEST_SUITE_END()
