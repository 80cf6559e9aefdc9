#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <span>

#include "runtime/base/error.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/channel.hpp"
#include "runtime/cli/arguments.hpp"
#include "runtime/cli/create_options.hpp"
#include "runtime/cli/global_options.hpp"
#include "runtime/inherited_fds.hpp"
#include "runtime/lookup.hpp"
#include "runtime/protect_binary.hpp"
#include "runtime/standard_streams.hpp"
#include "shim/memory.hpp"
#include "shim/re_execution.hpp"
#include "shim/supervisor.hpp"

namespace {

using namespace ocelot;

// Whoever started us waits at the other end of our standard input.
Channel take_report() {
  if (!S_ISSOCK(sys::stat(STDIN_FILENO).st_mode)) {
    throw Error{ErrorKind::InvalidArgument, "ocelot-shim is no command for people"}.with_hint(
        "ocelot create --shim, ocelot run --shim and ocelot shim adopt start it");
  }
  Channel report{sys::duplicate(STDIN_FILENO)};
  sys::use_null_device_as(STDIN_FILENO);
  return report;
}

// A number that the caller keeps closed stays closed in the container: ours moves above them all.
void make_room(Channel& report, unsigned preserved) {
  const unsigned count = sum_of_inherited(listen_fds_of_caller().count, preserved);
  report = Channel{sys::duplicate(report.fd(), 3 + static_cast<int>(count))};
}

const cli::Command& command_of(const cli::Arguments& before) {
  cli::open_log(before);
  if (before.operands().empty()) throw Error{ErrorKind::InvalidArgument, "no command"};
  return cli::command_named(before.operands().front());
}

// What both a new shim and one that goes on have to understand first.
struct CommandLine {
  explicit CommandLine(std::span<const std::string_view> words)
      : before(parse(cli::program, words, cli::Stop::at_first_operand)),
        command(command_of(before)),
        arguments(parse(command, std::span(before.operands()).subspan(1), cli::Stop::never)),
        global(cli::global_options(before)) {}

  const cli::Arguments before;
  const cli::Command& command;
  const cli::Arguments arguments;
  const GlobalOptions global;
};

// The operands of `shim ACTION ID`.
std::string container_of(const cli::Arguments& arguments) {
  if (arguments.operands().size() != 2) throw Error{ErrorKind::InvalidArgument, "no container"};
  return std::string{arguments.operands()[1]};
}

void adopt(const GlobalOptions& global, const cli::Arguments& arguments, Channel& report) {
  const std::string id = container_of(arguments);
  const auto memory = shim::load_memory(look_at_container(global, id).get());
  shim::Supervisor supervisor{
      global, id, adopted_options(memory.value_or(shim::Memory{}).options, arguments), report};
  supervisor.run_adopting();
}

void supervise(std::span<const std::string_view> words, Channel& report) {
  const CommandLine line{words};
  if (line.command.name == "shim") return adopt(line.global, line.arguments, report);
  const CreateOptions create = cli::create_options(line.arguments);
  make_room(report, create.preserve_fds);
  InheritedFds fds{create.preserve_fds};  // before anything else is opened
  // Who runs it in the foreground attaches before it is started.
  const auto until = line.command.name != "run" ? shim::Until::created
                     : create.detach            ? shim::Until::running
                                                : shim::Until::attended;
  shim::Supervisor supervisor{line.global, create.id, shim::shim_options(line.arguments), report};
  supervisor.run_new(create, std::move(fds), until);
}

// Also what was left by another program can still be given back to it.
void protect(char* argv[]) {
  try {
    protect_binary(argv);
  } catch (const Error& error) {
    if (const auto inheritance = shim::Inheritance::take())
      inheritance->give_back(argv, error.what());
    throw;
  }
}

void go_on(std::span<const std::string_view> words, char* argv[], shim::Inheritance& inheritance) {
  std::optional<CommandLine> line;
  std::optional<shim::Supervisor> supervisor;
  Channel nobody{UniqueFd{}};
  try {
    line.emplace(words);
    const std::string id = container_of(line->arguments);
    const auto memory = shim::load_memory(look_at_container(line->global, id).get());
    supervisor.emplace(line->global, id, memory.value_or(shim::Memory{}).options, nobody);
    supervisor->go_on(inheritance);
  } catch (const std::exception& error) {
    inheritance.give_back(argv, error.what());
    throw;
  }
  supervisor->stay();
}

// Whoever started this program, or where there is nobody the log. The last act: whoever started it
// ends what is left of it then.
void tell(const Channel& report, const Error& error) {
  if (report.fd() < 0) {
    log::failure(error, "");
  } else {
    report.tell_failure(error);
  }
}

}  // namespace

int main(int argc, char* argv[]) {
  const std::vector<std::string_view> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  Channel report{UniqueFd{}};
  try {
    open_standard_streams();
    sys::ignore_signal(SIGPIPE);
    protect(argv);
    if (auto inheritance = shim::Inheritance::take()) {
      go_on(words, argv, *inheritance);
    } else {
      report = take_report();
      supervise(words, report);
    }
    return 0;
  } catch (const std::exception& error) {
    tell(report, Error::from(error));
  }
  return 1;
}
