#include "hooks/run_hook.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <climits>

#include "hooks/output_tail.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/process.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::hooks {
namespace {

using Clock = std::chrono::steady_clock;

// A file in memory, not a pipe: a hook that does not read it, or only part of it, holds nobody up.
UniqueFd readable_copy(const std::string& bytes) {
  UniqueFd file = sys::memfd("state");
  sys::write_all(file.get(), bytes);
  sys::seek(file.get(), 0);
  return file;
}

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> all;
  all.reserve(words.size() + 1);
  for (const std::string& word : words) all.push_back(const_cast<char*>(word.c_str()));
  all.push_back(nullptr);
  return all;
}

// In the new process. Only returns to tell why the hook could not be executed.
int become_hook(const oci::Hook& hook, const std::string& bundle, int input, int output,
                int error_output) {
  sys::new_session();
  sys::reset_signal_handlers();
  sys::unblock_all_signals();
  // A hook inside the container does not reach the bundle.
  if (sys::try_change_directory(bundle) != 0) sys::change_directory_to("/");
  // The caller may have been started without descriptors 0 to 2, so that these have such numbers.
  const UniqueFd in = sys::duplicate(input), out = sys::duplicate(output),
                 err = sys::duplicate(error_output);
  sys::duplicate_to(in.get(), STDIN_FILENO);
  sys::duplicate_to(out.get(), STDOUT_FILENO);
  sys::duplicate_to(err.get(), STDERR_FILENO);
  sys::close_range(3, UINT_MAX, CLOSE_RANGE_CLOEXEC);
  const std::vector<std::string> path_alone{hook.path};
  const auto arguments = pointers(hook.args.empty() ? path_alone : hook.args);
  const auto environment = hook.env ? pointers(*hook.env) : std::vector<char*>{};
  sys::fail(
      sys::execute(hook.path.c_str(), arguments.data(), hook.env ? environment.data() : ::environ),
      "exec");
}

// Relays what the child told before it could become the hook: errno, a space and the text.
[[noreturn]] void fail_as_told(std::string_view report, const std::string& path) {
  const std::size_t space = report.find(' ');
  const int error_number = parse_integer<int>(report.substr(0, space)).value_or(0);
  std::string hint;
  if (error_number == ENOENT && sys::stat_if_exists(AT_FDCWD, path)) {
    hint = fmt::format(
        "{} exists: the interpreter that its first line or its ELF header names does not", path);
  } else if (error_number == ENOEXEC) {
    hint = fmt::format(
        "a script must start with a line like #!/bin/sh; or {} is for another architecture", path);
  } else if (error_number == EACCES) {
    hint = fmt::format(
        "{} must be a file with the execute permission, on a file system mounted without noexec",
        path);
  }
  throw Error::relayed(ErrorKind::Failed, error_number, std::string(report.substr(space + 1)),
                       std::move(hint));
}

// Reads what the hook writes until it ends; nullopt when it still runs at the deadline.
std::optional<ExitStatus> wait_for(ChildProcess& child, OutputTail& output,
                                   std::optional<Clock::time_point> deadline) {
  for (;;) {
    int timeout_ms = -1;
    if (deadline) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now()).count();
      timeout_ms = static_cast<int>(std::clamp<std::int64_t>(left, 0, INT_MAX));
    }
    // An end of file is no end of the process: it may have closed its output.
    const bool woken = output.fd() >= 0
                           ? wait_either_readable(child.pidfd(), output.fd(), timeout_ms)
                           : wait_readable(child.pidfd(), timeout_ms);
    if (woken && output.fd() >= 0) output.read();
    // Not until the pipe's end: what the hook left running may hold it for ever.
    if (auto ended = child.wait_for(0)) {
      if (output.fd() >= 0) output.read();
      return ended;
    }
    if (deadline && Clock::now() >= *deadline) return std::nullopt;
  }
}

}  // namespace

void run_hook(const oci::Hook& hook, const std::string& input, const std::string& bundle,
              const OutputFiles& files) {
  sys::Pipe output_pipe = sys::pipe(), report_pipe = sys::pipe();
  const UniqueFd state = readable_copy(input);
  const int output_end = output_pipe.write_end.get(), report_end = report_pipe.write_end.get();
  const auto end_or = [&](const UniqueFd& file) { return file ? file.get() : output_end; };
  ChildProcess child = spawn(
      "ocelot:[HOOK]", {},
      [&] {
        return become_hook(hook, bundle, state.get(), end_or(files.standard_output),
                           end_or(files.standard_error));
      },
      [report_end](const Error& error) {
        sys::try_write(report_end, fmt::format("{} {}", error.error_number(), error.what()));
      });
  output_pipe.write_end.reset();
  report_pipe.write_end.reset();

  OutputTail output{std::move(output_pipe.read_end)};
  std::optional<Clock::time_point> deadline;
  if (hook.timeout_seconds)
    deadline =
        Clock::now() + std::chrono::seconds{std::min<std::int64_t>(*hook.timeout_seconds, INT_MAX)};
  const auto ended = wait_for(child, output, deadline);
  if (!ended) {
    // Itself first, by its pidfd; then its process group, whose number is not free while it has not
    // been waited for.
    child.kill(SIGKILL);
    sys::try_kill(-child.pid(), SIGKILL);
    child.wait();
    throw Error{ErrorKind::Failed, fmt::format("hook ran past specified timeout of {}s{}",
                                               *hook.timeout_seconds, output.describe())}
        .with_hint("give it a longer timeout, or find out what it waits for");
  }
  if (ended->success()) return;
  if (const std::string report = sys::read_all(report_pipe.read_end.get()); !report.empty())
    fail_as_told(report, hook.path);
  throw Error{ErrorKind::Failed, ended->describe() + output.describe()};
}

}  // namespace ocelot::hooks
