#include "shim/stdio/stdio.hpp"

#include <fmt/core.h>
#include <signal.h>

#include <algorithm>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/base/sys_terminals.hpp"

namespace ocelot::shim {
namespace {

// After which silence a line without end is logged, and how often more output puts that off.
constexpr std::chrono::milliseconds prompt_delay{100};
constexpr int most_put_off = 10;

UniqueFd copy_of(const UniqueFd& fd) {
  return fd ? sys::duplicate(fd.get()) : UniqueFd{};
}

}  // namespace

Stdio::Stdio(EventLoop& loop, const StdioOptions& options, Streams streams)
    : loop_(loop),
      device_(streams.terminal ? Device::terminal : Device::pipe),
      terminal_(std::move(streams.terminal)),
      replay_(options.replay),
      input_(loop, terminal_ ? copy_of(terminal_) : std::move(streams.stdin_write), device_,
             [this](ClientId client) { client_end_gone(client); }),
      output_(
          loop, terminal_ ? copy_of(terminal_) : std::move(streams.stdout_read),
          std::move(streams.stdout_twin), device_, options.patience,
          [this](std::string_view bytes) { return keep(Stream::output, bytes); },
          [this](ClientId client) { client_end_gone(client); }),
      error_(
          loop, std::move(streams.stderr_read), std::move(streams.stderr_twin), Device::pipe,
          options.patience, [this](std::string_view bytes) { return keep(Stream::error, bytes); },
          [this](ClientId client) { client_end_gone(client); }) {
  sys::ignore_signal(SIGPIPE);
  sys::ignore_signal(SIGXFSZ);
  if (options.log) log_.emplace(*options.log);
}

Stdio::~Stdio() = default;

void Stdio::started() {
  input_.started();
}

std::vector<UniqueFd> Stdio::attach(const AttachOptions& options) {
  const Context at{text("attach")};
  if (clients_.size() >= most_clients) {
    throw Error{ErrorKind::Failed, fmt::format("{} clients are attached already", most_clients)}
        .with_hint("detach one of them");
  }
  // Before anything changes: descriptors may run out.
  std::vector<UniqueFd> theirs;
  std::optional<sys::Pipe> input, error;
  if (options.input) input = sys::pipe();
  sys::Pipe output = sys::pipe();
  if (!has_terminal()) error = sys::pipe();

  const ClientId client = ++last_client_;
  clients_[client] = 1;
  ++counters_.attached;
  if (input) {
    theirs.push_back(std::move(input->write_end));
    ++clients_[client];
    input_.add_client(client, std::move(input->read_end),
                      options.stdin_once ? Input::AtEnd::close : Input::AtEnd::leave_open);
  }
  const auto add_output = [&](Output& stream, Stream tag, sys::Pipe& pipe) {
    if (options.replay) write_replay(tag, pipe.write_end.get());
    theirs.push_back(std::move(pipe.read_end));
    ++clients_[client];
    stream.add_client(client, std::move(pipe.write_end));
  };
  add_output(output_, Stream::output, output);
  if (error) add_output(error_, Stream::error, *error);
  client_end_gone(client);  // the one that held it until all others were there
  return theirs;
}

void Stdio::client_end_gone(ClientId client) {
  if (--clients_.at(client) == 0) clients_.erase(client);
}

std::string Stdio::remembered(Stream stream) const {
  std::string bytes;
  replay_.read(stream, [&](std::string_view run) { bytes += run; });
  return bytes;
}

// At once, so that the kernel fills its pages; what does not fit is lost.
void Stdio::write_replay(Stream stream, int pipe) {
  const std::string bytes = remembered(stream);
  if (bytes.empty()) return;
  sys::try_set_pipe_size(pipe, std::max<std::size_t>(bytes.size(), 65536));
  sys::set_nonblocking(pipe, true);
  const ssize_t count = sys::try_write(pipe, bytes);
  counters_.lost_bytes += bytes.size() - static_cast<std::size_t>(std::max<ssize_t>(count, 0));
}

void Stdio::close_stdin() {
  input_.close();
}

void Stdio::resize(const winsize& size) {
  if (!terminal_) throw Error{ErrorKind::WrongState, "the process has no terminal"};
  sys::set_window_size(terminal_.get(), size);
}

void Stdio::reopen_log() {
  if (!log_) throw Error{ErrorKind::WrongState, "the process has no log"};
  log_->reopen();
}

std::chrono::milliseconds Stdio::keep(Stream stream, std::string_view bytes) {
  replay_.add(stream, bytes);
  if (!log_) return {};
  const std::chrono::milliseconds wait = log_->add(stream, bytes, OutputLog::Moment::now());
  if (log_->unfinished() && !flush_watch_) {
    flush_put_off_ = 0;
    flush_soon();
  }
  return wait;
}

// A process that goes on writing ends its lines, as a rule.
void Stdio::flush_soon() {
  flush_seen_ = output_.counters().bytes + error_.counters().bytes;
  flush_watch_ = loop_.after(prompt_delay, [this] {
    flush_watch_.reset();
    if (!log_->unfinished()) return;
    const std::uint64_t seen = output_.counters().bytes + error_.counters().bytes;
    if (seen != flush_seen_ && ++flush_put_off_ < most_put_off) return flush_soon();
    log_->flush(OutputLog::Moment::now());
  });
}

void Stdio::finish(std::function<void()> done) {
  done_ = std::move(done);
  streams_left_ = 2;
  input_.stop();
  output_.finish([this] { stream_finished(Stream::output); });
  error_.finish([this] { stream_finished(Stream::error); });
}

void Stdio::cgroup_empty() {
  output_.leave_nobody();
  error_.leave_nobody();
}

void Stdio::stream_finished(Stream stream) {
  if (log_) log_->end(stream, OutputLog::Moment::now());
  if (--streams_left_ > 0) return;
  flush_watch_.reset();
  done_watch_ = loop_.after(std::chrono::milliseconds{0}, [this] {
    done_watch_.reset();
    if (const auto done = std::exchange(done_, {})) done();
  });
}

StdioCounters Stdio::counters() const {
  const OutputCounters &out = output_.counters(), &err = error_.counters();
  StdioCounters sum = counters_;
  sum.stdin_bytes += input_.bytes();
  sum.stdout_bytes += out.bytes;
  sum.stderr_bytes += err.bytes;
  sum.lost_bytes += out.lost_bytes + err.lost_bytes;
  sum.stalls += out.stalls + err.stalls;
  sum.clients = clients_.size();
  if (log_) sum.log += log_->counters();
  return sum;
}

Stdio::Handover Stdio::hand_over() {
  Handover result;
  result.memory = {.started = input_.has_started(),
                   .close_asked = input_.close_asked(),
                   .pending_input = input_.pending(),
                   .stdout_replay = remembered(Stream::output),
                   .stderr_replay = remembered(Stream::error)};
  flush_watch_.reset();
  if (log_) {
    log_->end(Stream::output, OutputLog::Moment::now());
    log_->end(Stream::error, OutputLog::Moment::now());
  }
  result.counters = counters();
  Input::Handover input = input_.hand_over();
  Output::Handover output = output_.hand_over(), error = error_.hand_over();
  if (terminal_) {
    result.streams.terminal = std::move(terminal_);
  } else {
    result.streams = {.stdin_write = std::move(input.sink),
                      .stdout_read = std::move(output.source),
                      .stderr_read = std::move(error.source),
                      .stdout_twin = std::move(output.twin),
                      .stderr_twin = std::move(error.twin),
                      .terminal = {}};
  }
  result.inputs = std::move(input.clients);
  result.outputs = std::move(output.clients);
  result.errors = std::move(error.clients);
  return result;
}

void Stdio::go_on(Handover& handover) {
  counters_ = handover.counters;
  const Memory& memory = handover.memory;
  replay_.add(Stream::output, memory.stdout_replay);
  replay_.add(Stream::error, memory.stderr_replay);
  const auto count = [this](const auto& ends) {
    for (const auto& each : ends) {
      ++clients_[each.client];
      last_client_ = std::max(last_client_, each.client);
    }
  };
  count(handover.inputs);
  count(handover.outputs);
  count(handover.errors);
  output_.go_on(std::move(handover.outputs));
  error_.go_on(std::move(handover.errors));
  input_.add_pending(memory.pending_input);
  for (Input::Attached& each : handover.inputs)
    input_.add_client(each.client, std::move(each.pipe), each.at_end);
  if (memory.close_asked) input_.close();
  if (memory.started) input_.started();
}

}  // namespace ocelot::shim
