// The manual pages and completions that the build makes, read by the programs that they are for.
#include <sys/wait.h>

#include <array>
#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <sstream>
#include <string>

#include "runtime/cli/table.hpp"

namespace {

using namespace ocelot::cli;
namespace bt = boost::unit_test;

struct Result {
  int status;
  std::string output;  // standard output and error
};

Result shell(const std::string& command) {
  FILE* pipe = popen(("exec 2>&1; " + command).c_str(), "r");
  BOOST_REQUIRE(pipe != nullptr);
  std::string output;
  std::array<char, 4096> buffer;
  while (const std::size_t count = fread(buffer.data(), 1, buffer.size(), pipe))
    output.append(buffer.data(), count);
  return {WEXITSTATUS(pclose(pipe)), output};
}

// A test that needs `program` says so where it is missing.
bt::precondition needs(const std::string& program) {
  return bt::precondition{[program](bt::test_unit_id) {
    boost::test_tools::assertion_result found{
        std::system(("command -v " + program + " >/dev/null").c_str()) == 0};
    found.message() << program << " is not installed";
    return found;
  }};
}

const std::string man = OCELOT_MAN_DIRECTORY;
const std::string completions = OCELOT_COMPLETION_DIRECTORY;

// What bash offers behind the words of `line`, one a line.
std::set<std::string> offered(const std::string& line) {
  const Result result = shell(
      "bash -c '. " + completions + "/bash; COMP_WORDS=(" + line +
      "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _ocelot; printf \"%s\\n\" \"${COMPREPLY[@]}\"'");
  BOOST_TEST(result.status == 0, result.output);
  std::istringstream lines{result.output};
  std::set<std::string> words;
  for (std::string word; std::getline(lines, word);) {
    if (!word.empty()) words.insert(word);
  }
  return words;
}

using Words = std::set<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(generated)

BOOST_AUTO_TEST_CASE(every_command_has_a_manual_page_that_groff_reads_without_a_warning,
                     *needs("groff")) {
  BOOST_TEST(std::filesystem::exists(man + "/ocelot.8"));
  for (const Command& command : commands())
    BOOST_TEST(std::filesystem::exists(man + "/ocelot-" + std::string(command.name) + ".8"));
  for (const auto& page : std::filesystem::directory_iterator{man}) {
    const Result result = shell("groff -man -ww -z " + page.path().string());
    BOOST_TEST(result.status == 0, page.path());
    BOOST_TEST(result.output == "", page.path());
  }
}

BOOST_AUTO_TEST_CASE(a_manual_page_tells_every_option_as_it_is_typed, *needs("groff")) {
  const std::string text = shell("groff -man -Tascii -P-cbou " + man + "/ocelot-run.8").output;
  for (const Option* option : find_command("run")->options) {
    BOOST_TEST(text.find("--" + std::string(option->name)) != std::string::npos, option->name);
  }
  BOOST_TEST(text.find("-b, --bundle DIR") != std::string::npos, text);
}

BOOST_AUTO_TEST_CASE(each_shell_accepts_the_syntax_of_its_script,
                     *needs("bash") * needs("zsh") * needs("fish")) {
  for (const std::string name : {"bash", "zsh", "fish"}) {
    const Result result = shell(name + " -n " + completions + "/" + name);
    BOOST_TEST(result.status == 0, name);
    BOOST_TEST(result.output == "", name);
  }
}

BOOST_AUTO_TEST_CASE(bash_offers_commands_options_and_choices) {
  Words names;
  for (const Command& command : commands()) names.insert(std::string(command.name));
  BOOST_TEST((offered("ocelot \"\"") == names));
  BOOST_TEST((offered("ocelot --root /r sta") == Words{"start", "state", "stats"}));
  BOOST_TEST((offered("ocelot --root = /r sta") == Words{"start", "state", "stats"}));
  BOOST_TEST((offered("ocelot --log-format \"\"") == Words{"json", "text"}));
  BOOST_TEST((offered("ocelot --log-format = j") == Words{"json"}));
  BOOST_TEST((offered("ocelot --debug run --no-p") == Words{"--no-pivot"}));
  BOOST_TEST((offered("ocelot delete --") == Words{"--force", "--help", "--regex"}));
}

BOOST_AUTO_TEST_CASE(bash_offers_the_containers_below_the_root_and_the_directories_of_a_bundle) {
  char root[] = "/tmp/ocelot-root-XXXXXX";
  BOOST_REQUIRE(mkdtemp(root) != nullptr);
  std::filesystem::create_directory(std::string(root) + "/web-1");
  std::filesystem::create_directory(std::string(root) + "/db-1");
  BOOST_TEST(
      (offered("ocelot --root " + std::string(root) + " kill \"\"") == Words{"db-1", "web-1"}));
  BOOST_TEST((offered("ocelot create --bundle " + std::string(root) + "/w") ==
              Words{std::string(root) + "/web-1"}));
  std::filesystem::remove_all(root);
}

BOOST_AUTO_TEST_SUITE_END()
