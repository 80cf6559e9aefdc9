#include <fmt/core.h>

#include <algorithm>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"
#include "runtime/lookup.hpp"
#include "shim/exec_notes.hpp"
#include "shim/sandbox.hpp"

// The processes that exec adds, by their names.
namespace ocelot::shim {
namespace {

// Ended processes whose status is kept for whoever asks later, and those whose last output is.
constexpr std::size_t kept_execs = 64, kept_outputs = 8;
// Running ones whose streams are kept.
constexpr std::ptrdiff_t most_with_streams = 64;

}  // namespace

std::string Sandbox::reserve_exec(std::string name) {
  if (name.empty()) name = free_exec_name();
  check_id(name);
  const auto found = execs_.find(name);
  if (found != execs_.end() && !found->second.exit)
    throw Error{ErrorKind::AlreadyExists, fmt::format("a process \"{}\" runs already", name)};
  std::erase(ended_execs_, name);
  execs_.insert_or_assign(name, Exec{.name = name});
  return name;
}

Stdio& Sandbox::keep_streams(const std::string& name, Streams streams) {
  const auto kept = std::ranges::count_if(
      execs_, [](const auto& each) { return each.second.stdio && !each.second.exit; });
  if (kept >= most_with_streams) {
    throw Error{ErrorKind::Failed,
                fmt::format("the shim keeps the streams of {} processes already", kept)}
        .with_hint("end one of them, or have the streams of this one kept by its caller");
  }
  Exec& exec = execs_.at(name);
  exec.stdio = std::make_unique<Stdio>(loop_, exec_stdio_options(), std::move(streams));
  return *exec.stdio;
}

// The log is that of the container's own process.
StdioOptions Sandbox::exec_stdio_options() const {
  return {.log = {}, .replay = stdio_options_.replay, .patience = stdio_options_.patience};
}

void Sandbox::release_exec(const std::string& name) {
  const auto found = execs_.find(name);
  if (found == execs_.end() || found->second.process) return;
  execs_.erase(found);
  drop_exec_note(directory(), name);
}

Exec& Sandbox::add_exec(const std::string& name, pid_t pid, UniqueFd pidfd) {
  Exec& exec = execs_.at(name);
  exec.process = watch_exec(name, pid, std::move(pidfd), Process::Relation::child);
  publish(fmt::format(R"({{"event":"exec-started","process":"{}","pid":{}}})", name, pid));
  return exec;
}

std::unique_ptr<Process> Sandbox::watch_exec(const std::string& name, pid_t pid, UniqueFd pidfd,
                                             Process::Relation relation) {
  if (relation == Process::Relation::child) reaper_.name(pid);
  return std::make_unique<Process>(
      loop_, pid, std::move(pidfd), relation,
      [this, name](ExitRecord record) { exec_ended(name, std::move(record)); });
}

// Their streams were whoever asked for them's, or ended with the shim that kept them.
void Sandbox::take_over_execs() {
  for (NotedExec& noted : noted_execs(directory())) {
    Exec& exec = execs_[noted.name];
    exec.name = noted.name;
    exec.process =
        watch_exec(noted.name, noted.pid, std::move(noted.pidfd), Process::Relation::taken_over);
  }
}

Exec& Sandbox::exec(const std::string& word) {
  const auto named = execs_.find(word);
  if (named != execs_.end() && named->second.process) return named->second;
  Exec* found = nullptr;
  const auto pid = parse_integer<pid_t>(word);
  for (auto& [name, each] : execs_) {
    if (!pid || !each.process || each.process->pid() != *pid) continue;
    if (found == nullptr || !each.exit) found = &each;  // an id is used again
  }
  if (found != nullptr) return *found;
  throw Error{ErrorKind::NotFound, fmt::format("no process \"{}\" was added by exec", word)};
}

std::string Sandbox::free_exec_name() {
  std::string name;
  do {
    name = fmt::format("exec-{}", next_exec_++);
  } while (execs_.contains(name));
  return name;
}

void Sandbox::exec_ended(const std::string& name, ExitRecord record) {
  Exec& exec = execs_.at(name);
  reaper_.forget(exec.process->pid());
  drop_exec_note(directory(), name);
  if (!exec.stdio) return announce_exec_end(name, std::move(record));
  exec.stdio->finish([this, name, record] { announce_exec_end(name, record); });
}

void Sandbox::announce_exec_end(const std::string& name, ExitRecord record) {
  Exec& exec = execs_.at(name);
  exec.exit = std::move(record);
  publish(fmt::format(R"({{"event":"exec-exited","process":"{}","exit":{}}})", name,
                      to_json(*exec.exit)));
  if (ended_) ended_();
  ended_execs_.push_back(name);
  forget_the_oldest();
  announce_end_if_settled();
}

void Sandbox::forget_the_oldest() {
  std::size_t outputs = 0;
  for (auto name = ended_execs_.rbegin(); name != ended_execs_.rend(); ++name) {
    auto& stdio = execs_.at(*name).stdio;
    if (stdio && ++outputs > kept_outputs) stdio.reset();
  }
  if (ended_execs_.size() <= kept_execs) return;
  execs_.erase(ended_execs_.front());
  ended_execs_.pop_front();
}

bool Sandbox::exec_is_ending() const {
  return std::ranges::any_of(execs_, [](const auto& named) {
    const Exec& exec = named.second;
    return exec.process && exec.process->ended() && !exec.exit;
  });
}

}  // namespace ocelot::shim
