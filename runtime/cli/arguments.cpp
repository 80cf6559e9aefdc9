#include "runtime/cli/arguments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "runtime/base/text.hpp"

namespace ocelot::cli {

namespace {

constexpr std::string_view on = "true";
constexpr std::string_view off = "false";

// The spellings of Go's strconv.ParseBool.
std::optional<bool> parse_switch(std::string_view word) {
  constexpr std::array<std::string_view, 6> yes{"1", "t", "T", "true", "TRUE", "True"};
  constexpr std::array<std::string_view, 6> no{"0", "f", "F", "false", "FALSE", "False"};
  if (std::ranges::find(yes, word) != yes.end()) return true;
  if (std::ranges::find(no, word) != no.end()) return false;
  return std::nullopt;
}

[[noreturn]] void refuse_value(const Command& command, const Option& option, std::string_view value,
                               std::string_view wanted) {
  throw UsageError{
      command, fmt::format("invalid value \"{}\" for option --{}: {}", value, option.name, wanted)};
}

void check_choice(const Command& command, const Option& option, std::string_view value) {
  if (option.choices.empty()) return;
  const auto choices = split(option.choices, '|');
  if (std::ranges::find(choices, value) == choices.end()) {
    refuse_value(command, option, value,
                 fmt::format("must be one of {}", fmt::join(choices, ", ")));
  }
}

}  // namespace

bool Arguments::has(const Option& option) const {
  return text(option) == on;
}

bool Arguments::given(const Option& option) const {
  return std::ranges::find(values_, &option, &decltype(values_)::value_type::first) !=
         values_.end();
}

std::string_view Arguments::text(const Option& option) const {
  const auto last = std::find_if(values_.rbegin(), values_.rend(),
                                 [&](const auto& value) { return value.first == &option; });
  return last == values_.rend() ? std::string_view{} : last->second;
}

std::vector<std::string> Arguments::all(const Option& option) const {
  std::vector<std::string> texts;
  for (const auto& [given, value] : values_) {
    if (given == &option) texts.emplace_back(value);
  }
  return texts;
}

unsigned Arguments::number(const Option& option) const {
  const std::string_view word = text(option);
  if (word.empty()) return 0;
  const auto value = parse_integer<unsigned>(word);
  if (!value) refuse_value(*command_, option, word, "must be a whole number");
  return *value;
}

Arguments parse(const Command& command, std::span<const std::string_view> words, Stop stop) {
  Arguments arguments;
  arguments.command_ = &command;
  bool options_end = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string_view word = words[i];
    if (options_end || word.size() < 2 || word.front() != '-') {
      arguments.operands_.push_back(word);
      options_end = options_end || stop == Stop::at_first_operand;
      continue;
    }
    if (word == "--") {
      options_end = true;
      continue;
    }
    word.remove_prefix(word.starts_with("--") ? 2 : 1);
    const std::size_t equals = word.find('=');
    const Option* option = find_option(command, word.substr(0, equals));
    if (option == nullptr) {
      throw UsageError{command,
                       fmt::format("unknown option: {}", words[i].substr(0, words[i].find('=')))};
    }
    std::string_view value;
    if (equals != std::string_view::npos) {
      value = word.substr(equals + 1);
    } else if (option->is_switch()) {
      value = on;
    } else if (++i < words.size()) {
      value = words[i];
    } else {
      throw UsageError{command, fmt::format("option needs a value: --{}", option->name)};
    }
    if (option->is_switch()) {
      const std::optional<bool> given = parse_switch(value);
      if (!given) refuse_value(command, *option, value, "must be true or false");
      value = *given ? on : off;
    } else {
      check_choice(command, *option, value);
    }
    arguments.values_.emplace_back(option, value);
  }
  return arguments;
}

const Command& command_named(std::string_view name) {
  if (const Command* command = find_command(name)) return *command;
  throw UsageError{program, fmt::format("unknown command: {}", name)};
}

namespace {

void check_operands(const Command& command, const Arguments& arguments) {
  const std::size_t given = arguments.operands().size();
  if (given >= command.fewest_operands && given <= command.most_operands) return;
  const bool too_few = given < command.fewest_operands;
  const std::size_t bound = too_few ? command.fewest_operands : command.most_operands;
  std::string_view how = "exactly";
  if (command.fewest_operands != command.most_operands)
    how = too_few ? "a minimum of" : "a maximum of";
  throw UsageError{command,
                   fmt::format("\"{}\" requires {} {} argument(s)", command.name, how, bound)};
}

bool holds(const Arguments& arguments, const Option& option) {
  return option.is_switch() ? arguments.has(option) : arguments.given(option);
}

}  // namespace

void check_usage(const Command& command, const Arguments& arguments) {
  check_operands(command, arguments);
  for (const Option* option : command.options) {
    if (option->needs == nullptr || !holds(arguments, *option) || holds(arguments, *option->needs))
      continue;
    throw UsageError{command, fmt::format("--{} needs --{}", option->name, option->needs->name)};
  }
}

}  // namespace ocelot::cli
