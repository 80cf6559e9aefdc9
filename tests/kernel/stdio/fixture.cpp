#include "tests/kernel/stdio/fixture.hpp"

#include <fcntl.h>

#include <array>

#include "runtime/base/sys_processes.hpp"
#include "runtime/base/sys_terminals.hpp"

namespace ocelot::shim {

Ends make_pipes() {
  sys::Pipe in = sys::pipe(), out = sys::pipe(), err = sys::pipe();
  Ends ends{std::move(in.read_end), std::move(out.write_end), std::move(err.write_end), {}};
  ends.streams.stdin_write = std::move(in.write_end);
  ends.streams.stdout_read = std::move(out.read_end);
  ends.streams.stderr_read = std::move(err.read_end);
  return ends;
}

Ends make_terminal() {
  Ends ends;
  ends.streams.terminal = sys::open(AT_FDCWD, "/dev/ptmx", O_RDWR | O_NOCTTY);
  sys::unlock_terminal(ends.streams.terminal.get());
  ends.stdin_end = sys::open_terminal_peer(ends.streams.terminal.get());
  ends.stdout_end = sys::duplicate(ends.stdin_end.get());
  ends.stderr_end = sys::duplicate(ends.stdin_end.get());
  return ends;
}

ChildProcess start_shell(const std::string& script, Ends& ends) {
  const bool terminal = sys::terminal_attributes(ends.stdin_end.get()).has_value();
  ChildProcess process = spawn(
      "process", {},
      [&] {
        sys::new_session();
        sys::reset_signal_handlers();
        sys::unblock_all_signals();
        sys::duplicate_to(ends.stdin_end.get(), 0);
        sys::duplicate_to(ends.stdout_end.get(), 1);
        sys::duplicate_to(ends.stderr_end.get(), 2);
        if (terminal) sys::set_controlling_terminal(0);
        ::execl("/bin/sh", "sh", "-c", script.c_str(), nullptr);
        return 127;
      },
      [](const Error&) {});
  ends.stdin_end.reset();
  ends.stdout_end.reset();
  ends.stderr_end.reset();
  return process;
}

bool run_until(EventLoop& loop, const std::function<bool()>& condition,
               std::chrono::milliseconds limit) {
  // A short timer makes turns of a loop in which nothing happens.
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    const auto turn = loop.after(std::chrono::milliseconds{1}, [&] { loop.stop(); });
    loop.run();
  }
  return true;
}

std::chrono::milliseconds run_to_end(EventLoop& loop, Stdio& stdio, ChildProcess& process) {
  std::chrono::steady_clock::time_point begin;
  EventLoop::Watch end = loop.watch(process.pidfd(), EPOLLIN, [&](std::uint32_t) {
    end.reset();
    process.wait();
    begin = std::chrono::steady_clock::now();
    stdio.finish([&] { loop.stop(); });
  });
  loop.run();
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               begin);
}

std::string take_all(int fd) {
  sys::set_nonblocking(fd, true);
  std::string all;
  std::array<char, 65536> chunk;
  for (;;) {
    const ssize_t count = sys::try_read(fd, chunk);
    if (count <= 0) return all;
    all.append(chunk.data(), static_cast<std::size_t>(count));
  }
}

std::string text_of(const std::string& cri_log) {
  std::string text;
  std::size_t begin = 0;
  while (begin < cri_log.size()) {
    const std::size_t end = cri_log.find('\n', begin);
    const std::string line = cri_log.substr(begin, end - begin);
    const std::size_t tag = line.find(' ', line.find(' ') + 1) + 1;
    text += line.substr(tag + 2);
    if (line.at(tag) == 'F') text += '\n';
    begin = end == std::string::npos ? cri_log.size() : end + 1;
  }
  return text;
}

StdioOptions with_log(const std::string& path) {
  StdioOptions options;
  options.log.emplace();
  options.log->file.path = path;
  return options;
}

}  // namespace ocelot::shim
