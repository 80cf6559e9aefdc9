#include "runtime/cli/exec_with_shim.hpp"

#include <signal.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "runtime/announce_pid.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/base/sys_terminals.hpp"
#include "runtime/caller_stdio.hpp"
#include "runtime/caller_terminal.hpp"
#include "runtime/exec_document.hpp"
#include "runtime/foreground.hpp"

namespace ocelot::cli {
namespace {

using nlohmann::json;

std::vector<UniqueFd> own_streams() {
  std::vector<UniqueFd> streams;
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    streams.push_back(sys::duplicate(stream));
  return streams;
}

// The process finds its terminal as ours is, from its first instruction on.
void describe_terminal(json& document) {
  const auto size = CallerTerminal::size();
  if (size && size->ws_col > 0 && size->ws_row > 0) {
    document["width"] = size->ws_col;
    document["height"] = size->ws_row;
  }
  document["keepLineEnds"] = !sys::terminal_attributes(STDOUT_FILENO);
}

}  // namespace

int exec_with_shim(Shim& shim, const ExecOptions& options, const KeptByShim& kept) {
  if (options.preserve_fds > 0) {
    throw Error{ErrorKind::Unsupported, "--preserve-fds: the container has a shim"}.with_hint(
        "its processes are children of the shim, which has none of your descriptors");
  }
  json document = exec_document(options);
  document["operation"] = "exec";
  if (!kept.name.empty()) document["name"] = kept.name;
  if (kept.streams) document.update({{"keepStreams", true}, {"stdin", kept.stdin_open}});
  const bool detach = options.detach || kept.streams;
  const bool terminal = wants_terminal(document) && !kept.streams;
  const Caller caller = detach ? Caller::leaves : Caller::stays;
  CallerStdio stdio = CallerStdio::choose(terminal, options.console_socket, caller);
  std::vector<UniqueFd> streams = stdio.take_container_ends();
  if (stdio.kind() == Stdio::inherit && !kept.streams) streams = own_streams();
  if (terminal && !detach) describe_terminal(document);
  // From here on signals are the process's.
  std::optional<Foreground> foreground;
  if (!detach) foreground.emplace();
  auto answer = shim.ask(document.dump(), std::move(streams));
  if (answer.fds.size() != (terminal ? 2u : 1u))
    throw Error{ErrorKind::Failed, "the shim sent other descriptors than those of the process"};
  const int process = answer.fds[0].get();
  const json reply = json::parse(answer.document);
  try {
    if (terminal) stdio.deliver_terminal(std::move(answer.fds[1]));
    stdio.deliver_pipes();
    send_pidfd(options.pidfd_socket, "setns", process);
    write_pid_file(options.pid_file, reply.at("pid"));
  } catch (...) {
    sys::try_pidfd_send_signal(process, SIGKILL);  // nobody knows of it
    throw;
  }
  if (kept.streams) sys::write_all(STDOUT_FILENO, reply.at("process").get<std::string>() + '\n');
  if (detach) return 0;
  foreground->hold(stdio.take_terminal());
  return foreground->run(process, [&] { return exit_status(shim, reply.at("process")); })
      .shell_status();
}

}  // namespace ocelot::cli
