#include "shim/supervisor.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include "runtime/base/error.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/base/trace.hpp"
#include "runtime/destroy.hpp"
#include "runtime/lookup.hpp"
#include "runtime/operations.hpp"
#include "shim/kept_terminal.hpp"
#include "shim/memory.hpp"
#include "shim/peer_cgroup.hpp"
#include "shim/settle_requests.hpp"
#include "shim/socket_place.hpp"

namespace ocelot::shim {

Supervisor::Supervisor(const GlobalOptions& global, std::string id, const ShimOptions& options,
                       Channel& report)
    : global_(global),
      id_(std::move(id)),
      options_(options),
      report_(report),
      reaper_(loop_, [this](int signal) { receive_signal(signal); }),
      sandbox_(loop_, reaper_, global, id_, options.stdio),
      desk_(loop_, sandbox_,
            {.leave = [this] { leave(); },
             .upgrade =
                 [this](control::RequestHandle request, UniqueFd program,
                        const control::EffectKey& key) {
                   upgrade(request, std::move(program), key);
                 }}) {
  sandbox_.workers().set_prelude([this] { become_copy(); });
  sandbox_.additions().set_prelude([this] { become_copy(); });
}

// What a new process is not to have of this one.
void Supervisor::become_copy() const {
  oom_score_.restore();
  if (server_) server_->close_in_copy();
}

void Supervisor::begin_session() {
  sys::new_session();
  sys::set_child_subreaper(true);
}

int Supervisor::make_channel() {
  channel_ = control::SocketPair::create();
  // The container's end waits, as sockets do.
  sys::set_nonblocking(channel_.other.get(), false);
  return channel_.other.get();
}

void Supervisor::set_oom_score() {
  if (options_.oom_score_adj) oom_score_.set(*options_.oom_score_adj);
}

// Once there is a container, lest it be made in this one: a relative path of it begins at ours.
void Supervisor::enter_cgroup() {
  if (options_.cgroup.empty()) return;
  cgroup_.enter(options_.cgroup, sandbox_.container().record().cgroup, sandbox_.directory());
}

void Supervisor::run_new(const CreateOptions& options, InheritedFds fds, Until until) {
  begin_session();
  set_oom_score();
  until_ = until;
  if (until == Until::attended) sandbox_.set_main_process(sys::parent_process_id());
  create(options, std::move(fds));
  stay();
}

void Supervisor::run_adopting() {
  begin_session();
  set_oom_score();
  adopt();
  stay();
}

void Supervisor::stay() {
  for (;;) {
    try {
      loop_.run();
      break;
    } catch (const std::exception& error) {
      // What goes wrong in one handler is no reason to leave the container alone.
      sandbox_.log().warning("an operation of the shim failed", {{"error", error.what()}});
    }
  }
  if (upgrade_) execute_upgrade();
  if (server_) server_->shut_down("the container is gone");
  if (failure_) throw *failure_;
  if (desk_.deleted() && report_.fd() != -1)
    throw Error{ErrorKind::WrongState, fmt::format("container {} was deleted meanwhile", id_)};
}

void Supervisor::create(const CreateOptions& create, InheritedFds fds) {
  if (options_.channel) fds.channel = make_channel();
  sandbox_.workers().start(
      "ocelot-shim:create",
      [&] {
        const trace::Recording recording{create.trace};
        NewContainer made = make_container(global_, create, Caller::supervises, fds);
        Worker::Result result{.number = made.init.pid()};
        log::flush_warnings();
        result.fds.push_back(let_be_found(made));
        result.fds.push_back(made.init.release());
        if (made.terminal) result.fds.push_back(std::move(made.terminal));
        return result;
      },
      [this](Worker::Result result) { created(std::move(result)); },
      [this](const Error& error) { fail_with(error); });
  fds.close();
}

// Before the lock is let go: whoever deletes the container then finds its shim, and whoever adopts
// it later what it has to know. Returns the socket that listens.
UniqueFd Supervisor::let_be_found(NewContainer& made) const {
  try {
    save_memory(made.directory.fd(),
                {.options = options_, .terminal = static_cast<bool>(made.terminal)});
    return sys::duplicate(bind(made.directory.fd(), made.record).fd());
  } catch (...) {
    made.init = {};  // ends it
    destroy_quietly(Container{made.directory.fd(), made.record}, made.directory);
    throw;
  }
}

void Supervisor::created(Worker::Result result) {
  std::optional<control::Listener> listener;
  try {
    listener.emplace(std::move(result.fds.at(0)));
    UniqueFd init = std::move(result.fds.at(1));
    UniqueFd terminal = result.fds.size() > 2 ? std::move(result.fds[2]) : UniqueFd{};
    if (options_.keep_terminal && terminal)
      keep_terminal(look_at_container(global_, id_).get(), terminal.get(), init.get());
    sandbox_.hold(static_cast<pid_t>(result.number), std::move(init), std::move(terminal));
    if (options_.channel) {
      channel_.other.reset();
      sandbox_.hold_channel(std::move(channel_.one));
    }
    if (!options_.keep_stdin && !sandbox_.stdio().has_terminal()) sandbox_.stdio().close_stdin();
    enter_cgroup();
    serve(std::move(*listener));
  } catch (const std::exception& error) {
    listener.reset();  // who asks is to find nobody, rather than one who never answers
    return discard(Error::from(error));
  }
  if (until_ != Until::running) return report_done();
  start();
}

// With the lock, so that of two only one finds the container without a shim.
void Supervisor::adopt() {
  const ContainerDirectory locked = lock_container(global_, id_, "adopt");
  const auto memory = load_memory(locked.fd());
  if (!memory) {
    throw Error{ErrorKind::WrongState, fmt::format("container {} never had a shim", id_)}.with_hint(
        "its streams belong to whoever made it; create and run start a shim with --shim");
  }
  UniqueFd directory = look_at_container(global_, id_);
  control::Listener listener = bind(directory.get(), load_container(directory.get(), id_).record());
  sandbox_.take_over(std::move(directory), *memory);
  enter_cgroup();
  if (!options_.keep_stdin && !sandbox_.stdio().has_terminal()) sandbox_.stdio().close_stdin();
  save_memory(sandbox_.directory(), {.options = options_, .terminal = memory->terminal});
  serve(std::move(listener));
  settle_requests(sandbox_, server_->effects(), journal_);
  report_done();
}

control::Listener Supervisor::bind(int directory, const Record& record) const {
  try {
    return bind_socket(directory, members_of(options_, record.annotations));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::AlreadyExists) throw;
    throw Error{ErrorKind::AlreadyExists, fmt::format("container {} has a shim already", id_)};
  }
}

