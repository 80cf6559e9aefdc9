// stepper [--at N] [--kill main|stopped] [--exchange A B] [--report FILE] COMMAND ARG...
// stepper [--at N] [--kill main|stopped] [--exchange A B] [--report FILE] --attach PID
//
// Runs COMMAND under ptrace and stops it, and whatever it starts, at the entry of every system
// call. With --attach the same with a process that is there; it says "attached", and SIGTERM lets
// all go on without it and ends it with status 0. At the N-th of them, counted over all processes
// from COMMAND's execve on, it
//   --kill main     sends SIGKILL to the process of COMMAND,
//   --kill stopped  sends SIGKILL to the process that is about to make the call,
//   --exchange A B  exchanges the two paths (without --at: at every call).
// Ends with COMMAND's exit status (128 + signal if one killed it) and leaves what COMMAND started
// running. FILE then holds: the number of calls seen, and of the last one the number and the
// process.
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>

namespace {

enum class Kill { nobody, main, stopped };

struct Options {
  long at = 0;
  Kill kill = Kill::nobody;
  std::string exchange_one;
  std::string exchange_other;
  std::string report;
  pid_t attach = 0;
  char** command = nullptr;
};

[[noreturn]] void fail(const std::string& what) {
  std::cerr << "stepper: " << what << ": " << std::strerror(errno) << "\n";
  std::exit(125);
}

Options parse(char** word) {
  Options options;
  for (; *word != nullptr && std::string_view{*word}.starts_with("--"); ++word) {
    const std::string_view name = *word;
    const std::string value = *++word;
    if (name == "--at") options.at = std::stol(value);
    if (name == "--report") options.report = value;
    if (name == "--attach") options.attach = std::stoi(value);
    if (name == "--kill") options.kill = value == "main" ? Kill::main : Kill::stopped;
    if (name == "--exchange") {
      options.exchange_one = value;
      options.exchange_other = *++word;
    }
  }
  options.command = word;
  return options;
}

constexpr long follow = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                        PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;

void seize(pid_t pid) {
  if (::ptrace(PTRACE_SEIZE, pid, nullptr, follow) == -1) fail("PTRACE_SEIZE");
  if (::ptrace(PTRACE_INTERRUPT, pid, nullptr, nullptr) == -1) fail("PTRACE_INTERRUPT");
}

// What run() waits for; blocked, but in the command.
sigset_t awaited() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGCHLD);
  ::sigaddset(&signals, SIGTERM);
  return signals;
}

// The command waits for its tracer before it executes.
pid_t start(char** command) {
  int gate[2];
  if (::pipe2(gate, O_CLOEXEC) == -1) fail("pipe2");
  const pid_t pid = ::fork();
  if (pid == -1) fail("fork");
  if (pid == 0) {
    char byte;
    ::close(gate[1]);
    if (::read(gate[0], &byte, 1) != 1) ::_exit(125);
    const sigset_t signals = awaited();
    ::sigprocmask(SIG_UNBLOCK, &signals, nullptr);
    ::execvp(command[0], command);
    std::cerr << "stepper: " << command[0] << ": " << std::strerror(errno) << "\n";
    ::_exit(127);
  }
  seize(pid);
  if (::write(gate[1], "g", 1) != 1) fail("write");
  ::close(gate[0]);
  ::close(gate[1]);
  return pid;
}

class Stepper {
 public:
  explicit Stepper(Options options) : options_{std::move(options)} {
    const sigset_t signals = awaited();
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
    if (options_.attach == 0) {
      main_ = start(options_.command);
      return;
    }
    main_ = options_.attach;
    counting_ = true;
    seize(main_);
    std::cout << "attached" << std::endl;
  }

  int run() {
    const sigset_t signals = awaited();
    for (;;) {
      int status = 0;
      const pid_t pid = ::waitpid(-1, &status, __WALL | WNOHANG);
      if (pid == -1) fail("waitpid");
      if (pid == 0) {
        if (::sigwaitinfo(&signals, nullptr) == SIGTERM && options_.attach != 0) {
          tell();
          return 0;
        }
      } else if (WIFSTOPPED(status)) {
        stopped(pid, status);
      } else if (pid == main_) {
        tell();
        return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
      }
    }
  }

 private:
  void stopped(pid_t pid, int status) {
    const int signal = WSTOPSIG(status);
    const int event = status >> 16;
    if (event == PTRACE_EVENT_EXEC && pid == main_) counting_ = true;
    if (event == PTRACE_EVENT_STOP && signal != SIGTRAP) {  // stopped by job control
      ::ptrace(PTRACE_LISTEN, pid, nullptr, nullptr);
      return;
    }
    if (signal == (SIGTRAP | 0x80)) return call_of(pid);
    const long deliver = event == 0 ? signal : 0;
    ::ptrace(PTRACE_SYSCALL, pid, nullptr, deliver);
  }

  void call_of(pid_t pid) {
    __ptrace_syscall_info info{};
    const bool known = ::ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) > 0;
    if (known && counting_ && info.op == PTRACE_SYSCALL_INFO_ENTRY) {
      ++calls_;
      if (!acted_) last_ = std::to_string(info.entry.nr) + (pid == main_ ? " main" : " other");
      if (options_.at == 0 || calls_ == options_.at) act(pid);
    }
    ::ptrace(PTRACE_SYSCALL, pid, nullptr, nullptr);
  }

  void act(pid_t pid) {
    acted_ = options_.at != 0;
    if (options_.kill == Kill::main) ::kill(main_, SIGKILL);
    if (options_.kill == Kill::stopped) ::kill(pid, SIGKILL);
    if (options_.exchange_one.empty()) return;
    if (::renameat2(AT_FDCWD, options_.exchange_one.c_str(), AT_FDCWD,
                    options_.exchange_other.c_str(), RENAME_EXCHANGE) == -1)
      fail("exchange " + options_.exchange_one + " and " + options_.exchange_other);
  }

  void tell() const {
    if (!options_.report.empty()) std::ofstream{options_.report} << calls_ << " " << last_ << "\n";
  }

  Options options_;
  pid_t main_ = -1;
  bool counting_ = false;
  bool acted_ = false;
  long calls_ = 0;
  std::string last_;
};

}  // namespace

int main(int, char* argv[]) {
  Options options = parse(argv + 1);
  if (options.attach == 0 && *options.command == nullptr) {
    std::cerr << "stepper: no command\n";
    return 125;
  }
  return Stepper{std::move(options)}.run();
}
