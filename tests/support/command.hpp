#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/unique_fd.hpp"

namespace ocelot::test {

// How a command ended: its exit code (128 + signal if a signal killed it) and what it wrote.
struct Output {
  int status = -1;
  std::string out;
  std::string err;
};

// Our descriptor `fd` becomes descriptor `number` of the command. Numbers 0 to 2 replace the pipe
// that the command would have had there.
struct Inherited {
  int fd;
  int number;
};

struct RunOptions {
  std::string input;             // what the command reads from its standard input,
  bool keep_input_open = false;  // and then end of file, or not
  std::vector<std::string> env;  // "NAME=value", beside or instead of ours
  bool clean_env = false;        // only `env`, nothing of ours
  std::string cwd;
  std::chrono::milliseconds timeout = std::chrono::seconds{30};
  std::vector<Inherited> fds;
  std::function<void()> in_child;  // the last thing before execve
};

// A started command. Its standard streams are pipes of ours, which may outlive it: the process of a
// container created by it holds them too. The destructor kills and reaps what still runs.
//
// Everything that waits, waits at most `RunOptions::timeout` and then throws std::runtime_error
// with all that the command wrote; the command is dead by then.
class Command {
 public:
  explicit Command(std::vector<std::string> argv, RunOptions options = {});
  Command(Command&&) = default;
  Command& operator=(Command&&) = delete;
  ~Command();

  pid_t pid() const { return pid_; }
  int pidfd() const { return pidfd_.get(); }

  void send(int signal);  // to nobody when it has been seen to end
  void write(std::string_view text);
  void close_input();
  void close_output() { out_.reset(); }
  void close_error() { err_.reset(); }

  // Waits until standard output contains `text`; returns all that was written so far.
  std::string read_until(std::string_view text);
  // Waits until nobody holds standard output any more; returns all that was written to it.
  std::string read_to_end();
  // Waits until the command ends; what others write later stays readable through read_*().
  Output wait();

 private:
  bool pump(const std::function<bool()>& done);
  void feed();
  void drain(UniqueFd& fd, std::string& text);
  [[noreturn]] void give_up(const std::string& why);

  std::vector<std::string> argv_;
  std::chrono::milliseconds timeout_;
  std::string pending_input_;
  bool input_ends_;
  pid_t pid_ = -1;
  bool ended_ = false;
  UniqueFd pidfd_;
  UniqueFd in_;
  UniqueFd out_;
  UniqueFd err_;
  Output output_;
};

// Runs `argv` to its end. A timeout is a thrown failure.
Output run(std::vector<std::string> argv, RunOptions options = {});

// Waits until the process of `pidfd` has ended, and reaps it if it is a child of ours.
void wait_for_end(int pidfd, std::chrono::milliseconds timeout = std::chrono::seconds{30});

// A pidfd of `pid`.
UniqueFd open_pidfd(pid_t pid);

}  // namespace ocelot::test
