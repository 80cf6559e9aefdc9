#include "tests/support/command.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>

#include "tests/support/check.hpp"

namespace ocelot::test {
namespace {

using Clock = std::chrono::steady_clock;

// The child's end of the pipe that tells why there was no execve.
constexpr int kFailure = 250;

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

Pipe make_pipe() {
  int ends[2];
  checked(::pipe2(ends, O_CLOEXEC), "pipe2");
  return {UniqueFd{ends[0]}, UniqueFd{ends[1]}};
}

void set_nonblocking(int fd) {
  checked(::fcntl(fd, F_SETFL, checked(::fcntl(fd, F_GETFL), "fcntl") | O_NONBLOCK), "fcntl");
}

int milliseconds_until(Clock::time_point deadline) {
  auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
  return static_cast<int>(std::max<int64_t>(0, left.count()));
}

std::vector<std::string> environment(const RunOptions& options) {
  std::vector<std::string> env = options.env;
  auto is_set = [&](std::string_view entry) {
    std::string_view name = entry.substr(0, entry.find('=') + 1);
    return std::any_of(options.env.begin(), options.env.end(),
                       [&](const std::string& mine) { return mine.starts_with(name); });
  };
  if (!options.clean_env)
    for (char** entry = ::environ; *entry != nullptr; ++entry)
      if (!is_set(*entry)) env.emplace_back(*entry);
  return env;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  for (std::string& word : words) result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

// In the child: every descriptor gets its number; all others close at execve.
void place(std::vector<Inherited> fds) {
  int lowest_safe = 3;
  for (const Inherited& inherited : fds) lowest_safe = std::max(lowest_safe, inherited.number + 1);
  for (Inherited& inherited : fds)
    inherited.fd = checked(::fcntl(inherited.fd, F_DUPFD_CLOEXEC, lowest_safe), "F_DUPFD_CLOEXEC");
  checked(static_cast<int>(::syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC)),
          "close_range");
  for (const Inherited& inherited : fds) checked(::dup2(inherited.fd, inherited.number), "dup2");
}

}  // namespace

UniqueFd open_pidfd(pid_t pid) {
  return UniqueFd{checked(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)),
                          "pidfd_open " + std::to_string(pid))};
}

Command::Command(std::vector<std::string> argv, RunOptions options)
    : argv_{std::move(argv)},
      timeout_{options.timeout},
      pending_input_{std::move(options.input)},
      input_ends_{!options.keep_input_open} {
  auto replaced = [&](int number) {
    return std::any_of(options.fds.begin(), options.fds.end(),
                       [&](const Inherited& inherited) { return inherited.number == number; });
  };
  Pipe in, out, err;
  std::vector<Inherited> fds = options.fds;
  if (!replaced(0)) {
    in = make_pipe();
    fds.push_back({in.read.get(), 0});
  }
  if (!replaced(1)) {
    out = make_pipe();
    fds.push_back({out.write.get(), 1});
  }
  if (!replaced(2)) {
    err = make_pipe();
    fds.push_back({err.write.get(), 2});
  }
  std::vector<std::string> env = environment(options);
  std::vector<char*> envp = pointers(env);
  std::vector<char*> args = pointers(argv_);

  Pipe failure = make_pipe();  // closes at execve; says why there was none
  pid_ = checked(::fork(), "fork");
  if (pid_ == 0) {
    std::string why;
    try {
      fds.push_back({failure.write.get(), kFailure});
      place(fds);
      ::fcntl(kFailure, F_SETFD, FD_CLOEXEC);
      if (!options.cwd.empty()) checked(::chdir(options.cwd.c_str()), "chdir " + options.cwd);
      if (options.in_child) options.in_child();
      ::execvpe(args[0], args.data(), envp.data());
      why = "execvpe " + argv_[0] + ": " + std::strerror(errno);
    } catch (const std::exception& error) {
      why = error.what();
    }
    if (::write(kFailure, why.data(), why.size()) < 0) ::_exit(126);
    ::_exit(127);
  }
  failure.write.reset();
  pidfd_ = open_pidfd(pid_);
  in_ = std::move(in.write);
  out_ = std::move(out.read);
  err_ = std::move(err.read);
  for (const UniqueFd* fd : {&in_, &out_, &err_})
    if (*fd) set_nonblocking(fd->get());

  std::string why;
  drain(failure.read, why);
  if (!why.empty()) {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    throw std::runtime_error(why);
  }
  feed();
}

