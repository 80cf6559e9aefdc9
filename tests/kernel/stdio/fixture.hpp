#pragma once
#include <sys/wait.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/event_loop.hpp"
#include "runtime/base/process.hpp"
#include "runtime/base/sys_files.hpp"
#include "shim/stdio/stdio.hpp"
#include "tests/support/check.hpp"
#include "tests/support/temp_dir.hpp"

namespace ocelot::shim {

using test::read_file;

// Both sides of the standard streams of one process, as pipes or as a terminal.
struct Ends {
  UniqueFd stdin_end, stdout_end, stderr_end;  // the process's
  Streams streams;                             // ours
};
Ends make_pipes();
Ends make_terminal();

// /bin/sh with `ends` as its standard streams (and controlling terminal), which are then its alone.
ChildProcess start_shell(const std::string& script, Ends& ends);

// Runs the loop until `condition` holds after a turn of it. False when that takes longer than
// `limit`.
bool run_until(EventLoop& loop, const std::function<bool()>& condition,
               std::chrono::milliseconds limit = std::chrono::seconds{30});

// Waits for the process in the loop, and finishes its streams. How long finish() took.
std::chrono::milliseconds run_to_end(EventLoop& loop, Stdio& stdio, ChildProcess& process);

// What is in a pipe now.
std::string take_all(int fd);
std::string text_of(const std::string& cri_log);  // the texts, joined as a reader of the CRI does

StdioOptions with_log(const std::string& path);

}  // namespace ocelot::shim
