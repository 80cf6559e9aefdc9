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

std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string line(std::string_view condition, const Option& option) {
  std::string text = fmt::format("complete -c ocelot -n {} -l {}", quoted(condition), option.name);
  if (option.letter != '\0') text += fmt::format(" -s {}", option.letter);
  if (!option.is_switch()) text += " -x";
  if (!option.choices.empty()) {
    std::string words{option.choices};
    std::ranges::replace(words, '|', ' ');
    text += fmt::format(" -a {}", quoted(words));
  } else if (option.completion == Completion::directories) {
    text += " -a '(__fish_complete_directories)'";
  } else if (option.completion == Completion::files) {
    text += " -a '(__fish_complete_path)'";
  }
  return text + fmt::format(" -d {}\n", quoted(option.help));
}

}  // namespace

std::string fish() {
  std::string script =
      "# fish completion for ocelot\n"
      "function __ocelot_containers\n"
      "    command ls /run/ocelot 2>/dev/null\n"
      "end\n"
      "complete -c ocelot -f\n";
  constexpr std::string_view before = "__fish_use_subcommand";
  for (const Option* option : cli::program.options) script += line(before, *option);
  for (const Command& command : cli::commands()) {
    script += fmt::format("complete -c ocelot -n {} -a {} -d {}\n", before, command.name,
                          quoted(command.summary));
  }
  for (const Command& command : cli::commands()) {
    const std::string seen = fmt::format("__fish_seen_subcommand_from {}", command.name);
    for (const Option* option : command.options) script += line(seen, *option);
    if (command.completion == Completion::containers) {
      script += fmt::format("complete -c ocelot -n {} -a '(__ocelot_containers)'\n", quoted(seen));
    }
    if (command.completion == Completion::commands) {
      std::string names;
      for (const Command& each : cli::commands())
        names.append(names.empty() ? "" : " ").append(each.name);
      script += fmt::format("complete -c ocelot -n {} -a {}\n", quoted(seen), quoted(names));
    }
  }
  return script;
}

}  // namespace ocelot::completions
