#include "runtime/foreground.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <string>

#include "runtime/base/event_loop.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_terminals.hpp"
#include "runtime/base/terminal_input.hpp"
#include "runtime/caller_terminal.hpp"
#include "runtime/stream_relay.hpp"

namespace ocelot {
namespace {

// All that can wait in a descriptor, but for what a fault of our own raises, and what is of no use
// to anybody else.
sigset_t awaited_signals() {
  sigset_t set;
  ::sigfillset(&set);
  for (const int signal : {SIGKILL, SIGSTOP, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGPIPE, SIGURG})
    ::sigdelset(&set, signal);
  return set;
}

bool ends_a_program(int signal) {
  return signal == SIGTERM || signal == SIGINT || signal == SIGHUP || signal == SIGQUIT;
}

void copy_window_size(int terminal) {
  if (const auto size = CallerTerminal::size()) sys::set_window_size(terminal, *size);
}

// The time between the release of a process and its end.
class Attendance {
 public:
  Attendance(int pidfd, pid_t pid, const std::function<ExitStatus()>& status, int terminal,
             int signals, Orphans orphans, NotifyRelay* notify)
      : pidfd_(pidfd),
        pid_(pid),
        collect_(status),
        terminal_(terminal),
        signals_(signals),
        orphans_(orphans),
        notify_(notify) {}

  ExitStatus run() {
    signal_watch_ = loop_.watch(signals_, EPOLLIN, [this](std::uint32_t) { receive_signals(); });
    end_watch_ = loop_.watch(pidfd_, EPOLLIN, [this](std::uint32_t) { process_ended(); });
    if (notify_ != nullptr)
      notify_watch_ =
          loop_.watch(notify_->fd(), EPOLLIN, [this](std::uint32_t) { receive_notification(); });
    if (terminal_ >= 0) relay_terminal();
    reap_orphans();  // of those that ended before signals waited
    loop_.run();
    caller_.leave();
    settle_notification();
    return *status_;
  }

 private:
  void relay_terminal() {
    output_.emplace(loop_, RelayEnd::of_own(terminal_), RelayEnd::of_output(STDOUT_FILENO));
    enter_terminal();
  }

  // At the start, and whenever our job may have come to the foreground.
  void enter_terminal() {
    if (terminal_ < 0) return;
    copy_window_size(terminal_);
    if (CallerTerminal::exists() && !caller_.enter()) return input_.reset();
    if (input_ || !sys::is_open(STDIN_FILENO)) return;
    input_.emplace(loop_, RelayEnd::of_shared(STDIN_FILENO, O_RDONLY), RelayEnd::of_own(terminal_),
                   [this](char last) { return end_of_input(terminal_, last); });
  }

  void receive_signals() {
    while (const auto signal = sys::next_signal(signals_)) take(*signal);
  }

  void take(int signal) {
    if (signal == SIGCHLD) return reap_orphans();
    if (signal == SIGWINCH) return enter_terminal();
    if (status_) {  // only output is left, that somebody does not take
      if (ends_a_program(signal)) loop_.stop();
      return;
    }
    sys::try_pidfd_send_signal(pidfd_, signal);
    if (signal == SIGTSTP && CallerTerminal::exists()) stop_with_job();
    if (signal == SIGCONT) enter_terminal();
  }

  // A shell that stops its job waits for us to stop. Its terminal is its own meanwhile.
  void stop_with_job() {
    caller_.leave();
    sys::try_kill(sys::process_id(), SIGSTOP);
  }

  void reap_orphans() {
    if (orphans_ == Orphans::leave) return;
    // Looked at first: the process itself is reaped by its pidfd alone, and whoever is seen here
    // stays a zombie until then.
    while (const auto info = sys::wait_any(WEXITED | WNOHANG | WNOWAIT)) {
      if (info->si_pid == pid_) return;
      if (const auto orphan = sys::pidfd_open_if_exists(info->si_pid))
        sys::wait(orphan->get(), WEXITED | WNOHANG);
    }
  }

  void receive_notification() {
    try {
      if (notify_->receive()) notify_->pass_on();
    } catch (const Error& error) {
      log::warning(error.what());
    }
  }

  void settle_notification() {
    if (notify_ == nullptr) return;
    receive_notification();  // it may have been ready just before its end
    notify_->settle();
  }

  void process_ended() {
    end_watch_.reset();
    status_ = collect_();
    reap_orphans();
    input_.reset();
    if (output_) return output_->finish([this] { loop_.stop(); });
    loop_.stop();
  }

  const int pidfd_;
  const pid_t pid_;
  const std::function<ExitStatus()>& collect_;
  const int terminal_;
  const int signals_;
  const Orphans orphans_;
  NotifyRelay* const notify_;
  EventLoop loop_;
  CallerTerminal caller_;
  std::optional<StreamRelay> input_, output_;
  EventLoop::Watch signal_watch_, end_watch_, notify_watch_;
  std::optional<ExitStatus> status_;
};

}  // namespace

Foreground::Foreground(UniqueFd terminal) : earlier_mask_(sys::signal_mask()) {
  const sigset_t awaited = awaited_signals();
  sys::ignore_signal(SIGPIPE);  // that nobody reads our output is for the container to find out
  sys::block_signals(awaited);
  signals_ = sys::signal_descriptor(awaited);
  hold(std::move(terminal));
}

void Foreground::hold(UniqueFd terminal) {
  terminal_ = std::move(terminal);
  if (!terminal_) return;
  copy_window_size(terminal_.get());
  // Output that no terminal will show has the line ends that were written.
  if (!sys::terminal_attributes(STDOUT_FILENO)) sys::keep_line_ends(terminal_.get());
}

Foreground::~Foreground() {
  // Those that came too late to be forwarded are not for us.
  while (sys::next_signal(signals_.get())) {
  }
  try {
    sys::set_signal_mask(earlier_mask_);
  } catch (const Error&) {
    // A mask that the kernel gave is never refused.
  }
}

ExitStatus Foreground::run(ChildProcess& process, Orphans orphans, NotifyRelay* notify) {
  const std::function<ExitStatus()> wait = [&] { return process.wait(); };
  return Attendance{process.pidfd(), process.pid(), wait,  terminal_.get(),
                    signals_.get(),  orphans,       notify}
      .run();
}

ExitStatus Foreground::run(int pidfd, const std::function<ExitStatus()>& status) {
  return Attendance{pidfd, 0, status, terminal_.get(), signals_.get(), Orphans::leave, nullptr}
      .run();
}

}  // namespace ocelot
