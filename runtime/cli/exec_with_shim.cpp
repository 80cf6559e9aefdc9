#include "runtime/cli/exec_with_shim.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/socket.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_terminals.hpp"
#include "runtime/base/unix_socket.hpp"
#include "runtime/caller_stdio.hpp"
#include "runtime/caller_terminal.hpp"
#include "runtime/exec_document.hpp"
#include "runtime/foreground.hpp"

namespace ocelot::cli {
namespace {

using nlohmann::json;

bool wants_terminal(const json& document) {
  const json& process = document.contains("process") ? document["process"] : document;
  return process.is_object() && process.value("terminal", false);
}

std::vector<UniqueFd> own_streams() {
  std::vector<UniqueFd> streams;
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    streams.push_back(sys::duplicate(stream));
  return streams;
}

void tell_pid(const ExecOptions& options, int pidfd, pid_t pid) {
  if (!options.pidfd_socket.empty()) {
    Context at{text("--pidfd-socket")};
    const int fds[] = {pidfd};
    send_packet(connect_unix(options.pidfd_socket, SOCK_STREAM).get(), "standard", fds);
  }
  if (!options.pid_file.empty())
    write_atomically(AT_FDCWD, options.pid_file, fmt::format("{}", pid), 0644);
}

ExitStatus status_of(Shim& shim, const std::string& process) {
  const auto answer = shim.ask(json{{"operation", "wait"}, {"process", process}}.dump());
  const json exit = json::parse(answer.document);
  const int signal = exit.at("signal");
  return {.code = signal != 0 ? 0 : exit.at("status").get<int>(), .signal = signal};
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

int exec_with_shim(Shim& shim, const ExecOptions& options) {
  if (options.preserve_fds > 0) {
    throw Error{ErrorKind::Unsupported, "--preserve-fds: the container has a shim"}.with_hint(
        "its processes are children of the shim, which has none of your descriptors");
  }
  json document = exec_document(options);
  document["operation"] = "exec";
  const bool terminal = wants_terminal(document);
  const Caller caller = options.detach ? Caller::leaves : Caller::stays;
  CallerStdio stdio = CallerStdio::choose(terminal, options.console_socket, caller);
  std::vector<UniqueFd> streams = stdio.take_container_ends();
  if (stdio.kind() == Stdio::inherit) streams = own_streams();
  if (terminal && !options.detach) describe_terminal(document);
  // From here on signals are the process's.
  std::optional<Foreground> foreground;
  if (!options.detach) foreground.emplace();
  auto answer = shim.ask(document.dump(), std::move(streams));
  if (answer.fds.size() != (terminal ? 2u : 1u))
    throw Error{ErrorKind::Failed, "the shim sent other descriptors than those of the process"};
  if (terminal) stdio.deliver_terminal(std::move(answer.fds[1]));
  stdio.deliver_pipes();

  const json reply = json::parse(answer.document);
  tell_pid(options, answer.fds[0].get(), reply.at("pid"));
  if (options.detach) return 0;
  foreground->hold(stdio.take_terminal());
  return foreground->run(answer.fds[0].get(), [&] { return status_of(shim, reply.at("process")); })
      .shell_status();
}

}  // namespace ocelot::cli