void Supervisor::start() {
  sandbox_.start([this] { report_done(); }, [this](const Error& error) { discard(error); });
}

// A container that could not be brought to where it should be is not left behind.
void Supervisor::discard(const Error& error) {
  sandbox_.workers().start(
      "ocelot-shim:delete",
      [this] {
        remove_that_one(global_, id_, sandbox_.directory(), Force::yes);
        return Worker::Result{};
      },
      [this, error](const Worker::Result&) { fail_with(error); },
      [this, error](const Error&) { fail_with(error); });
}

void Supervisor::serve(control::Listener listener, control::ServerOptions options) {
  const Record& record = sandbox_.container().record();
  control::Authority authority{members_of(options_, record.annotations),
                               [&record](const control::Credentials& peer, int pidfd) {
                                 return belongs_to_container(record.cgroup, peer.pid, pidfd);
                               }};
  options.limits.send_buffer_bytes = options.limits.receive_buffer_bytes =
      static_cast<int>(options_.socket_buffer);
  options.record = &journal_;
  options.log = [this](std::string_view text) { sandbox_.log().warning(text); };
  server_.emplace(loop_, std::move(listener), std::move(authority), desk_, std::move(options));
  journal_.open(sandbox_.directory(), server_->effects());
  desk_.serve(*server_);
  sandbox_.set_publish([this](const std::string& event) { server_->publish(event); });
  sandbox_.set_ended([this] { desk_.tell_waiters(); });
}

void Supervisor::report_done() {
  try {
    report_.tell(Step::done, sandbox_.init().pid(), {});
  } catch (const Error& error) {
    sandbox_.log().warning("whoever started the shim is gone", {{"error", error.what()}});
  }
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    sys::use_null_device_as(stream);
  report_ = Channel{UniqueFd{}};
  sys::change_directory_to("/");
}

void Supervisor::fail_with(const Error& error) {
  failure_ = error;
  leave();
}

void Supervisor::receive_signal(int signal) {
  if (sandbox_.exit()) return leave();
  sandbox_.log().info("a signal does not end the shim of a container that lives",
                      {{"signal", fmt::format("{}", signal)}});
}

// At the end of the turn: a request may be what asks for it, and its connection is still in use.
void Supervisor::leave() {
  upgrade_.reset();
  loop_.stop();
}

}  // namespace ocelot::shim
