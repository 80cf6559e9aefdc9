#include "shim/desk.hpp"

#include <fmt/core.h>
#include <signal.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "oci/names.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"
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
  if (word == "0") return 0;
  if (const auto number = oci::signal_number(word)) return *number;
  throw Error{ErrorKind::InvalidArgument, fmt::format("unknown signal {}", printable(word))};
}

}  // namespace

Desk::Desk(EventLoop& loop, Sandbox& sandbox, std::function<void()> leave)
    : loop_(loop), sandbox_(sandbox), leave_(std::move(leave)) {}

void Desk::on_request(control::Request request) {
  const RequestHandle handle = request.handle;
  // The commonest have no arguments worth the reading.
  if (request.operation == Operation::State) return state(handle);
  if (request.operation == Operation::Events) return server_->subscribe(handle);
  const Json arguments = Json::parse(request.payload, nullptr, false);
  if (!arguments.is_object())
    throw Error{ErrorKind::InvalidArgument, "the request is not a JSON object"};
  try {
    switch (request.operation) {
      case Operation::State:
      case Operation::Events:
      case Operation::Cancel:
        return;
      case Operation::Start:
        return start(handle);
      case Operation::Pause:
      case Operation::Resume:
        return freeze(handle, request.operation);
      case Operation::Kill:
        return kill(handle, arguments);
      case Operation::Wait:
        return wait(handle, arguments);
      case Operation::Delete:
        return remove(handle, arguments);
      case Operation::Shutdown:
        return shut_down(handle);
      case Operation::Attach:
        return attach(handle, arguments);
      case Operation::Resize:
        return resize(handle, arguments);
      case Operation::CloseStdin:
        return close_stdin(handle);
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

void Desk::delegate(RequestHandle handle, const char* name, std::function<void()> act) {
  sandbox_.workers().start(
      name,
      [&act] {
        act();
        return Worker::Result{};
      },
      [this, handle](const Worker::Result&) { done(handle); },
      [this, handle](const Error& error) { server_->fail(handle, error); });
}

void Desk::state(RequestHandle handle) {
  const Record& record = sandbox_.container().record();
  server_->reply(handle, cli::state_json({.oci = record.state(sandbox_.status()),
                                          .rootfs = record.rootfs,
                                          .created = record.created,
                                          .owner = ""}));
}

void Desk::start(RequestHandle handle) {
  sandbox_.workers().start(
      "ocelot-shim:start",
      [this] {
        ocelot::start(sandbox_.global(), sandbox_.id());
        return Worker::Result{};
      },
      [this, handle](const Worker::Result&) {
        sandbox_.started();
        done(handle);
      },
      [this, handle](const Error& error) { server_->fail(handle, error); });
}

void Desk::freeze(RequestHandle handle, Operation operation) {
  const bool pause = operation == Operation::Pause;
  sandbox_.workers().start(
      pause ? "ocelot-shim:pause" : "ocelot-shim:resume",
      [this, pause] {
        (pause ? ocelot::pause : ocelot::resume)(sandbox_.global(), sandbox_.id());
        return Worker::Result{};
      },
      [this, handle, pause](const Worker::Result&) {
        sandbox_.publish(pause ? R"({"event":"paused"})" : R"({"event":"resumed"})");
        done(handle);
      },
      [this, handle](const Error& error) { server_->fail(handle, error); });
}

void Desk::kill(RequestHandle handle, const Json& arguments) {
  const int signal = signal_of(arguments);
  if (const std::string process = arguments.value("process", ""); !process.empty()) {
    Exec& exec = sandbox_.exec(process);
    if (exec.exit) throw Error{ErrorKind::WrongState, "process already finished"};
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
  if (!waiter.process.empty()) sandbox_.exec(waiter.process);  // is there
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
}

void Desk::remove(RequestHandle handle, const Json& arguments) {
  const Force force = arguments.value("force", false) ? Force::yes : Force::no;
  sandbox_.workers().start(
      "ocelot-shim:delete",
      [this, force] {
        ocelot::remove(sandbox_.global(), sandbox_.id(), force);
        return Worker::Result{};
      },
      [this, handle](const Worker::Result&) {
        sandbox_.publish(R"({"event":"deleted"})");
        done(handle);
        leave_();
      },
      [this, handle](const Error& error) { server_->fail(handle, error); });
}

void Desk::shut_down(RequestHandle handle) {
  if (!sandbox_.exit()) {
    throw Error{ErrorKind::WrongState, "the container has not stopped"}.with_hint(
        "stop it with kill, or delete --force it, which also ends the shim");
  }
  done(handle);
  leave_();
}

void Desk::processes(RequestHandle handle) {
  Json pids = Json::array();
  for (const pid_t pid : sandbox_.container().cgroup().processes()) pids.push_back(pid);
  server_->reply(handle, Json{{"pids", std::move(pids)}}.dump());
}

}  // namespace ocelot::shim
