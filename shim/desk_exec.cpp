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
  const auto give_up = [this, handle, name](const Error& error) {
    sandbox_.release_exec(name);
    server_->fail(handle, error);
  };
  try {
    sandbox_.additions().start(
        sandbox_.global(), options, std::move(request.fds),
        [wish](const Addition& addition) {
          if (addition.terminal() != -1) prepare(addition.terminal(), wish);
        },
        [this, handle, name](Addition& addition) {
          ChildProcess& process = addition.process();
          std::vector<UniqueFd> fds;
          fds.push_back(sys::duplicate(process.pidfd()));
          if (addition.terminal() != -1) fds.push_back(addition.take_terminal());
          const pid_t pid = process.pid();
          sandbox_.add_exec(name, pid, process.release());
          server_->reply(handle, Json{{"process", name}, {"pid", pid}}.dump(), std::move(fds));
        },
        give_up);
  } catch (const Error& error) {
    give_up(error);
  }
}

}  // namespace ocelot::shim
