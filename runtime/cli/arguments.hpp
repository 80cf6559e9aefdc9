#pragma once
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/cli/table.hpp"

namespace ocelot::cli {

// The command line does not fit the table. Whoever reports it prints the help of `command` first.
class UsageError : public Error {
 public:
  UsageError(const Command& command, std::string text)
      : Error(ErrorKind::InvalidArgument, std::move(text)), command_(&command) {}
  const Command& command() const noexcept { return *command_; }

 private:
  const Command* command_;
};

// Where options end: nowhere (as in `kill ID --all`), or at the first word that is none, which with
// all that follow is an operand.
enum class Stop { never, at_first_operand };

// What was given to one command. The texts are borrowed from argv.
class Arguments {
 public:
  // A switch that was given, and not as --switch=false.
  bool has(const Option& option) const;
  // Any option, whatever its value.
  bool given(const Option& option) const;
  // The value given last; empty when there was none.
  std::string_view text(const Option& option) const;
  // Every value given, in order.
  std::vector<std::string> all(const Option& option) const;
  // The value given last, as a number; 0 when there was none. Throws UsageError when it is no whole
  // number.
  unsigned number(const Option& option) const;
  const std::vector<std::string_view>& operands() const { return operands_; }

 private:
  friend Arguments parse(const Command&, std::span<const std::string_view>, Stop);
  const Command* command_ = nullptr;
  std::vector<std::pair<const Option*, std::string_view>> values_;
  std::vector<std::string_view> operands_;
};

// Sorts `words` into options and operands as Go's flag package does, which engines rely on: -name
// and --name are the same, a value is the next word or follows '=', a switch takes only the latter,
// "--" ends the options, letters do not bundle.
//
// Throws UsageError for an unknown option, a missing value and one that is not among the option's
// choices.
Arguments parse(const Command& command, std::span<const std::string_view> words, Stop stop);

// Throws UsageError when there is no command of that name.
const Command& command_named(std::string_view name);

// Throws UsageError when `arguments` has fewer or more operands than `command` takes, or an option
// without the one that it needs.
void check_usage(const Command& command, const Arguments& arguments);

}  // namespace ocelot::cli
