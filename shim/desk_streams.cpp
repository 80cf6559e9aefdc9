#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/root.hpp"
#include "shim/desk.hpp"
#include "shim/window_size.hpp"

namespace ocelot::shim {
namespace {

// Which devices the container may open its cgroup decides, and this process is not in it: a node of
// the image, or one that the container has made, would be the host's disk.
UniqueFd open_file(const Root& root, const std::string& path, int access) {
  const auto found = root.find(path);
  if (!found) throw Error{ErrorKind::NotFound, path, ENOENT};
  const mode_t mode = sys::stat(found->get()).st_mode;
  if (S_ISCHR(mode) || S_ISBLK(mode)) {
    throw Error{ErrorKind::Unsupported, fmt::format("open: {} is a device", path)}.with_hint(
        "exec opens it as the container may");
  }
  return sys::open(AT_FDCWD, fmt::format("/proc/self/fd/{}", found->get()),
                   access | O_NONBLOCK | O_NOCTTY);
}

}  // namespace

Stdio& Desk::streams_of(const Json& arguments) {
  const std::string process = arguments.value("process", "");
  if (process.empty()) return sandbox_.stdio();
  if (const auto& stdio = sandbox_.exec(process).stdio) return *stdio;
  throw Error{ErrorKind::WrongState,
              fmt::format("the shim does not keep the streams of process \"{}\"", process)}
      .with_hint("exec --attachable has it keep them, until a while after the end of the process");
}

void Desk::attach(control::RequestHandle handle, const Json& arguments) {
  Stdio& stdio = streams_of(arguments);
  // Who leaves a terminal ends nothing.
  const bool may_leave = stdio.has_terminal() && arguments.value("detachable", false);
  auto ends = stdio.attach({.input = arguments.value("stdin", false),
                            .replay = arguments.value("replay", true),
                            .stdin_once = arguments.value("once", false) && !may_leave});
  server_->reply(handle, Json{{"terminal", stdio.has_terminal()}}.dump(), std::move(ends));
}

void Desk::resize(control::RequestHandle handle, const Json& arguments) {
  streams_of(arguments).resize(window_size_of(arguments));
  done(handle);
}

void Desk::close_stdin(control::RequestHandle handle, const Json& arguments) {
  streams_of(arguments).close_stdin();
  done(handle);
}

void Desk::logs(control::RequestHandle handle, const Json& arguments) {
  if (arguments.value("reopen", false)) sandbox_.stdio().reopen_log();
  const auto& log = sandbox_.stdio_options().log;
  if (!log) {
    throw Error{ErrorKind::NotFound, "the container's output is not logged"}.with_hint(
        "create and run take --output-log");
  }
  std::vector<UniqueFd> file;
  if (arguments.value("open", false)) {
    file.push_back(
        sys::open(AT_FDCWD, log->file.path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
  }
  const LogCounters counters = sandbox_.stdio().counters().log;
  server_->reply(handle,
                 Json{{"path", log->file.path},
                      {"format", name(log->format)},
                      {"records", counters.records},
                      {"bytes", counters.written_bytes},
                      {"droppedLines", counters.dropped_lines},
                      {"droppedBytes", counters.dropped_bytes},
                      {"errors", counters.errors},
                      {"rotations", counters.rotations}}
                     .dump(),
                 std::move(file));
}

// Opened by a worker: the container's file systems may let it wait.
void Desk::open(control::RequestHandle handle, const Json& arguments) {
  const std::string path = arguments.at("path");
  const std::string mode = arguments.value("mode", "r");
  if (mode != "r" && mode != "w" && mode != "rw")
    throw Error{ErrorKind::InvalidArgument, "mode: r, w or rw"};
  const int access = mode == "r" ? O_RDONLY : mode == "w" ? O_WRONLY : O_RDWR;
  // Whoever serves the file may wait with its close: this process is not to have it.
  if (sandbox_.lasting_workers().too_many()) {
    throw Error{ErrorKind::Failed, "too many of the container's files are being closed"}.with_hint(
        "whoever serves them does not answer");
  }
  control::DirectReply reply = server_->direct_reply(handle);
  sandbox_.lasting_workers().start(
      "ocelot-shim:open", {reply.fd(), sandbox_.init().pidfd()},
      [&] {
        const Root root{sys::open(AT_FDCWD, fmt::format("/proc/{}/root", sandbox_.init().pid()),
                                  O_PATH | O_DIRECTORY)};
        sandbox_.init().signal(0);  // it was still the one that was meant
        std::vector<UniqueFd> fds;
        fds.push_back(open_file(root, path, access));
        reply.send("{}", std::move(fds));
        return Worker::Result{};
      },
      [this, handle](const Worker::Result&) { server_->was_answered(handle); },
      [this, handle](const Error& error) { server_->fail(handle, error); });
}

}  // namespace ocelot::shim
