#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "shim/control/server.hpp"
#include "shim/sandbox.hpp"

namespace ocelot::shim {

// Serves the control socket: each operation in a function of its name. Who may ask for what is
// settled by the time a request comes here.
class Desk final : public control::Handler {
 public:
  struct Supervision {
    std::function<void()> leave;  // the shim has nothing left to do here
    // Asks for another program in its place; answered by that one. Throws Error.
    std::function<void(control::RequestHandle, UniqueFd program, const control::EffectKey&)>
        upgrade;
  };
  Desk(EventLoop& loop, Sandbox& sandbox, Supervision supervision);

  void serve(control::Server& server) { server_ = &server; }
  void on_request(control::Request request) override;
  void on_gone(control::RequestHandle handle) override;
  bool deleted() const { return deleted_; }
  // The container's process, or one of exec, has ended.
  void tell_waiters();

 private:
  using Json = nlohmann::json;
  struct Waiter {
    control::RequestHandle handle;
    std::string process;  // empty: init
  };

  void state(control::RequestHandle handle);
  void events(control::RequestHandle handle, const Json& arguments);
  void start(control::RequestHandle handle);
  void kill(control::RequestHandle handle, const Json& arguments);
  void wait(control::RequestHandle handle, const Json& arguments);
  void remove(control::RequestHandle handle, const Json& arguments);
  void removed(control::RequestHandle handle);
  void finish_removal(control::RequestHandle handle);
  void shut_down(control::RequestHandle handle);
  void upgrade(control::Request& request);
  void pause(control::RequestHandle handle);
  // Freezing has begun, and takes longer than the loop waits.
  void freeze_on(control::RequestHandle handle, cgroups::Driver& cgroup,
                 std::function<void()> then);
  void resume(control::RequestHandle handle);
  void exec(control::Request& request, const Json& arguments);
  void attach(control::RequestHandle handle, const Json& arguments);
  void resize(control::RequestHandle handle, const Json& arguments);
  void channel(control::Request& request, const Json& arguments);
  void close_stdin(control::RequestHandle handle, const Json& arguments);
  // Of the process that the request names, or the container's own.
  Stdio& streams_of(const Json& arguments);
  void logs(control::RequestHandle handle, const Json& arguments);
  void open(control::RequestHandle handle, const Json& arguments);
  void status(control::RequestHandle handle, const Json& arguments);
  void processes(control::RequestHandle handle);

  void stats(control::RequestHandle handle, const Json& arguments);
  void stream(control::RequestHandle handle, std::chrono::milliseconds interval);
  // Gathered once a turn, whoever asks: it is a hundred system calls.
  const std::string& figures();
  void update(control::RequestHandle handle, const Json& arguments);

  // `act` by a worker, then `then` here; the answer has no content.
  void delegate(control::RequestHandle handle, const char* name, const std::function<void()>& act,
                std::function<void()> then = {});
  void done(control::RequestHandle handle);
  void leave_if_deleted();

  EventLoop& loop_;
  Sandbox& sandbox_;
  const Supervision supervision_;
  control::Server* server_ = nullptr;
  bool deleted_ = false;
  // The answer that is given most, as it was given last.
  struct {
    oci::Status of;
    std::string text;
  } state_{};
  struct {
    std::chrono::steady_clock::time_point turn;
    std::string text;
  } figures_{};
  std::vector<Waiter> waiters_;
  std::map<control::RequestHandle, EventLoop::Watch> streams_;  // until the next figures
};

}  // namespace ocelot::shim
