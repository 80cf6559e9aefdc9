#include "shim/process.hpp"

#include "runtime/base/error.hpp"
#include "runtime/base/rfc3339.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/operations.hpp"

namespace ocelot::shim {
namespace {

// Who collects a process that is nobody's child here does so at once, or never.
constexpr std::chrono::milliseconds reap_patience{2000};

std::uint64_t microseconds(const timeval& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000 +
         static_cast<std::uint64_t>(time.tv_usec);
}

std::string now() {
  return rfc3339(std::chrono::system_clock::now());
}

ExitRecord collect(int pidfd) {
  rusage usage{};
  const siginfo_t info = sys::wait_with_usage(pidfd, usage);
  return {.status = ExitStatus::from(info),
          .time = now(),
          .usage = ExitRecord::Usage{.user = microseconds(usage.ru_utime),
                                     .system = microseconds(usage.ru_stime),
                                     .max_resident = static_cast<std::uint64_t>(usage.ru_maxrss)}};
}

}  // namespace

Process::Process(EventLoop& loop, pid_t pid, UniqueFd pidfd, Relation relation,
                 std::function<void(ExitRecord)> ended)
    : loop_(loop),
      pid_(pid),
      pidfd_(std::move(pidfd)),
      relation_(relation),
      ended_(std::move(ended)) {
  watch_ = loop.watch(pidfd_.get(), EPOLLIN, [this](std::uint32_t events) { receive(events); });
}

Process::Process(EventLoop& loop, pid_t pid)
    : loop_(loop), pid_(pid), relation_(Relation::taken_over) {}

void Process::signal(int number) const {
  const int error_number = ended() ? ESRCH : sys::try_pidfd_send_signal(pidfd_.get(), number);
  if (error_number == 0) return;
  if (error_number == ESRCH) fail_ended();
  sys::fail(error_number, "pidfd_send_signal");
}

UniqueFd Process::release() {
  watch_.reset();
  patience_.reset();
  return std::move(pidfd_);
}

void Process::receive(std::uint32_t events) {
  if (relation_ == Relation::child) return end(collect(pidfd_.get()));
  // The status is told once whoever is its parent has reaped it: the pidfd hangs up then.
  if ((events & EPOLLHUP) == 0) {
    watch_.change(0);
    patience_ = loop_.after(reap_patience, [this] { end({.time = now()}); });
    return;
  }
  ExitRecord record{.time = now()};
  if (const auto status = sys::wait_status(pidfd_.get()))
    record.status = ExitStatus::from_wait_status(*status);
  end(std::move(record));
}

void Process::end(ExitRecord record) {
  watch_.reset();
  patience_.reset();
  pidfd_.reset();
  const auto ended = std::move(ended_);  // may destroy this object
  ended(std::move(record));
}

}  // namespace ocelot::shim
