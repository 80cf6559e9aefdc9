#include <fmt/core.h>
#include <signal.h>

#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_terminals.hpp"
#include "runtime/exec.hpp"
#include "runtime/exec_document.hpp"
#include "shim/desk.hpp"
#include "shim/window_size.hpp"

namespace ocelot::shim {
namespace {

// The streams that the client gave, or none: the process's are those of the worker that makes it.
void take_streams(const std::vector<UniqueFd>& fds) {
  for (int stream = 0; stream < 3; ++stream) {
    if (fds.empty()) {
      sys::use_null_device_as(stream);
    } else {
      sys::duplicate_to(fds[static_cast<std::size_t>(stream)].get(), stream);
    }
  }
}

// How the client's own terminal is.
struct TerminalWish {
  std::optional<winsize> size;
  bool keep_line_ends = false;
};

TerminalWish terminal_wish(const nlohmann::json& arguments) {
  TerminalWish wish{.keep_line_ends = arguments.value("keepLineEnds", false)};
  if (arguments.contains("width")) wish.size = window_size_of(arguments);
  return wish;
}

void prepare(int terminal, const TerminalWish& wish) {
  if (wish.size) sys::set_window_size(terminal, *wish.size);
  if (wish.keep_line_ends) sys::keep_line_ends(terminal);
}

Worker::Result make_process(const GlobalOptions& global, const ExecOptions& options,
                            const std::vector<UniqueFd>& fds, const TerminalWish& wish) {
  take_streams(fds);
  NewProcess made = prepare_exec(global, options, Caller::stays);
  if (made.terminal) prepare(made.terminal.get(), wish);
  release(made);
  Worker::Result result{.number = made.process.pid()};
  result.fds.push_back(made.process.release());
  if (made.terminal) result.fds.push_back(std::move(made.terminal));
  return result;
}

}  // namespace

// Request: the document of exec_document.hpp, and a name under "name"; three descriptors for the
// process's streams, or none: then it has the null device, or with a terminal its own, of "width"
// and "height", which with "keepLineEnds" adds no carriage returns. Reply:
// {"process":NAME,"pid":N} with a pidfd and, for a terminal, its master.
void Desk::exec(control::Request& request, const Json& arguments) {
  const control::RequestHandle handle = request.handle;
  if (!request.fds.empty() && request.fds.size() != 3) {
    throw Error{ErrorKind::InvalidArgument,
                fmt::format("exec takes three descriptors or none, not {}", request.fds.size())};
  }
  ExecOptions options = exec_options_from(arguments);
  options.id = sandbox_.id();
  const TerminalWish wish = terminal_wish(arguments);
  const std::string name = sandbox_.reserve_exec(arguments.value("name", ""));
  sandbox_.workers().start(
      "ocelot-shim:exec",
      [&] { return make_process(sandbox_.global(), options, request.fds, wish); },
      [this, handle, name](Worker::Result result) {
        const auto pid = static_cast<pid_t>(result.number);
        UniqueFd of_client;
        std::optional<Error> refused;
        try {
          of_client = sys::duplicate(result.fds.at(0).get());
        } catch (const Error& error) {
          refused = error;
        }
        const Exec& added = sandbox_.add_exec(name, pid, std::move(result.fds.at(0)));
        if (refused) {
          added.process->signal(SIGKILL);  // nobody would know of it
          throw *refused;
        }
        result.fds[0] = std::move(of_client);
        server_->reply(handle, Json{{"process", name}, {"pid", pid}}.dump(), std::move(result.fds));
      },
      [this, handle, name](const Error& error) {
        sandbox_.release_exec(name);
        server_->fail(handle, error);
      });
}

}  // namespace ocelot::shim
