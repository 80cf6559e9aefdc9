#include "shim/closer.hpp"

#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>

#include <algorithm>
#include <array>

#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_processes.hpp"

namespace ocelot::shim {
namespace {

constexpr std::size_t most_at_it = 4;

// In a process that has the shim's table of descriptors, until the shim has another one.
int close_range_alone(int go, unsigned first, unsigned last, pid_t shim) {
  sys::set_parent_death_signal(SIGKILL);
  if (sys::parent_process_id() != shim) return 1;
  std::array<char, 1> word;
  if (sys::read_some(go, word) != 1) return 1;
  if (first > 0) sys::close_range(0, first - 1, 0);
  sys::close_range(last + 1, ~0U, 0);
  sys::close_range(first, last, 0);
  return 0;
}

}  // namespace

Closer::~Closer() {
  for (Closing& each : closing_) static_cast<void>(each.process.release());
}

void Closer::close(std::vector<UniqueFd> fds) {
  std::ranges::sort(fds, {}, &UniqueFd::get);
  for (UniqueFd& fd : fds) {
    const bool follows = &fd != &fds.front() && waiting_.back().back().get() + 1 == fd.get();
    if (!follows) waiting_.emplace_back();
    waiting_.back().push_back(std::move(fd));
  }
  start_some();
}

void Closer::start_some() {
  while (!waiting_.empty() && closing_.size() < most_at_it) {
    Run run = std::move(waiting_.front());
    waiting_.pop_front();
    try {
      const auto each = closing_.insert(closing_.end(), Closing{start(std::move(run)), {}});
      const pid_t pid = each->process.pid();
      reaper_.name(pid);
      each->watch = loop_.watch(each->process.pidfd(), EPOLLIN, [this, each, pid](std::uint32_t) {
        each->watch.reset();
        each->process.wait();
        closing_.erase(each);
        reaper_.forget(pid);
        start_some();
      });
    } catch (const Error&) {
      continue;
    }
  }
}

ChildProcess Closer::start(Run run) const {
  const auto first = static_cast<unsigned>(run.front().get());
  const auto last = static_cast<unsigned>(run.back().get());
  const sys::Pipe go = sys::pipe();
  ChildProcess process = spawn(
      "ocelot-shim:close", {.flags = CLONE_FILES},
      [&, shim = sys::process_id()] {
        return close_range_alone(go.read_end.get(), first, last, shim);
      },
      [](const Error&) {});
  for (UniqueFd& fd : run) static_cast<void>(fd.release());
  sys::close_range(first, last, CLOSE_RANGE_UNSHARE);
  sys::write_all(go.write_end.get(), "g");
  return process;
}

}  // namespace ocelot::shim
