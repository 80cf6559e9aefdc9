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

// A text inside '...' where a colon or a bracket would end a field.
std::string field(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ':' || c == '[' || c == ']') out += '\\';
    out += c == '\'' ? "'\\''" : std::string(1, c);
  }
  return out;
}

std::string action(const Option& option) {
  if (!option.choices.empty()) {
    std::string words{option.choices};
    std::ranges::replace(words, '|', ' ');
    return fmt::format("({})", words);
  }
  if (option.completion == Completion::directories) return "_directories";
  if (option.completion == Completion::files) return "_files";
  return " ";
}

// One specification of _arguments.
std::string specification(const Option& option) {
  const std::string value =
      option.is_switch() ? "" : fmt::format(":{}:{}", field(option.argument), action(option));
  const std::string_view equals = option.is_switch() ? "" : "=";
  const std::string rest = fmt::format("[{}]{}", field(option.help), value);
  if (option.letter == '\0') return fmt::format("'--{}{}{}'", option.name, equals, rest);
  return fmt::format("{{-{},--{}{}}}'{}'", option.letter, option.name, equals, rest);
}

std::string_view operand(const Command& command) {
  if (command.completion == Completion::containers) return " '1:container:_ocelot_containers'";
  if (command.completion == Completion::commands) return " '1:command:_ocelot_commands'";
  return "";
}

}  // namespace

std::string zsh() {
  std::string script =
      "#compdef ocelot\n\n"
      "_ocelot_containers() {\n"
      "  local -a containers\n"
      "  containers=(${opt_args[--root]:-/run/ocelot}/*(N:t))\n"
      "  compadd -a containers\n"
      "}\n\n"
      "_ocelot_commands() {\n"
      "  local -a commands\n"
      "  commands=(\n";
  for (const Command& command : cli::commands())
    script += fmt::format("    '{}:{}'\n", command.name, field(command.summary));
  script +=
      "  )\n"
      "  _describe command commands\n"
      "}\n\n"
      "_ocelot() {\n"
      "  local state line\n"
      "  local -A opt_args\n"
      "  _arguments -C";
  for (const Option* option : cli::program.options) script += " \\\n    " + specification(*option);
  script +=
      " \\\n    '1:command:_ocelot_commands' '*::argument:->arguments'\n"
      "  [[ $state == arguments ]] || return\n"
      "  case $words[1] in\n";
  for (const Command& command : cli::commands()) {
    script += fmt::format("    {}) _arguments", command.name);
    for (const Option* option : command.options) script += " \\\n      " + specification(*option);
    script += fmt::format("{} ;;\n", operand(command));
  }
  return script + "  esac\n}\n\n_ocelot \"$@\"\n";
}

}  // namespace ocelot::completions
