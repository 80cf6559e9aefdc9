#include "shim/sandbox.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "runtime/base/error.hpp"
#include "runtime/base/rfc3339.hpp"
#include "runtime/lookup.hpp"
#include "runtime/operations.hpp"
#include "runtime/start_socket.hpp"
#include "runtime/stdio_fifos.hpp"
#include "shim/kept_terminal.hpp"

namespace ocelot::shim {
namespace {

// With a pid namespace of its own nothing outlives init but for the moment in which the kernel
// tells of each.
constexpr std::chrono::milliseconds exec_patience{1000};
// Between two attempts to write the exit status down.
constexpr std::chrono::milliseconds exit_interval{1000};

Streams streams_of_fifos(int directory) {
  ShimEnds ends = open_shim_ends(directory);
  return {.stdin_write = std::move(ends.stdin_write),
          .stdout_read = std::move(ends.stdout_read),
          .stderr_read = std::move(ends.stderr_read),
          .stdout_twin = std::move(ends.stdout_twin),
          .stderr_twin = std::move(ends.stderr_twin)};
}

}  // namespace

Sandbox::Sandbox(EventLoop& loop, Reaper& reaper, const GlobalOptions& global, std::string id,
                 const StdioOptions& stdio_options)
    : loop_(loop),
      reaper_(reaper),
      global_(global),
      id_(std::move(id)),
      stdio_options_(stdio_options),
      workers_(loop, reaper),
      lasting_workers_(loop, reaper),
      additions_(loop, reaper),
      readiness_(loop, workers_, lasting_workers_, log_) {}

void Sandbox::look(UniqueFd directory) {
  directory_ = std::move(directory);
  log_.open(directory_.get());
  container_.emplace(load_container(directory_.get(), id_));
  exec_container_.emplace(global_, directory_.get(), *container_);
}

void Sandbox::hold(pid_t pid, UniqueFd pidfd, UniqueFd terminal) {
  look(look_at_container(global_, id_));
  Streams streams = terminal ? Streams{} : streams_of_fifos(directory_.get());
  streams.terminal = std::move(terminal);
  stdio_ = std::make_unique<Stdio>(loop_, stdio_options_, std::move(streams));
  init_ = watch_init(pid, std::move(pidfd), Process::Relation::child);
}

std::unique_ptr<Process> Sandbox::watch_init(pid_t pid, UniqueFd pidfd,
                                             Process::Relation relation) {
  watch_memory();
  if (relation == Process::Relation::child) reaper_.name(pid);
  return std::make_unique<Process>(loop_, pid, std::move(pidfd), relation,
                                   [this](ExitRecord record) { init_ended(std::move(record)); });
}

void Sandbox::watch_memory() {
  try {
    oom_events_.emplace(loop_, container_->cgroup(), [this] { publish(R"({"event":"oom"})"); });
  } catch (const Error& error) {
    log_.warning("memory that runs out will not be told of", {{"error", error.what()}});
  }
}

void Sandbox::take_over(UniqueFd directory, const Memory& memory) {
  look(std::move(directory));
  const Record& record = container_->record();
  if (record.phase == Phase::creating) {
    throw Error{ErrorKind::WrongState, fmt::format("container {} was not made to its end", id_)}
        .with_hint("delete --force it");
  }
  auto pidfd = container_->init();
  Streams streams = memory.terminal ? Streams{} : streams_of_fifos(directory_.get());
  if (memory.terminal && pidfd) {
    auto master = kept_terminal(directory_.get());
    if (!master) {
      throw Error{ErrorKind::WrongState,
                  fmt::format("the terminal of container {} hung up when its shim ended", id_)}
          .with_hint("the container can still be signalled and deleted; --keep-terminal keeps one");
    }
    streams.terminal = std::move(*master);
  }
  stdio_ = std::make_unique<Stdio>(loop_, stdio_options_, std::move(streams));
  started_ = !pidfd || !is_waited_for_start(directory_.get());
  if (started_) stdio_->started();
  const pid_t pid = record.init->pid;
  take_over_execs();
  if (pidfd) {
    init_ = watch_init(pid, std::move(*pidfd), Process::Relation::taken_over);
    return log_.info("another shim has taken the container over");
  }
  init_ = std::make_unique<Process>(loop_, pid);
  if (auto recorded = load_exit(directory_.get())) return settle_end(std::move(*recorded));
  init_ended({.time = rfc3339(std::chrono::system_clock::now())});
}

void Sandbox::hold_channel(UniqueFd socket) {
  peer_.emplace(loop_, lasting_workers_, std::move(socket),
                [this](pid_t pid) { return owns(pid); });
}

bool Sandbox::owns(pid_t pid) const {
  if (pid == init_->pid()) return true;
  if (container_->record().cgroup.manager == cgroups::Manager::disabled) return false;
  return std::ranges::count(container_->cgroup().processes(), pid) > 0;
}

void Sandbox::start(std::function<void()> done, Worker::Failed failed) {
  if (!started_) readiness_.open(*container_, directory(), main_process_.value_or(init_->pid()));
  workers_.start(
      "ocelot-shim:start",
      [this] {
        ocelot::start(lock_container(global_, id_, "start"), Readiness::relayed_by_caller);
        return Worker::Result{};
      },
      [this, done = std::move(done)](const Worker::Result&) {
        started();
        done();
      },
      std::move(failed));
}

void Sandbox::started() {
  started_ = true;
  stdio_->started();
  publish(R"({"event":"started"})");
}

oci::Status Sandbox::status() const {
  if (exit_) return oci::Status::stopped;
  if (container_->cgroup().frozen()) return oci::Status::paused;
  return started_ ? oci::Status::running : oci::Status::created;
}

void Sandbox::init_ended(ExitRecord record) {
  reaper_.forget(init_->pid());
  if (oom_events_) oom_events_->look();
  oom_events_.reset();
  try {
    record.oom_kills = container_->cgroup().oom_kills().value_or(0);
  } catch (const Error& error) {
    log_.warning("what memory ran out for is not known", {{"error", error.what()}});
  }
  try {
    save_exit(directory_.get(), record);
  } catch (const Error& error) {
    log_.warning("the exit status could not be written down yet", {{"error", error.what()}});
    save_exit_later();
  }
  log_.info("the container's process has ended", {{"status", record.describe()}});
  additions_.container_ended();
  settle_end(std::move(record));
}

// A full disk is announced to nobody who waits for room on it.
void Sandbox::save_exit_later() {
  saving_ = loop_.after(exit_interval, [this] {
    saving_.reset();
    try {
      save_exit(directory_.get(), *exit_);
    } catch (const Error&) {
      save_exit_later();
    }
  });
}

void Sandbox::settle_end(ExitRecord record) {
  exit_ = std::move(record);
  patience_ = loop_.after(exec_patience, [this] {
    patience_.reset();
    announce_end_if_settled();
  });
  stdio_->finish([this] {
    drained_ = true;
    announce_end_if_settled();
  });
  if (!container_->record().own_pid_namespace) kill_the_rest();
}

// Without a pid namespace of its own the others do not end with init.
void Sandbox::kill_the_rest() {
  workers_.start(
      "ocelot-shim:kill",
      [this] {
        container_->cgroup().kill_all();
        return Worker::Result{};
      },
      [this](const Worker::Result&) {
        stdio_->cgroup_empty();
        for (auto& [name, exec] : execs_)
          if (exec.stdio) exec.stdio->cgroup_empty();
      },
      [this](const Error& error) {
        log_.warning("what init left behind was not killed", {{"error", error.what()}});
      });
}

// Its last output is where it belongs, and the processes of exec were told of: who waits for one of
// them must not find the container gone.
void Sandbox::announce_end_if_settled() {
  if (!exit_ || !drained_ || announced_) return;
  const bool all_told =
      std::ranges::all_of(execs_, [](const auto& e) { return e.second.exit.has_value(); });
  if (!all_told && patience_) return;
  announced_ = true;
  publish(fmt::format(R"({{"event":"exited","exit":{}}})", to_json(*exit_)));
  if (ended_) ended_();
}

}  // namespace ocelot::shim
