#include "runtime/cli/help_text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "runtime/base/text.hpp"

namespace ocelot::cli {

namespace {

constexpr std::size_t columns = 80;

// `text` broken at blanks into lines that begin with `indent` blanks; paragraphs stay apart.
std::string wrapped(std::string_view text, std::size_t indent) {
  std::string lines;
  std::size_t column = 0;
  for (const std::string_view paragraph : split(text, '\n')) {
    for (const std::string_view word : split(paragraph, ' ')) {
      if (word.empty()) continue;
      if (column + 1 + word.size() > columns) column = 0;
      if (column == 0) {
        if (!lines.empty() && lines.back() != '\n') lines += '\n';
        lines.append(indent, ' ');
        column = indent;
      } else {
        lines += ' ';
        ++column;
      }
      lines += word;
      column += word.size();
    }
    lines += '\n';
    column = 0;
  }
  return lines;
}

std::string spelling(const Option& option) {
  const std::string name = option.letter != '\0'
                               ? fmt::format("-{}, --{}", option.letter, option.name)
                               : fmt::format("    --{}", option.name);
  return option.is_switch() ? name : fmt::format("{} {}", name, option.argument);
}

struct Row {
  std::string name;
  std::string_view help;
};

std::string rows(std::string_view title, const std::vector<Row>& rows) {
  std::size_t width = 0;
  for (const Row& row : rows) width = std::max(width, row.name.size());
  std::string text = fmt::format("\n{}:\n", title);
  for (const Row& row : rows) text += fmt::format("   {:<{}}  {}\n", row.name, width, row.help);
  return text;
}

}  // namespace

std::string help_of(const Command& command) {
  const bool whole = &command == &program;
  std::string text =
      whole ? fmt::format("NAME:\n   {} - {}\n\nUSAGE:\n   {} [OPTION]... COMMAND [ARGUMENT]...\n",
                          command.name, command.summary, command.name)
            : fmt::format("NAME:\n   {0} {1} - {2}\n\nUSAGE:\n   {0} {1} [OPTION]...{3}{4}\n",
                          program.name, command.name, command.summary,
                          command.operands.empty() ? "" : " ", command.operands);
  text += "\nDESCRIPTION:\n" + wrapped(command.description, 3);
  std::vector<Row> table;
  if (whole) {
    for (const Command& each : commands()) table.push_back({std::string(each.name), each.summary});
    text += rows("COMMANDS", table);
    table.clear();
  }
  for (const Option* option : command.options) table.push_back({spelling(*option), option->help});
  text += rows(whole ? "GLOBAL OPTIONS" : "OPTIONS", table);
  return text;
}

}  // namespace ocelot::cli
