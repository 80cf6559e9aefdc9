#pragma once
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "runtime/base/sys_files.hpp"
#include "shim/control/client.hpp"
#include "shim/control/documents.hpp"
#include "shim/control/server.hpp"
#include "tests/support/temp_dir.hpp"

namespace ocelot::test {

// A server of its own in a thread, with a socket in a temporary directory.
//
// It serves `state` with {"status":"running"}, `kill` and the others with {"done":N}, N the number
// of effects so far; `events` subscribes; `wait` is answered by finish_waits(). A request with
// "descriptors" in its payload is answered with the descriptors it brought.
class ServerThread : public control::Handler {
 public:
  explicit ServerThread(control::ServerOptions options = {},
                        control::Authority::Members members = {},
                        control::Authority::Objection objection = {});
  ~ServerThread();

  const std::string& directory() const { return directory_.path(); }
  int directory_fd() const { return directory_fd_.get(); }
  control::Client client(const control::ClientOptions& options = {}) const;
  // A bare connection, blocking.
  UniqueFd connect() const;

  // Runs in the server's thread, between two of its turns; waits for it.
  void run(std::function<void()> task);
  template <typename Result>
  Result ask(std::function<Result()> task) {
    Result result{};
    run([&] { result = task(); });
    return result;
  }
  control::Server& server() { return *server_; }  // only within run()
  control::Metrics metrics() {
    return ask<control::Metrics>([&] { return server_->metrics(); });
  }
  void publish(const std::string& document) {
    run([&] { server_->publish(document); });
  }
  void finish_waits();

  // Within run(), or when nothing can come any more.
  std::map<std::string, unsigned> effects;  // by payload
  unsigned requests = 0, gone = 0;
  std::vector<std::string> log;
  std::function<void()> before_reply;

  void on_request(control::Request request) override;
  void on_gone(control::RequestHandle) override { ++gone; }

 private:
  void take_tasks();

  TempDir directory_;
  UniqueFd directory_fd_;
  EventLoop loop_;
  std::unique_ptr<control::Server> server_;
  sys::Pipe wake_;
  EventLoop::Watch waking_;
  std::function<void()> task_;
  sys::Pipe done_;
  std::vector<control::RequestHandle> waits_;
  std::thread thread_;
};

// Any deadline of a test that is not about deadlines.
control::Clock::time_point soon();

// How many descriptors this process has open.
unsigned open_descriptors();

}  // namespace ocelot::test
