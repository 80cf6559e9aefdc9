#pragma once
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>

#include "runtime/base/error.hpp"
#include "runtime/base/fd.hpp"
#include "runtime/base/sys_processes.hpp"

namespace ocelot {

// How a process ended.
struct ExitStatus {
  int code = 0;    // exit status, when signal is 0
  int signal = 0;  // the signal that killed it
  bool core = false;

  static ExitStatus from(const siginfo_t& info);
  static ExitStatus from_wait_status(int status);  // as wait(2) encodes it
  // As a shell reports it: the code, or 128 plus the signal.
  int shell_status() const { return signal != 0 ? 128 + signal : code; }
  std::string describe() const;  // "exit status 1", "signal: killed"
  bool success() const { return code == 0 && signal == 0; }
};

// A child, held by its pidfd; killed and reaped by the destructor unless waited for or released.
class ChildProcess {
 public:
  ChildProcess() = default;
  ChildProcess(pid_t pid, UniqueFd pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {}
  ChildProcess(ChildProcess&& other) noexcept
      : pid_(std::exchange(other.pid_, 0)), pidfd_(std::move(other.pidfd_)) {}
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ~ChildProcess();

  pid_t pid() const { return pid_; }  // for messages and procfs; to act, use the pidfd
  int pidfd() const { return pidfd_.get(); }
  explicit operator bool() const { return pid_ != 0; }

  ExitStatus wait();
  // nullopt when it still runs after `timeout_ms` (-1: waits for ever).
  std::optional<ExitStatus> wait_for(int timeout_ms);
  void kill(int signal) const;
  // Ends the duty to reap: the process lives on, its pidfd is the caller's.
  UniqueFd release();

 private:
  void kill_and_reap() noexcept;
  pid_t pid_ = 0;
  UniqueFd pidfd_;
};

struct SpawnOptions {
  std::uint64_t flags = 0;  // CLONE_NEW*, CLONE_PARENT
  int cgroup = -1;          // a cgroup v2 directory to be born in
};

// What a new process does, from its first instruction to its last.
template <typename Body, typename OnError>
[[noreturn]] void live(const char* name, Body& body, OnError& on_error) {
  ContextFrame::forget();
  sys::set_process_name(name);
  int status = 1;
  try {
    status = body();
  } catch (const std::exception& error) {
    on_error(Error::from(error));
  }
  sys::exit(status);
}

// Runs `body` in a new process named `name`. The body's result is the exit status; an Error that
// leaves it is told to `on_error` there. Nothing returns to the caller's frames in the new process,
// whose destructors never run twice.
//
// The only fork in the program, but for the next function.
template <typename Body, typename OnError>
ChildProcess spawn(const char* name, const SpawnOptions& options, Body&& body, OnError&& on_error) {
  int pidfd = -1;
  const trace::NewProcess traced{name};
  const pid_t pid = sys::clone(options.flags, options.cgroup, pidfd);
  if (pid != 0) {
    traced.has_id(pid);
    return {pid, UniqueFd{pidfd}};
  }
  traced.enter();
  live(name, body, on_error);
}

// Ends this process, which was made by spawn, in favour of a new one: a child of its parent, that
// takes its memory over instead of copying it. This one stands still until the other has executed a
// program or ended, as with vfork(2); it may be killed meanwhile. `body` is told the new process's
// pid as this one knows it.
template <typename Body, typename OnError>
[[noreturn]] void succeed(const char* name, Body&& body, OnError&& on_error) {
  pid_t pid = 0;
  auto told = [&] { return body(pid); };
  auto successor = [&] { live(name, told, on_error); };
  const auto run = [](void* it) {
    (*static_cast<decltype(successor)*>(it))();
    return 0;  // never: it lives to its end
  };
  sys::clone_over(run, &successor, pid);
  sys::exit(0);
}

// Waits until `fd` is readable (or has hung up) for at most `timeout_ms` (-1: for ever); false on
// time-out.
bool wait_readable(int fd, int timeout_ms);
// The same until one of two descriptors is; which one a read or a wait must tell.
bool wait_either_readable(int fd, int other_fd, int timeout_ms);
// Waits until the kernel announces a change of a file of its own (POLLPRI: cgroup.events) since it
// was last read; false on time-out. With -1 for `fd` it only waits: for state that the kernel
// announces nowhere.
bool wait_changed(int fd, std::chrono::microseconds timeout);

}  // namespace ocelot
