#include "runtime/cli/program.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "runtime/base/log.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/global_options.hpp"
#include "runtime/cli/help_text.hpp"
#include "runtime/cli/launch_shim.hpp"
#include "runtime/protect_binary.hpp"

namespace ocelot::cli {

namespace {

std::string_view basename(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

int print(std::string_view text) {
  sys::write_all(STDOUT_FILENO, text);
  return 0;
}

struct Handler {
  std::string_view command;
  int (*run)(const GlobalOptions&, const Arguments&);
};
constexpr std::array handlers{Handler{"attach", attach},
                              Handler{"channel", channel},
                              Handler{"check", check},
                              Handler{"checkpoint", checkpoint},
                              Handler{"create", create},
                              Handler{"delete", remove},
                              Handler{"events", events},
                              Handler{"exec", exec},
                              Handler{"features", features},
                              Handler{"help", help},
                              Handler{"kill", kill},
                              Handler{"list", list},
                              Handler{"logs", logs},
                              Handler{"mounts", mounts},
                              Handler{"pause", pause},
                              Handler{"plan", plan},
                              Handler{"ps", ps},
                              Handler{"restore", restore},
                              Handler{"resume", resume},
                              Handler{"run", run},
                              Handler{"shim", shim},
                              Handler{"spec", spec},
                              Handler{"start", start},
                              Handler{"state", state},
                              Handler{"stats", stats},
                              Handler{"update", update},
                              Handler{"wait", wait}};

}  // namespace

Program::Program(std::span<char* const> argv) : name_(program.name), argv_(argv) {
  if (argv.empty()) return;
  if (basename(argv.front()) == "runc") name_ = "runc";
  words_.assign(argv.begin() + 1, argv.end());
}

std::string Program::error_prefix() const {
  if (command_ != nullptr && command_->name == "exec") return "exec failed: ";
  // Of the other commands callers match the whole text.
  const bool prefixed =
      command_ != nullptr && (command_->name == "create" || command_->name == "run");
  return prefixed ? fmt::format("{} {} failed: ", name_, command_->name) : std::string{};
}

int Program::failure_status() const {
  // Callers tell by it a process that ended with 1 from one that never began.
  return command_ != nullptr && command_->name == "exec" ? 255 : 1;
}

int Program::run() {
  const Arguments before = parse(program, words_, Stop::at_first_operand);
  open_log(before);
  if (log::debugging()) log::debug(fmt::format("{} {}", name_, fmt::join(words_, " ")));
  if (before.has(option::version)) return print(version(name_));
  if (before.has(option::help) || before.operands().empty()) return print(help_of(program));

  const Command& command = command_named(before.operands().front());
  const Arguments arguments =
      parse(command, std::span(before.operands()).subspan(1),
            command.operand_ends_options ? Stop::at_first_operand : Stop::never);
  if (arguments.has(option::help)) return print(help_of(command));
  check_usage(command, arguments);
  command_ = &command;
  // What a shim does under the same words is done before the command has its turn.
  if (is_for_a_new_shim(command, arguments)) {
    launch_shim(argv_, arguments);
  } else if (command.enters_container) {
    protect_binary(argv_.data());
  }
  const auto handler = std::ranges::find(handlers, command.name, &Handler::command);
  return handler->run(global_options(before), arguments);
}

}  // namespace ocelot::cli
