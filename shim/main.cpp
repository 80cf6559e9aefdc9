#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
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

int adopt(const GlobalOptions& global, const cli::Arguments& arguments, const Channel& report) {
  if (arguments.operands().size() != 2) throw Error{ErrorKind::InvalidArgument, "no container"};
  const std::string id{arguments.operands()[1]};
  const auto memory = shim::load_memory(look_at_container(global, id).get());
  shim::Supervisor supervisor{global, id, memory ? memory->options : shim::ShimOptions{}, report};
  return supervisor.run_adopting();
}

// A number that the caller keeps closed stays closed in the container: ours moves above them all.
void make_room(Channel& report, unsigned preserved) {
  constexpr unsigned most = 65536;
  const unsigned count = std::min(listen_fds_of_caller().count, most) + std::min(preserved, most);
  report = Channel{sys::duplicate(report.fd(), 3 + static_cast<int>(count))};
}

int supervise(std::span<const std::string_view> words, Channel& report) {
  const cli::Arguments before = parse(cli::program, words, cli::Stop::at_first_operand);
  cli::open_log(before);
  if (before.operands().empty()) throw Error{ErrorKind::InvalidArgument, "no command"};
  const cli::Command& command = cli::command_named(before.operands().front());
  const cli::Arguments arguments =
      parse(command, std::span(before.operands()).subspan(1), cli::Stop::never);
  const GlobalOptions global = cli::global_options(before);
  if (command.name == "shim") return adopt(global, arguments, report);
  const CreateOptions create = cli::create_options(arguments);
  make_room(report, create.preserve_fds);
  InheritedFds fds{create.preserve_fds};  // before anything else is opened
  // Who runs it in the foreground attaches before it is started.
  const auto until =
      command.name == "run" && create.detach ? shim::Until::running : shim::Until::created;
  shim::Supervisor supervisor{global, create.id, shim::shim_options(arguments), report};
  return supervisor.run_new(create, std::move(fds), until);
}

}  // namespace

int main(int argc, char* argv[]) {
  const std::vector<std::string_view> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  Channel report{UniqueFd{}};
  try {
    open_standard_streams();
    sys::ignore_signal(SIGPIPE);
    protect_binary(argv);
    report = take_report();
    return supervise(words, report);
  } catch (const Error& error) {
    if (report.fd() < 0) {
      log::failure(error, "");
    } else {
      report.tell_failure(error);
    }
  } catch (const std::exception& error) {
    report.tell_failure(Error{ErrorKind::Failed, error.what()});
  }
  return 1;
}
