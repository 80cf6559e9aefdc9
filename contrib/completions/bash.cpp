#include <fmt/core.h>

#include <algorithm>
#include <string_view>

#include "contrib/completions/shells.hpp"
#include "runtime/cli/table.hpp"

namespace ocelot::completions {

namespace {

using cli::Command;
using cli::Completion;
using cli::Option;

constexpr std::string_view head = R"(# bash completion for ocelot
_ocelot() {
  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
  local command='' root=/run/ocelot i
  # bash makes three words of --root=DIR.
  if [[ $before == = ]]; then before=${COMP_WORDS[COMP_CWORD-2]}; fi
  if [[ $current == = ]]; then current=; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
)";

constexpr std::string_view tail = R"(      -* | =) ;;
      *) command=${COMP_WORDS[i]}; break ;;
    esac
  done
  local options='' words=''
  COMPREPLY=()
)";

std::string reply(const Option& option) {
  if (!option.choices.empty()) {
    std::string words{option.choices};
    std::ranges::replace(words, '|', ' ');
    return fmt::format("mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$current\")", words);
  }
  if (option.completion == Completion::directories)
    return "mapfile -t COMPREPLY < <(compgen -d -- \"$current\")";
  if (option.completion == Completion::files)
    return "mapfile -t COMPREPLY < <(compgen -f -- \"$current\")";
  return ":";
}

std::string all_commands() {
  std::string words;
  for (const Command& command : cli::commands())
    words.append(words.empty() ? "" : " ").append(command.name);
  return words;
}

std::string operands(const Command& command) {
  if (&command == &cli::program || command.completion == Completion::commands)
    return fmt::format("words='{}'", all_commands());
  if (command.completion == Completion::containers)
    return "words=$(command ls -- \"$root\" 2>/dev/null)";
  return "";
}

// What follows one command: the values of its options, its options, its operands.
std::string branch(const Command& command) {
  const std::string_view name = &command == &cli::program ? "''" : command.name;
  std::string options;
  std::string values;
  for (const Option* option : command.options) {
    options.append(options.empty() ? "--" : " --").append(option->name);
    if (option->is_switch()) continue;
    const std::string letter = option->letter == '\0' ? "" : fmt::format(" | -{}", option->letter);
    values += fmt::format("        --{} | -{}{}) {}; return ;;\n", option->name, option->name,
                          letter, reply(*option));
  }
  std::string text = fmt::format("    {})\n", name);
  if (!values.empty()) text += fmt::format("      case $before in\n{}      esac\n", values);
  text += fmt::format("      options='{}'\n", options);
  if (const std::string words = operands(command); !words.empty())
    text += fmt::format("      {}\n", words);
  return text + "      ;;\n";
}

}  // namespace

std::string bash() {
  std::string script{head};
  for (const Option* option : cli::program.options) {
    if (option->is_switch()) continue;
    const std::string_view remember = option == &cli::option::root ? " root=${COMP_WORDS[i]};" : "";
    script += fmt::format(
        "      --{} | -{}) ((i++)); if [[ ${{COMP_WORDS[i]}} == = ]]; then ((i++)); fi;{} ;;\n",
        option->name, option->name, remember);
  }
  script += tail;
  script += "  case $command in\n" + branch(cli::program);
  for (const Command& command : cli::commands()) script += branch(command);
  script +=
      "  esac\n"
      "  if [[ $current == -* ]]; then words=$options; fi\n"
      "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
      "}\n"
      "complete -F _ocelot ocelot\n";
  return script;
}

}  // namespace ocelot::completions
