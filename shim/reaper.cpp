#include "shim/reaper.hpp"

#include <signal.h>

#include "runtime/base/process.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_processes.hpp"

namespace ocelot::shim {
namespace {

sigset_t awaited() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1}) ::sigaddset(&set, signal);
  return set;
}

}  // namespace

Reaper::Reaper(EventLoop& loop, std::function<void(int)> on_signal)
    : on_signal_(std::move(on_signal)) {
  const sigset_t set = awaited();
  sys::block_signals(set);
  signals_ = sys::signal_descriptor(set);
  watch_ = loop.watch(signals_.get(), EPOLLIN, [this](std::uint32_t) { receive(); });
}

void Reaper::let_go() {
  --holds_;
  collect();
}

void Reaper::forget(pid_t pid) {
  named_.erase(pid);
  collect();
}

void Reaper::receive() {
  while (const auto signal = sys::next_signal(signals_.get())) {
    if (*signal == SIGCHLD) {
      collect();
    } else {
      on_signal_(*signal);
    }
  }
}

void Reaper::collect() {
  if (holds_ > 0) return;
  // Looked at first: who is named stays a zombie until its pidfd is waited for. The kernel shows
  // the same one again until then, so what is behind it waits for the next turn.
  while (const auto info = sys::wait_any(WEXITED | WNOHANG | WNOWAIT)) {
    if (named_.contains(info->si_pid)) return;
    if (const auto orphan = sys::pidfd_open_if_exists(info->si_pid))
      sys::wait(orphan->get(), WEXITED | WNOHANG);
  }
}

}  // namespace ocelot::shim
