#include "runtime/base/process.hpp"

#include <fmt/core.h>
#include <poll.h>
#include <string.h>

#include "runtime/base/sys.hpp"

namespace ocelot {

ExitStatus ExitStatus::from(const siginfo_t& info) {
  if (info.si_code == CLD_EXITED) return {.code = info.si_status};
  return {.signal = info.si_status, .core = info.si_code == CLD_DUMPED};
}

ExitStatus ExitStatus::from_wait_status(int status) {
  if (WIFEXITED(status)) return {.code = WEXITSTATUS(status)};
  return {.signal = WTERMSIG(status), .core = WCOREDUMP(status) != 0};
}

std::string ExitStatus::describe() const {
  if (signal == 0) return fmt::format("exit status {}", code);
  return fmt::format("signal: {}{}", ::strsignal(signal), core ? " (core dumped)" : "");
}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  if (this != &other) {
    kill_and_reap();
    pid_ = std::exchange(other.pid_, 0);
    pidfd_ = std::move(other.pidfd_);
  }
  return *this;
}

ChildProcess::~ChildProcess() {
  kill_and_reap();
}

void ChildProcess::kill_and_reap() noexcept {
  if (pid_ == 0) return;
  sys::try_pidfd_send_signal(pidfd_.get(), SIGKILL);
  try {
    sys::wait(pidfd_.get(), WEXITED | __WALL);
  } catch (const Error&) {
    // Somebody else reaped it: there is nothing left to undo.
  }
  pid_ = 0;
}

ExitStatus ChildProcess::wait() {
  const auto info = sys::wait(pidfd_.get(), WEXITED | __WALL);
  pid_ = 0;
  return ExitStatus::from(*info);
}

std::optional<ExitStatus> ChildProcess::wait_for(int timeout_ms) {
  if (!wait_readable(pidfd_.get(), timeout_ms)) return std::nullopt;
  return wait();
}

void ChildProcess::kill(int signal) const {
  sys::pidfd_send_signal(pidfd_.get(), signal);
}

UniqueFd ChildProcess::release() {
  pid_ = 0;
  return std::move(pidfd_);
}

bool wait_either_readable(int fd, int other_fd, int timeout_ms) {
  pollfd entries[]{{fd, POLLIN, 0}, {other_fd, POLLIN, 0}};
  const int count = sys::retry([&] { return ::poll(entries, 2, timeout_ms); });
  if (count == -1) sys::fail(errno, "poll");
  return count > 0;
}

bool wait_readable(int fd, int timeout_ms) {
  pollfd entry{fd, POLLIN, 0};
  const int count = sys::retry([&] { return ::poll(&entry, 1, timeout_ms); });
  if (count == -1) sys::fail(errno, "poll");
  return count > 0;
}

bool wait_changed(int fd, std::chrono::microseconds timeout) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(timeout);
  const timespec time{seconds.count(), std::chrono::nanoseconds{timeout - seconds}.count()};
  pollfd entry{fd, POLLPRI, 0};
  const int count = sys::retry([&] { return ::ppoll(&entry, 1, &time, nullptr); });
  if (count == -1) sys::fail(errno, "ppoll");
  return count > 0;
}

}  // namespace ocelot
