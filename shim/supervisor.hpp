#pragma once
#include <optional>
#include <string>

#include "runtime/base/event_loop.hpp"
#include "runtime/channel.hpp"
#include "runtime/creation.hpp"
#include "runtime/inherited_fds.hpp"
#include "runtime/options.hpp"
#include "shim/control/server.hpp"
#include "shim/desk.hpp"
#include "shim/oom_score.hpp"
#include "shim/re_execution.hpp"
#include "shim/reaper.hpp"
#include "shim/request_journal.hpp"
#include "shim/sandbox.hpp"
#include "shim/shim_cgroup.hpp"
#include "shim/shim_options.hpp"

namespace ocelot::shim {

// How far the container is brought before whoever started the shim is told that it is there.
// `attended` is `created` by one who stays with it until it ends.
enum class Until { created, attended, running };

// The life of a shim: makes the container or takes it over, answers for it, and leaves when it is
// deleted.
class Supervisor {
 public:
  Supervisor(const GlobalOptions& global, std::string id, const ShimOptions& options,
             Channel& report);
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  // Makes a container, for which `fds` were reserved before this object was made, and stays with
  // it.
  void run_new(const CreateOptions& create, InheritedFds fds, Until until);
  // Takes over a container whose shim is gone, and stays with it.
  void run_adopting();
  // Takes over from the program that executed this one; stay() is to follow. When it throws, the
  // inheritance can still be given back.
  void go_on(Inheritance& inheritance);
  // Returns when the container has been deleted; throws what could not be done for whoever started
  // the shim. Then nothing is left but what the destructor takes away.
  void stay();

 private:
  // A program that is asked to take this one's place, once nothing is under way.
  struct Upgrade {
    control::RequestHandle request;
    control::EffectKey key;
    UniqueFd listener;
    ReExecution execution;
    EventLoop::Watch turn_end, patience;
  };

  void become_copy() const;
  void begin_session();
  void upgrade(control::RequestHandle request, UniqueFd program, const control::EffectKey& key);
  void upgrade_when_settled();
  void refuse_upgrade(const Error& error);
  [[noreturn]] void execute_upgrade();
  void answer_upgrade(const Handover& handover);
  void set_oom_score();
  void enter_cgroup();
  // The number of the container's end, made above those that the caller hands on.
  int make_channel();
  void create(const CreateOptions& create, InheritedFds fds);
  void adopt();
  UniqueFd let_be_found(NewContainer& made) const;
  void created(Worker::Result result);
  void start();
  void discard(const Error& error);
  // `options`: of a server that this one goes on for, if there was one.
  void serve(control::Listener listener, control::ServerOptions options = {});
  control::Listener bind(int directory, const Record& record) const;
  void report_done();
  void fail_with(const Error& error);
  void receive_signal(int signal);
  void leave();

  const GlobalOptions& global_;
  const std::string id_;
  const ShimOptions options_;
  Channel& report_;
  Until until_ = Until::created;

  ShimCgroup cgroup_;  // left after the workers, who are in it, have been ended
  EventLoop loop_;
  Reaper reaper_;
  Sandbox sandbox_;
  Desk desk_;
  RequestJournal journal_;
  std::optional<control::Server> server_;
  std::optional<Upgrade> upgrade_;
  OomScore oom_score_;
  control::SocketPair channel_;  // ours and the container's end, until the container has it
  std::optional<Error> failure_;
};

}  // namespace ocelot::shim
