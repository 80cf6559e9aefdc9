#include "shim/supervisor.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include "runtime/base/error.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/creation.hpp"
#include "runtime/operations.hpp"

namespace ocelot::shim {

Supervisor::Supervisor(const GlobalOptions& global, const CreateOptions& create,
                       const ShimOptions& options, Until until, const Channel& report)
    : global_(global),
      create_(create),
      options_(options),
      until_(until),
      report_(report),
      inherited_fds_(create.preserve_fds),
      reaper_(loop_, [this](int signal) { receive_signal(signal); }),
      sandbox_(loop_, reaper_, global, create.id, options.stdio),
      desk_(loop_, sandbox_, [this] { leave(); }) {
  sys::new_session();
  sys::set_child_subreaper(true);
}

int Supervisor::run() {
  create();
  loop_.run();
  return status_;
}

void Supervisor::create() {
  sandbox_.workers().start(
      "ocelot-shim:create",
      [this] {
        NewContainer made = make_container(global_, create_, Caller::supervises, inherited_fds_);
        log::flush_warnings();
        Worker::Result result{.number = made.init.pid()};
        result.fds.push_back(made.init.release());
        if (made.terminal) result.fds.push_back(std::move(made.terminal));
        return result;
      },
      [this](Worker::Result result) { created(std::move(result)); },
      [this](const Error& error) { report_failure(error); });
}

void Supervisor::created(Worker::Result result) {
  UniqueFd terminal = result.fds.size() > 1 ? std::move(result.fds[1]) : UniqueFd{};
  try {
    sandbox_.hold(static_cast<pid_t>(result.number), std::move(result.fds.at(0)),
                  std::move(terminal));
    if (!options_.keep_stdin && !sandbox_.stdio().has_terminal()) sandbox_.stdio().close_stdin();
    serve();
  } catch (const Error& error) {
    return discard(error);
  }
  if (until_ == Until::created) return report_done();
  start();
}

void Supervisor::start() {
  sandbox_.workers().start(
      "ocelot-shim:start",
      [this] {
        ocelot::start(global_, create_.id);
        return Worker::Result{};
      },
      [this](const Worker::Result&) {
        sandbox_.started();
        report_done();
      },
      [this](const Error& error) { discard(error); });
}

// A container that could not be brought to where it should be is not left behind.
void Supervisor::discard(const Error& error) {
  sandbox_.workers().start(
      "ocelot-shim:delete",
      [this] {
        ocelot::remove(global_, create_.id, Force::yes);
        return Worker::Result{};
      },
      [this, error](const Worker::Result&) { report_failure(error); },
      [this, error](const Error&) { report_failure(error); });
}

void Supervisor::serve() {
  server_.emplace(loop_, control::Listener::bind(sandbox_.directory(), {}),
                  control::Authority{{.owner = sys::effective_uid()}}, desk_,
                  control::ServerOptions{
                      .log = [this](std::string_view text) { sandbox_.log().warning(text); }});
  desk_.serve(*server_);
  sandbox_.set_publish([this](const std::string& event) { server_->publish(event); });
  sandbox_.set_ended([this] { desk_.tell_waiters(); });
}

void Supervisor::report_done() {
  report_.tell_result(sandbox_.init().pid(), {});
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    sys::use_null_device_as(stream);
  sys::change_directory_to("/");
}

void Supervisor::report_failure(const Error& error) {
  report_.tell_failure(error);
  status_ = 1;
  loop_.stop();
}

void Supervisor::receive_signal(int signal) {
  if (sandbox_.exit()) return leave();
  sandbox_.log().info("a signal does not end the shim of a container that lives",
                      {{"signal", fmt::format("{}", signal)}});
}

void Supervisor::leave() {
  server_->flush_now();
  server_->shut_down("the container is gone");
  loop_.stop();
}

}  // namespace ocelot::shim
