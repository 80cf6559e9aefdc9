#include <fmt/core.h>
#include <signal.h>

#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_terminals.hpp"
#include "runtime/exec.hpp"
#include "runtime/exec_document.hpp"
#include "shim/desk.hpp"
#include "shim/exec_notes.hpp"
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

// A process's streams by three pipes: its own ends, and the shim's.
Streams make_pipes(std::vector<UniqueFd>& own) {
  sys::Pipe in = sys::pipe(), out = sys::pipe(), err = sys::pipe();
  own.push_back(std::move(in.read_end));
  own.push_back(std::move(out.write_end));
  own.push_back(std::move(err.write_end));
  return {.stdin_write = std::move(in.write_end),
          .stdout_read = std::move(out.read_end),
          .stderr_read = std::move(err.read_end),
          .stdout_twin = {},
          .stderr_twin = {},
          .terminal = {}};
}

Streams of_terminal(UniqueFd master) {
  Streams streams;
  streams.terminal = std::move(master);
  return streams;
}

}  // namespace

// Request: the document of exec_document.hpp, and a name under "name"; three descriptors for the
// process's streams, or none: then it has the null device, or with a terminal its own, of "width"
// and "height", which with "keepLineEnds" adds no carriage returns. With "keepStreams" they are the
// shim's, for those who attach; its input ends at once unless "stdin" is true. Reply:
// {"process":NAME,"pid":N} with a pidfd and, for a terminal that is not kept, its master.
void Desk::exec(control::Request& request, const Json& arguments) {
  const control::RequestHandle handle = request.handle;
  const bool keep = arguments.value("keepStreams", false);
  const bool keep_stdin = arguments.value("stdin", false);
  if (!request.fds.empty() && (keep || request.fds.size() != 3)) {
    throw Error{
        ErrorKind::InvalidArgument,
        keep ? "exec takes no descriptors when the shim keeps the streams"
             : fmt::format("exec takes three descriptors or none, not {}", request.fds.size())};
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
    if (keep && !wants_terminal(arguments)) {
      Stdio& stdio = sandbox_.keep_streams(name, make_pipes(request.fds));
      if (!keep_stdin) stdio.close_stdin();
    }
    sandbox_.additions().start(
        sandbox_.exec_container(), options, std::move(request.fds),
        {.born =
             [this, name](Addition& addition) {
               const ChildProcess& process = addition.process();
               note_exec(sandbox_.directory(), name, process.pid(), process.pidfd());
             },
         .ready =
             [this, wish, name, keep](Addition& addition) {
               if (addition.terminal() == -1) return;
               prepare(addition.terminal(), wish);
               if (keep) sandbox_.keep_streams(name, of_terminal(addition.take_terminal()));
             },
         .executed =
             [this, handle, name](Addition& addition) {
               ChildProcess& process = addition.process();
               std::vector<UniqueFd> fds;
               fds.push_back(sys::duplicate(process.pidfd()));
               if (addition.terminal() != -1) fds.push_back(addition.take_terminal());
               const pid_t pid = process.pid();
               const Exec& exec = sandbox_.add_exec(name, pid, process.release());
               if (exec.stdio) exec.stdio->started();
               server_->reply(handle, Json{{"process", name}, {"pid", pid}}.dump(), std::move(fds));
             },
         .failed = give_up});
  } catch (const Error& error) {
    give_up(error);
  }
}

}  // namespace ocelot::shim
