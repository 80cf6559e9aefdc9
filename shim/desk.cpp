#include "shim/desk.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <signal.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "oci/names.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/cli/state_json.hpp"
#include "runtime/operations.hpp"
#include "shim/control/documents.hpp"

namespace ocelot::shim {

using control::Operation;
using control::RequestHandle;

namespace {

// A number, or a name with or without SIG.
int signal_of(const nlohmann::json& arguments) {
  const auto given = arguments.find("signal");
  if (given == arguments.end()) return SIGTERM;
  const std::string word = given->is_string() ? given->get<std::string>() : given->dump();
  return oci::signal_to_send(word);
}

}  // namespace

Desk::Desk(EventLoop& loop, Sandbox& sandbox, Supervision supervision)
    : loop_(loop), sandbox_(sandbox), supervision_(std::move(supervision)) {}

void Desk::on_request(control::Request request) {
  const RequestHandle handle = request.handle;
  // The commonest has no arguments.
  if (request.operation == Operation::State) return state(handle);
  const Json arguments = Json::parse(request.payload, nullptr, false);
  if (!arguments.is_object())
    throw Error{ErrorKind::InvalidArgument, "the request is not a JSON object"};
  try {
    switch (request.operation) {
      case Operation::State:
      case Operation::Cancel:
        return;
      case Operation::Events:
        return events(handle, arguments);
      case Operation::Start:
        return start(handle);
      case Operation::Pause:
        return pause(handle);
      case Operation::Resume:
        return resume(handle);
      case Operation::Kill:
        return kill(handle, arguments);
      case Operation::Wait:
        return wait(handle, arguments);
      case Operation::Delete:
        return remove(handle, arguments);
      case Operation::Shutdown:
        return shut_down(handle);
      case Operation::Upgrade:
        return upgrade(request);
      case Operation::Attach:
        return attach(handle, arguments);
      case Operation::Resize:
        return resize(handle, arguments);
      case Operation::CloseStdin:
        return close_stdin(handle, arguments);
      case Operation::Logs:
        return logs(handle, arguments);
      case Operation::Open:
        return open(handle, arguments);
      case Operation::Status:
        return status(handle, arguments);
      case Operation::Ps:
        return processes(handle);
      case Operation::Exec:
        return exec(request, arguments);
      case Operation::Channel:
        return channel(request, arguments);
      case Operation::Stats:
        return stats(handle, arguments);
      case Operation::Update:
        return update(handle, arguments);
    }
    throw Error{ErrorKind::Unsupported, fmt::format("the shim does not serve \"{}\"",
                                                    control::traits(request.operation).name)};
  } catch (const Json::exception& error) {
    throw Error{ErrorKind::InvalidArgument, fmt::format("malformed request: {}", error.what())};
  }
}

void Desk::on_gone(RequestHandle handle) {
  streams_.erase(handle);
  std::erase_if(waiters_, [&](const Waiter& waiter) { return waiter.handle == handle; });
  if (ContainerPeer* peer = sandbox_.peer()) peer->forget(handle);
}

void Desk::done(RequestHandle handle) {
  server_->reply(handle, "{}");
}

void Desk::delegate(RequestHandle handle, const char* name, const std::function<void()>& act,
                    std::function<void()> then) {
  sandbox_.workers().start(
      name,
      [&act] {
        act();
        return Worker::Result{};
      },
      [this, handle, then = std::move(then)](const Worker::Result&) {
        if (then) then();
        done(handle);
      },
      [this, handle](const Error& error) { server_->fail(handle, error); });
}

void Desk::state(RequestHandle handle) {
  const oci::Status status = sandbox_.status();
  if (state_.text.empty() || state_.of != status) {
    const Record& record = sandbox_.container().record();
    state_ = {status, cli::state_json({.oci = record.state(status),
                                       .rootfs = record.rootfs,
                                       .created = record.created,
                                       .owner = ""})};
  }
  server_->reply(handle, state_.text);
}

// From where the client was, if it was a client of this instance.
void Desk::events(RequestHandle handle, const Json& arguments) {
  const std::string instance = arguments.value("instance", "");
  std::uint64_t number = 0;
  const auto [end, error] =
      std::from_chars(instance.data(), instance.data() + instance.size(), number, 16);
  if (error != std::errc{} || end != instance.data() + instance.size()) number = 0;
  server_->subscribe(handle, arguments.value("after", std::uint64_t{0}), number);
}

void Desk::start(RequestHandle handle) {
  sandbox_.start([this, handle] { done(handle); },
                 [this, handle](const Error& error) { server_->fail(handle, error); });
}

void Desk::kill(RequestHandle handle, const Json& arguments) {
  const int signal = signal_of(arguments);
  if (const std::string process = arguments.value("process", ""); !process.empty()) {
    Exec& exec = sandbox_.exec(process);
    if (exec.process->ended()) throw Error{ErrorKind::WrongState, "process already finished"};
    exec.process->signal(signal);
    return done(handle);
  }
  const bool all = arguments.value("all", false);
  if (!all && signal != SIGKILL) {
    sandbox_.init().signal(signal);
    return done(handle);
  }
  delegate(handle, "ocelot-shim:kill", [this, signal, all] {
    ocelot::kill(sandbox_.global(), sandbox_.id(), signal, all ? Scope::all : Scope::init);
  });
}

void Desk::wait(RequestHandle handle, const Json& arguments) {
  Waiter waiter{.handle = handle, .process = arguments.value("process", "")};
  if (!waiter.process.empty()) waiter.process = sandbox_.exec(waiter.process).name;
  waiters_.push_back(std::move(waiter));
  tell_waiters();
}

void Desk::tell_waiters() {
  std::vector<Waiter> waiting = std::exchange(waiters_, {});
  for (Waiter& waiter : waiting) {
    const auto& exit =
        waiter.process.empty() ? sandbox_.exit() : sandbox_.exec(waiter.process).exit;
    if (exit) {
      server_->reply(waiter.handle, to_json(*exit));
    } else {
      waiters_.push_back(std::move(waiter));
    }
  }
  leave_if_deleted();
}

void Desk::remove(RequestHandle handle, const Json& arguments) {
  const Force force = arguments.value("force", false) ? Force::yes : Force::no;
  sandbox_.workers().start(
      "ocelot-shim:delete",
      [this, force] {
        remove_that_one(sandbox_.global(), sandbox_.id(), sandbox_.directory(), force);
        return Worker::Result{};
      },
      [this, handle](const Worker::Result&) { removed(handle); },
      [this, handle](const Error& error) {
        // A worker that was killed may have come to its end, or so far that nobody can ask again.
        if (sys::stat(sandbox_.directory()).st_nlink == 0) return removed(handle);
        if (sys::open_if_exists(sandbox_.directory(), "control.sock", O_PATH))
          return server_->fail(handle, error);
        finish_removal(handle);
      });
}

void Desk::finish_removal(RequestHandle handle) {
  delegate(
      handle, "ocelot-shim:delete",
      [this] {
        remove_that_one(sandbox_.global(), sandbox_.id(), sandbox_.directory(), Force::yes);
      },
      [this] {
        deleted_ = true;
        leave_if_deleted();
      });
}

void Desk::removed(RequestHandle handle) {
  deleted_ = true;
  leave_if_deleted();
  done(handle);
}

// Not before the end is told of: the kernel may still be about to say so.
void Desk::leave_if_deleted() {
  if (!deleted_ || !sandbox_.exit()) return;
  sandbox_.publish(R"({"event":"deleted"})");
  supervision_.leave();
}

void Desk::shut_down(RequestHandle handle) {
  if (!sandbox_.exit()) {
    throw Error{ErrorKind::WrongState, "the container has not stopped"}.with_hint(
        "stop it with kill, or delete --force it, which also ends the shim");
  }
  done(handle);
  supervision_.leave();
}

void Desk::processes(RequestHandle handle) {
  Json pids = Json::array();
  for (const pid_t pid : sandbox_.container().cgroup().processes()) pids.push_back(pid);
  server_->reply(handle, Json{{"pids", std::move(pids)}}.dump());
}

}  // namespace ocelot::shim