Command::~Command() {
  if (pid_ == -1 || ended_ || !pidfd_) return;
  ::syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0);
  int status = 0;
  ::waitpid(pid_, &status, 0);
}

void Command::send(int signal) {
  if (ended_) return;
  checked(static_cast<int>(::syscall(SYS_pidfd_send_signal, pidfd_.get(), signal, nullptr, 0)),
          "pidfd_send_signal");
}

void Command::write(std::string_view text) {
  pending_input_ += text;
  feed();
}

void Command::close_input() {
  input_ends_ = true;
  feed();
}

std::string Command::read_until(std::string_view text) {
  bool found = pump([&] { return output_.out.find(text) != std::string::npos || !out_; });
  if (!found) give_up("did not write '" + std::string{text} + "' in time");
  if (output_.out.find(text) == std::string::npos)
    give_up("closed its output without '" + std::string{text} + "'");
  return output_.out;
}

std::string Command::read_to_end() {
  if (!pump([&] { return !out_; })) give_up("did not close its output in time");
  return output_.out;
}

Output Command::wait() {
  if (!ended_ && !pump([&] { return ended_; })) give_up("did not end in time");
  drain(out_, output_.out);
  drain(err_, output_.err);
  return output_;
}

void Command::feed() {
  while (in_ && !pending_input_.empty()) {
    ssize_t n = ::write(in_.get(), pending_input_.data(), pending_input_.size());
    if (n == -1 && errno == EAGAIN) return;
    if (n == -1) {  // EPIPE: nobody reads it
      pending_input_.clear();
      in_.reset();
      return;
    }
    pending_input_.erase(0, static_cast<size_t>(n));
  }
  if (input_ends_) in_.reset();
}

void Command::drain(UniqueFd& fd, std::string& text) {
  char buffer[65536];
  while (fd) {
    ssize_t n = ::read(fd.get(), buffer, sizeof buffer);
    if (n > 0)
      text.append(buffer, static_cast<size_t>(n));
    else if (n == -1 && errno == EINTR)
      continue;
    else if (n == -1 && errno == EAGAIN)
      return;
    else
      fd.reset();
  }
}

// Moves bytes until `done` or the deadline; true means done.
bool Command::pump(const std::function<bool()>& done) {
  const Clock::time_point deadline = Clock::now() + timeout_;
  drain(out_, output_.out);
  drain(err_, output_.err);
  while (!done()) {
    pollfd fds[4] = {{in_ && !pending_input_.empty() ? in_.get() : -1, POLLOUT, 0},
                     {out_.get(), POLLIN, 0},
                     {err_.get(), POLLIN, 0},
                     {ended_ ? -1 : pidfd_.get(), POLLIN, 0}};
    int ready = ::poll(fds, 4, milliseconds_until(deadline));
    if (ready == -1 && errno != EINTR) checked(ready, "poll");
    if (ready == 0) return false;
    if (ready < 0) continue;
    if (fds[0].revents != 0) feed();
    if (fds[1].revents != 0) drain(out_, output_.out);
    if (fds[2].revents != 0) drain(err_, output_.err);
    if (fds[3].revents != 0) {
      int status = 0;
      checked(::waitpid(pid_, &status, 0), "waitpid");
      ended_ = true;
      output_.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }
  }
  return true;
}

void Command::give_up(const std::string& why) {
  if (!ended_) {
    ::syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    ended_ = true;
  }
  drain(out_, output_.out);
  drain(err_, output_.err);
  std::string line;
  for (const std::string& word : argv_) line += word + " ";
  throw std::runtime_error(line + why + "\nstdout: " + output_.out + "\nstderr: " + output_.err);
}

Output run(std::vector<std::string> argv, RunOptions options) {
  return Command{std::move(argv), std::move(options)}.wait();
}

void wait_for_end(int pidfd, std::chrono::milliseconds timeout) {
  const Clock::time_point deadline = Clock::now() + timeout;
  for (;;) {
    pollfd fd{pidfd, POLLIN, 0};
    int ready = ::poll(&fd, 1, milliseconds_until(deadline));
    if (ready == -1 && errno == EINTR) continue;
    checked(ready, "poll");
    if (ready == 0) throw std::runtime_error("the process did not end in time");
    break;
  }
  siginfo_t info{};
  ::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(pidfd), &info, WEXITED);
}

}  // namespace ocelot::test
