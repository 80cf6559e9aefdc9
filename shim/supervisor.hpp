#pragma once
#include <optional>

#include "runtime/base/event_loop.hpp"
#include "runtime/channel.hpp"
#include "runtime/inherited_fds.hpp"
#include "runtime/options.hpp"
#include "shim/control/server.hpp"
#include "shim/desk.hpp"
#include "shim/reaper.hpp"
#include "shim/sandbox.hpp"
#include "shim/shim_options.hpp"

namespace ocelot::shim {

// How far the container is brought before whoever started the shim is told that it is there.
enum class Until { created, running };

// The life of a shim: makes the container, answers for it, and leaves when it is deleted.
class Supervisor {
 public:
  Supervisor(const GlobalOptions& global, const CreateOptions& create, const ShimOptions& options,
             Until until, const Channel& report);
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  // Returns the exit status of the shim.
  int run();

 private:
  void create();
  void created(Worker::Result result);
  void start();
  void discard(const Error& error);
  void serve();
  void report_done();
  void report_failure(const Error& error);
  void receive_signal(int signal);
  void leave();

  const GlobalOptions& global_;
  const CreateOptions create_;
  const ShimOptions options_;
  const Until until_;
  const Channel& report_;
  const InheritedFds inherited_fds_;

  EventLoop loop_;
  Reaper reaper_;
  Sandbox sandbox_;
  Desk desk_;
  std::optional<control::Server> server_;
  int status_ = 0;
};

}  // namespace ocelot::shim
